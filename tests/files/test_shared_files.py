"""Real documents that nobody here wrote: a person and the search see the same words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from km_pages.files.formats import format_of
from km_pages.files.reading import ExtractResult, read_text

# For each file: its passages that must be there, by label, and what must stand in them.
SEEN: dict[str, dict[str, list[str]]] = {
    "fake_memo.pdf": {"page 1": ["To Whom it May Concern:", "200 laptops delivered", "Mallori"]},
    "multi_page.pdf": {
        "page 1": ["The Evolution of the Word Processor", "• IBM MT/ST (Magnetic Tape"],
        "page 2": ["WordPerfect, which was popular among legal"],
        "page 3": ["Specialized Word Processing Tools", "1. Undo/Redo: Introduced in the 1980s"],
    },
    "pdflatex-4-pages.pdf": {
        "page 1": ["Hello, here is some text without a meaning.", "“Huardest gefburn”? Kjift"],
        "page 4": ["Hello, here is some text"],
    },
    "sample_contract.pdf": {
        "page 1": ["PROFESSIONAL SERVICES AGREEMENT", "SANTA\nCRUZ COUNTY REGIONAL"],
        "page 3": ["insurance coverage from each subconsultant"],
        "page 5": [
            "or permit discrimination against any employee",
            "Federal, State and local laws",
        ],
        "page 10": ["IN WITNESS WHEREOF, the parties hereto", "TRANSPORTATION COMMISSION"],
    },
    # Letters that its scanner laid over the picture; the words of the picture come by tesseract.
    "scanned.pdf": {
        "page 1, scanned": ["State universities and community college retirees", "SUAACTION"]
    },
    "the_hideous_name_1985_pike85hideous.pdf": {
        "page 1": ["The Hideous Name", "criteria for distinguishing good names from bad"],
        "page 4": ["UCBVAX::SYS$DISK:[ROB.BIN]CAT_V.EXE;13", "deliberately hides"],
        "page 7": ["signifying"],
    },
    "with-attachment.pdf": {"page 1": ["Lorem ipsum dolor sit amet", "takimata sanctus est"]},
    "right_to_left_01.pdf": {
        "page 1": ["تحسين الإنتاجية وحل المشكلات من خلال البرمجة بلغة R وPython", "الشخصي والمهني"]
    },
    "docx_tables.docx": {
        "text": [
            "Header Col 1 | Header Col 2\nLorem ipsum | A link example",
            ">b<",
            "g&t",
            "Nested Table",
        ]
    },
    "unit_test_lists.docx": {
        "page 1": ["Test 2:\n1. List item a\n2. List item b\n3. List item c", "• List item 1.1.1"],
        "page 2": ["Test 6:\n• List item 1"],
    },
    "word_sample.docx": {
        "page 1": ["Summer activities", "Figure 1: This is a cute duckling", "1. Wear sunglasses"],
        "page 2": ["| Food | Calories per portion\nLeaves | Ash, Elm, Maple | 50"],
    },
    "powerpoint_with_image.pptx": {"slide 1": ["Docling", "Image test"]},
    "simple.pptx": {
        "slide 1": ["Title Slide\n\nWith a subtitle"],
        "slide 2": ["How much is enough?\nIf not now when?"],
    },
    "stanley_cups.xlsx": {
        "sheet Stanley Cups": [
            "Team | Location | Stanley Cups\nBlues | STL | 1",
            "Maple Leafs | TOR | 13",
        ],
        "sheet Stanley Cups Since 67": ["Maple Leafs | TOR | 0"],
    },
    "test_01.xlsx": {
        "sheet Sheet1": ["first | second | third\n1 | 5 | 9"],
        "sheet Sheet2": ["col-1 | col-2 | col-3 | col-4"],
        "sheet Sheet3": ["first (f) | header (f)"],
    },
    "simple.odt": {"text": ["my favorite things:\n• Parrots", "• Hockey", "DOYLESTOWN, PA 18901"]},
    "tableWithContents.odt": {"text": ["A | B\nC | D"]},
    "table_simple.rtf": {"text": ["A | B | C | D\nE | F | G | H"]},
    "word_sample.rtf": {
        "text": [
            "Let’s swim!",
            "• You can relax and look around",
            "| Food | Calories per portion\nLeaves | Ash, Elm, Maple | 50",
        ]
    },
    "complex_headers.eml": {
        "message": [
            "Subject: Complex Email with Multiple Recipients",
            'To: "Recipient One" <recipient1@example.com>, recipient2@example.com',
            "Bcc: bcc@example.com",
            "- Properly quoted names in email addresses",
        ]
    },
    # The PDF inside is cut off in the middle of its first page: there are no words in it.
    "mailgun_pdf_attachment.eml": {"message": ["Test - body content", "Attachments: test.pdf"]},
    "complex_table.html": {
        "text": [
            "Region | 2024 Sales (in thousands) | Total",
            "USA | $150 | $180 | $165 | $200 | $695",
            "Growth Rate | 10% | 17% | ✓ Exceeded",
        ]
    },
    "README.md": {"text": ["# Real files to feed the repository with"]},
}
NOT_SEEN = {
    "complex_table.html": ["border-collapse", "Complex Table Test"],
    "mailgun_pdf_attachment.eml": ["preamble", "epilogue", "boundary"],
    "word_sample.rtf": ["\\par", "Times", "HYPERLINK"],
}
FACTS = {
    "fake_memo.pdf": {"title": "fake-memo", "pages": 1},
    "sample_contract.pdf": {"title": "SampleContract-Shuttle", "author": "kshultz", "pages": 10},
    "right_to_left_01.pdf": {"author": "Ahmad Jaber T Algadeeb", "language": "en-US"},
    "simple.pptx": {"title": "Title Slide", "author": "Steve Canny", "pages": 2},
    "word_sample.docx": {"author": "Christoph Auer", "pages": 2},
    "complex_headers.eml": {"title": "Complex Email with Multiple Recipients"},
}


def read(folder: Path, name: str) -> ExtractResult:
    found = format_of(name)
    assert found is not None
    return read_text(folder / "files" / name, extension=found.extension)


@pytest.mark.parametrize("name", SEEN)
def test_the_words_that_a_person_sees_are_read(shared_folder: Path, name: str) -> None:
    result = read(shared_folder, name)
    assert (result.state, result.reason_code, result.truncated) == ("read", "", False)
    texts = {each.label: each.text for each in result.passages}
    for label, wanted in SEEN[name].items():
        for words in wanted:
            assert words in texts[label], texts[label]
    for words in NOT_SEEN.get(name, []):
        assert words not in result.text


@pytest.mark.parametrize("name", FACTS)
def test_what_a_document_says_of_itself_is_read(shared_folder: Path, name: str) -> None:
    result = read(shared_folder, name)
    assert {each: getattr(result, each) for each in FACTS[name]} == FACTS[name]


def test_every_shared_file_has_its_words_here(shared_folder: Path) -> None:
    names = {path.name for path in (shared_folder / "files").iterdir()}
    assert names == {*SEEN, "password.pdf"}


@pytest.mark.parametrize("name", SEEN)
def test_text_is_clean(shared_folder: Path, name: str) -> None:
    for passage in read(shared_folder, name).passages:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u200e\u202a-\u202e\ufb00-\ufb06]", passage.text)
        assert "  " not in passage.text
        assert passage.text == passage.text.strip()


def test_a_pdf_with_a_password_is_protected_and_says_so(shared_folder: Path) -> None:
    """Case 2."""
    result = read(shared_folder, "password.pdf")
    assert (result.state, result.reason_code) == ("unreadable", "protected")
    assert "protected by a password: its name can be found, its text cannot" in result.reason
