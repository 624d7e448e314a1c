"""Words that stand side by side without belonging together, and words in corners of real files."""

from __future__ import annotations

import pytest

from tests.files.building import DRAWING, pdf, pptx, shape
from tests.files.reading import read


def words(data: bytes, extension: str) -> str:
    return read(data, extension).text


def test_the_raised_number_of_a_note_is_no_part_of_the_word_before_it() -> None:
    page = (
        b"BT /F1 12 Tf 50 700 Td (the evidence) Tj /F1 7 Tf 64 5 Td (3,4) Tj "
        b"/F1 12 Tf 14 -5 Td ( holds for 20 m) Tj /F1 7 Tf 74 5 Td (2) Tj ET"
    )
    assert words(pdf(page), "pdf") == "the evidence 3,4 holds for 20 m2"
    sunk = b"BT /F1 12 Tf 50 700 Td (the gas) Tj /F1 7 Tf 40 -3 Td (2) Tj ET"
    assert words(pdf(sunk), "pdf") == "the gas2"
    for html in ("word<a href='#n'><sup>1</sup></a>.", "word<sup><a href='#n'>1</a></sup>."):
        assert words(f"<p>{html} 5 m<sup>2</sup></p>".encode(), "html") == "word 1. 5 m2"


def test_a_point_of_a_list_and_its_paragraph_are_one_line() -> None:
    html = b"<ul><li><p>keys</p></li><li>\n <div>lamps</div></li></ul><ol><li><p>ring</p></ol>"
    assert words(html, "html").split() == "• keys • lamps 1. ring".split()
    assert "•\n" not in words(html, "html")


def test_bullets_of_fonts_of_symbols_are_bullets() -> None:
    assert words("\uf095 keys\n \ue00c lamps".encode(), "txt") == "• keys\n• lamps"
    assert words("S\uf095 t".encode(), "txt") == "S\uf095 t"


def test_notes_of_libreoffice_in_rich_text_are_read_and_its_first_author_counts() -> None:
    text = (
        rb"{\rtf1{\info{\author Olu}{\author Second}}Keys"
        rb"{\super\chftn{\*\footnote\chftn\pard At the foot}}, and"
        rb"{\shp{\*\shpinst{\shptxt In a box\par}}} on}"
    )
    result = read(text, "rtf")
    assert result.author == "Olu"
    found = {each.label: each.text for each in result.passages}
    assert found == {"text": "Keys, and\nIn a box\non", "footnotes": "At the foot"}


def test_whatever_stands_on_a_page_of_notes_is_read_but_its_number_and_date() -> None:
    box = f"<p:sp><p:txBody><a:p {DRAWING}><a:r><a:t>In a box</a:t></a:r></a:p></p:txBody></p:sp>"
    notes = shape("12", kind="sldNum") + shape("Spoken") + box + shape("1 May", kind="dt")
    assert words(pptx(shape("Title"), notes=notes), "pptx") == "Title\n\nNotes: Spoken\n\nIn a box"


@pytest.mark.parametrize("ending", ["Costs £5", "Café", "Zoë"])
def test_the_last_letter_of_a_short_text_is_kept_whatever_its_encoding(ending: str) -> None:
    assert words(ending.encode("cp1252"), "txt") == ending
    assert words(ending.encode(), "txt") == ending
    # Cut in the middle of its last letter, a file of UTF-8 stays what it is.
    assert words(f"café {ending[:2]}é".encode()[:-1], "txt") == f"café {ending[:2]}"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_bare_letters_in_the_headers_of_an_e_mail_are_read(encoding: str) -> None:
    mail = "Subject: Café\nFrom: Zoë <z@example.org>\n\nwords".encode(encoding)
    result = read(mail, "eml")
    assert (result.title, result.author) == ("Café", "Zoë <z@example.org>")
    assert result.text == "Subject: Café\nFrom: Zoë <z@example.org>\n\nwords"
