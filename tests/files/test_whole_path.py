"""Real documents on the whole path: through the public form, read, indexed, found, given out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from km_pages.drain import drain
from km_pages.files import ocr
from km_pages.files.drawing import page_for_ocr
from km_pages.files.formats import format_of
from km_pages.models import KnowledgeAssetPage, StoredFile, TextState
from km_pages.work import run_due_jobs
from tests.files.test_shared_files import SEEN
from tests.pages.adding import World, add, client_of, make_world
from tests.pages.indexing import found_by

pytestmark = pytest.mark.django_db

# For each file: words that stand in no other, and where a person sees them.
WORDS: dict[str, tuple[str, str]] = {
    "fake_memo.pdf": ('"200 laptops delivered"', "page 1"),
    "multi_page.pdf": ('"Specialized Word Processing Tools"', "page 3"),
    "pdflatex-4-pages.pdf": ("Huardest gefburn", "page 1"),
    "sample_contract.pdf": ('"IN WITNESS WHEREOF"', "page 10"),
    "scanned.pdf": ('"retirees, spouses and survivors"', "page 1, scanned"),
    "the_hideous_name_1985_pike85hideous.pdf": ('"criteria for distinguishing"', "page 1"),
    "with-attachment.pdf": ('"takimata sanctus"', "page 1"),
    "right_to_left_01.pdf": ("الإنتاجية", "page 1"),
    "docx_tables.docx": ('"Nested Table"', "text"),
    "unit_test_lists.docx": ('"List item 1.1.1"', "page 1"),
    "word_sample.docx": ('"cute duckling"', "page 1"),
    "powerpoint_with_image.pptx": ("Docling", "slide 1"),
    "simple.pptx": ('"If not now when"', "slide 2"),
    "stanley_cups.xlsx": ('"Maple Leafs"', "sheet Stanley Cups"),
    "test_01.xlsx": ('"header (f)"', "sheet Sheet3"),
    "simple.odt": ("Doylestown", "text"),
    "tableWithContents.odt": ('"A B C D"', "text"),
    "table_simple.rtf": ('"E F G H"', "text"),
    "word_sample.rtf": ('"Figure 1"', "text"),
    "complex_headers.eml": ('"bcc@example.com"', "message"),
    "mailgun_pdf_attachment.eml": ('"body content"', "message"),
    "complex_table.html": ('"2024 Sales"', "text"),
    "README.md": ('"feed the repository"', "text"),
}


def share(world: World, name: str, content: bytes) -> StoredFile:
    """Give ``name`` to the team by the public form, as a browser without script does."""
    given = SimpleUploadedFile(name, content, content_type="application/octet-stream")
    answer = add(
        client_of(world.author),
        title=f"About {name}",
        summary="",
        notes="",
        files=[given],
        do="share",
    )
    if answer.status_code == 200 and b"looked" in answer.content:
        # It looks as if it named private persons: the form asks once more.
        shown = answer.context["signs"]
        kept = [str(each.pk) for each in answer.context["files"]]
        answer = add(
            client_of(world.author),
            title=f"About {name}",
            summary="",
            notes="",
            kept=kept,
            looked=shown.digest,
            do="share",
        )
    assert answer.status_code == 302, (name, answer.content[-3000:])
    return StoredFile.objects.get(name=name)


def settle() -> None:
    run_due_jobs()
    drain()


def test_every_shared_file_is_found_at_its_page_and_given_out_as_it_came(
    shared_folder: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    # No worker runs beside the test: nobody needs to be waited for.
    monkeypatch.setattr("km_pages.views.add.WAIT_SECONDS", 0)
    world = make_world()
    names = sorted(path.name for path in (shared_folder / "files").iterdir())
    assert set(WORDS) == set(SEEN)
    assert set(names) == {*WORDS, "password.pdf"}
    for name in names:
        share(world, name, (shared_folder / "files" / name).read_bytes())
    settle()
    member = client_of(world.member)
    for name in names:
        stored = StoredFile.objects.get(name=name)
        known = format_of(name)
        assert known is not None
        assert (stored.mime, stored.extension) == (known.mime, known.extension)
        address = reverse("km_pages:file", args=[stored.uuid, stored.name])
        given = b"".join(member.get(address).streaming_content)
        assert given == (shared_folder / "files" / name).read_bytes()
    missed = []
    for name, (query, label) in WORDS.items():
        hits = {
            (each.file_name, each.file_label)
            for each in found_by(world.member, query).hits
            if each.title == f"About {name}"
        }
        if hits != {(name, label)}:
            missed.append((name, query, hits))
        assert found_by(world.stranger, query).hits == ()
    assert missed == []


def test_a_file_with_a_password_is_found_by_its_name_and_says_why_not_by_its_text(
    shared_folder: Path,
) -> None:
    world = make_world()
    share(world, "password.pdf", (shared_folder / "files" / "password.pdf").read_bytes())
    settle()
    assert [each.title for each in found_by(world.member, "password.pdf").hits] == [
        "About password.pdf"
    ]
    item = KnowledgeAssetPage.objects.get()
    shown = client_of(world.author).get(item.url).content.decode()
    assert "protected by a password: its name can be found, its text cannot" in shown


@pytest.mark.skipif(not ocr.languages(), reason="tesseract is not installed: OCR was NOT tested")
def test_the_picture_of_a_page_is_read_by_tesseract_and_found_at_that_page(
    shared_folder: Path,
) -> None:
    """The shared scan has a layer of text; here is what a scanner without one makes of it."""
    pages = []
    for number in (1, 1):
        drawn = page_for_ocr(shared_folder / "files" / "scanned.pdf", extension="pdf", page=number)
        assert drawn is not None
        pages.append(Image.open(io.BytesIO(drawn)))
    paper = io.BytesIO()
    pages[0].save(paper, "PDF", resolution=300, save_all=True, append_images=pages[1:])
    world = make_world()
    stored = share(world, "from the scanner.pdf", paper.getvalue())
    settle()
    stored.refresh_from_db()
    assert (stored.text_state, stored.recognised) == (TextState.READ, True)
    hit = found_by(world.member, '"community college retirees"').hits[0]
    assert hit.file_name == "from the scanner.pdf"
    assert hit.file_label in ("page 1, scanned", "page 2, scanned")
