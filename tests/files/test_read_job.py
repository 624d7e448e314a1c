"""The worker's work on one file: words, facts, small picture, scans, photographs."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from km_pages.actions.store_file import StoreFile
from km_pages.files import ocr
from km_pages.models import Job, StoredFile, TextState
from km_pages.models.files import knowledge_storage
from km_pages.private_data import signs_in
from km_pages.sweep import sweep
from km_pages.tasks import read_scans as scans
from km_pages.work import TASKS, run_due_jobs
from tests.factories import UserFactory
from tests.files.building import pdf, written

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

needs_tesseract = pytest.mark.skipif(
    not ocr.languages(), reason="tesseract is not installed: reading of scans was NOT tested"
)


def store(name: str, content: bytes) -> StoredFile:
    return StoreFile(uploader=UserFactory(), name=name, stream=ContentFile(content)).execute()


def work(stored: StoredFile) -> StoredFile:
    run_due_jobs()
    stored.refresh_from_db()
    return stored


def writing(text: str, size: tuple[int, int] = (1200, 300)) -> Image.Image:
    """A picture of ``text`` in black on white."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((60, 90), text, "black", font=ImageFont.load_default(size=72))
    return picture


def bytes_of(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def scan(*texts: str) -> bytes:
    """A PDF of pictures of pages."""
    first, *more = [writing(text) for text in texts]
    return bytes_of(first, "PDF", save_all=True, append_images=more)


def on_disk(folder: Path) -> list[Path]:
    return [each for each in (folder / "files").rglob("*") if each.is_file()]


def test_a_pdf_gets_its_facts_and_a_small_picture_of_its_first_page(tmp_path: Path) -> None:
    stored = work(store("plan.pdf", pdf(written("Ring the lab"), written("Second page"))))
    assert (stored.text_state, stored.pages, stored.recognised) == (TextState.READ, 2, False)
    assert [each.number for each in stored.passages.all()] == [1, 2]
    with stored.thumbnail.open("rb") as drawn:
        picture = Image.open(io.BytesIO(drawn.read()))
    assert picture.format == "JPEG"
    assert max(picture.size) == 480
    assert len(on_disk(tmp_path)) == 2
    sweep()
    assert len(on_disk(tmp_path)) == 2


def test_a_word_file_has_no_small_picture_and_that_is_no_fault(tmp_path: Path) -> None:
    stored = work(store("notes.txt", b"Ring the lab first."))
    assert not stored.thumbnail
    assert Job.objects.filter(state="dead").count() == 0


@needs_tesseract
def test_a_scan_is_read_off_page_by_page_and_marked(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(scans, "PAGES_AT_ONCE", 2)
    stored = store("scan.pdf", scan("Ring the laboratory", "Feed the printer", "Lock the cupboard"))
    seen = []

    def beginning(job: str) -> None:
        stored.refresh_from_db()
        seen.append((stored.ocr_next, stored.text_state))
        original(job)

    original = scans.read_scan
    monkeypatch.setitem(TASKS, scans.READ_SCAN, beginning)
    work(stored)
    # Two slices: the first leaves what it found, so that a kill loses only the second.
    assert seen == [(1, TextState.WAITING), (3, TextState.READ)]
    passages = list(stored.passages.all())
    assert [each.label for each in passages] == [f"page {n}, scanned" for n in (1, 2, 3)]
    assert "laboratory" in passages[0].text
    assert "cupboard" in passages[2].text
    assert all(each.recognised for each in passages)
    assert (stored.recognised, stored.ocr_next, stored.reason) == (True, None, "")


def searchable_scan(picture: str, *letters: str) -> bytes:
    """A PDF as scanners make them: the picture of a page and, unseen, what they took it to say."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 150))
    canvas.drawImage(ImageReader(writing(picture)), 0, 0, 600, 150)
    unseen = canvas.beginText(30, 60)
    unseen.setTextRenderMode(3)
    for each in letters:
        unseen.textLine(each)
    canvas.drawText(unseen)
    canvas.save()
    return out.getvalue()


@needs_tesseract
def test_what_a_scanner_misread_gives_way_to_what_the_picture_says_and_only_then() -> None:
    misread = work(store("a.pdf", searchable_scan("Ring the survivors", "RiNg tlie SUNivors")))
    assert misread.passages.get().text == "Ring the survivors"
    # The picture says less than the scanner did: a better camera, a lighter page.
    known = searchable_scan("Ring", "Ring the survivors before noon")
    kept = work(store("b.pdf", known)).passages.get()
    assert (kept.text, kept.label) == ("Ring the survivors before noon", "page 1, scanned")
    assert kept.recognised


def test_where_nothing_can_be_read_off_the_words_of_the_scanner_are_kept_and_marked(
    settings: Any,
) -> None:
    settings.KM_OCR_LANGUAGES = ""
    stored = work(store("a.pdf", searchable_scan("Ring the survivors", "Ring tlie SUNivors")))
    assert (stored.text_state, stored.recognised) == (TextState.READ, True)
    passage = stored.passages.get()
    assert (passage.text, passage.recognised) == ("Ring tlie SUNivors", True)


@needs_tesseract
def test_the_words_on_a_photograph_are_found_and_nothing_is_made_of_a_plain_one() -> None:
    board = work(store("board.png", bytes_of(writing("Discharge checklist"), "PNG")))
    assert board.text_state == TextState.READ
    assert board.passages.get().text == "Discharge checklist"
    plain = work(store("sky.png", bytes_of(Image.new("RGB", (400, 300), "lightblue"), "PNG")))
    assert (plain.text_state, plain.passages.count()) == (TextState.NO_TEXT, 0)


@needs_tesseract
def test_a_scan_is_not_shared_unseen_while_it_is_being_read() -> None:
    stored = store("scan.pdf", scan("Ring the laboratory"))
    assert scans.begin(stored)
    stored.text_state = TextState.READ
    stored.save()
    assert signs_in("", [stored]).unread == ("scan.pdf",)


def test_without_tesseract_a_scan_says_what_to_do(settings: Any) -> None:
    settings.KM_OCR_LANGUAGES = ""
    stored = work(store("scan.pdf", scan("Ring the laboratory")))
    assert (stored.text_state, stored.ocr_next) == (TextState.UNREADABLE, None)
    assert "looks like a scan" in stored.reason
    assert Job.objects.filter(kind=scans.READ_SCAN).count() == 0


def test_a_forgotten_scan_is_taken_up_again_by_the_sweep(settings: Any) -> None:
    settings.KM_OCR_LANGUAGES = ""
    stored = work(store("scan.pdf", scan("Ring the laboratory")))
    an_hour_ago = timezone.now() - timedelta(hours=1)
    StoredFile.objects.update(ocr_next=1, created_at=an_hour_ago)
    assert sweep().resumed == 1
    assert Job.objects.get(kind=scans.READ_SCAN).target == str(stored.pk)


def test_a_heic_photograph_becomes_a_jpeg_that_tells_no_place(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    from pillow_heif import register_heif_opener  # only here is one made

    register_heif_opener()
    place = Image.Exif()
    place[0x010F] = "Camera of Nadia"
    photograph = bytes_of(writing("Discharge checklist"), "HEIF", exif=place)
    assert b"Camera of Nadia" in photograph
    stored = store("board.heic", photograph)
    assert not stored.is_servable
    with django_capture_on_commit_callbacks(execute=True):
        work(stored)
    assert stored.is_servable
    assert (stored.name, stored.extension, stored.mime) == ("board.jpg", "jpg", "image/jpeg")
    with stored.blob.open("rb") as content:
        kept = content.read()
    assert b"Camera of Nadia" not in kept
    assert Image.open(io.BytesIO(kept)).size == (1200, 300)
    assert stored.size == len(kept)
    # What came is gone: only the JPEG and its small picture are left.
    assert len(on_disk(tmp_path)) == 2


def test_a_photograph_that_cannot_be_converted_is_kept_back_and_says_so() -> None:
    stored = store("board.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + heic_size() + b"\0" * 400)
    work(stored)
    assert (stored.text_state, stored.is_servable) == (TextState.UNREADABLE, False)
    assert "kept back" in stored.reason
    assert stored not in StoredFile.objects.servable()


def heic_size() -> bytes:
    """A ``meta`` box that says 40 by 30 pixels and holds no picture."""
    return b"\0\0\0\x20meta\0\0\0\x14ispe\0\0\0\0\0\0\0\x28\0\0\0\x1e" + b"\0" * 4


def test_a_swept_file_takes_its_small_picture_with_it(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    work(store("plan.pdf", pdf(written("Ring the lab"))))
    long_ago = timezone.now() - timedelta(days=8)
    StoredFile.objects.update(created_at=long_ago, unused_since=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert not StoredFile.objects.exists()
    assert on_disk(tmp_path) == []
    assert knowledge_storage() is not None
