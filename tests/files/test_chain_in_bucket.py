"""Everything that is optional at once: files in a bucket, scanned by clamd, read by tesseract."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from km_pages.actions.store_file import StoreFile
from km_pages.drain import drain
from km_pages.files import ocr
from km_pages.models import ScanState, StoredFile, TextState
from km_pages.models.files import knowledge_storage
from km_pages.work import run_due_jobs
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from tests.files.building import docx, paragraph
from tests.files.clamd import CLAMD, EICAR, Scanner
from tests.files.s3_server import Server
from tests.files.test_read_job import scan
from tests.pages.adding import client_of
from tests.pages.indexing import found_by
from tests.toolkit.handovers import Cast, cast

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(CLAMD is None, reason="clamd is not installed: the chain was NOT tested"),
    pytest.mark.skipif(not ocr.languages(), reason="no tesseract: the chain was NOT tested"),
]
SCAN = scan("Ring the laboratory", "Feed the printer")
NOTES = docx(paragraph("The van leaves at seven"))


def given_away(ward: Cast) -> dict[str, StoredFile]:
    """Three files of the leaver, one of them with a virus, in an output that was shared."""
    files = {
        name: StoreFile(uploader=ward.leaver, name=name, stream=ContentFile(content)).execute()
        for name, content in (
            ("scan.pdf", SCAN),
            ("notes.docx", NOTES),
            ("bad.docx", docx(paragraph("Plan"), parts={"word/media/image1.bin": EICAR})),
        )
    }
    output = CaptureOutput(
        handover=ward.handover,
        by=ward.leaver,
        title="What I leave",
        files=[each.pk for each in files.values()],
    ).execute()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=output).execute()
    return files


def work(files: dict[str, StoredFile]) -> None:
    run_due_jobs()
    drain()
    for each in files.values():
        each.refresh_from_db()


def status(person: Any, stored: StoredFile) -> int:
    address = reverse("km_pages:file", args=[stored.uuid, stored.name])
    return client_of(person).get(address).status_code


def packed(ward: Cast) -> dict[str, bytes]:
    """The files in the handover's ZIP, as the successor gets it."""
    address = reverse("km_toolkit:pack_archive", args=[ward.handover.pk])
    answer = client_of(ward.successor).get(address)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist() if name.startswith("files/")}


def test_files_in_a_bucket_are_scanned_read_off_drawn_found_and_packed(
    bucket: Server, scanner: Scanner, settings: Any
) -> None:
    settings.KM_SENDFILE = "signed"
    ward = cast()
    files = given_away(ward)
    paper, _notes, bad = files.values()
    assert {status(ward.successor, each) for each in files.values()} == {404}
    assert packed(ward) == {}
    work(files)
    states = [each.scan_state for each in files.values()]
    assert states == [ScanState.CLEAN, ScanState.CLEAN, ScanState.INFECTED]
    assert (paper.text_state, paper.recognised, paper.pages) == (TextState.READ, True, 2)
    assert (bad.passages.count(), bad.thumbnail.name) == (0, "")
    found = {(each.file_name, each.file_label) for each in found_by(ward.successor, "printer").hits}
    assert found == {("scan.pdf", "page 2, scanned")}
    assert found_by(ward.other, "printer").hits == ()
    assert found_by(ward.successor, '"van leaves at seven"').hits[0].file_name == "notes.docx"
    assert [status(ward.successor, each) for each in files.values()] == [302, 302, 404]
    small = client_of(ward.successor).get(reverse("km_pages:file_thumbnail", args=[paper.uuid]))
    assert Image.open(io.BytesIO(b"".join(small.streaming_content))).format == "JPEG"
    # The archive is made here, so the bytes go through the site, whatever single files do.
    assert packed(ward) == {"files/scan.pdf": SCAN, "files/notes.docx": NOTES}
    kept = {each.key for each in knowledge_storage().bucket.objects.all()}
    assert kept == {each.blob.name for each in files.values()} | {paper.thumbnail.name}
    assert not (Path(settings.KM_VAR) / "files").exists()


def test_while_the_bucket_is_away_no_archive_lacks_a_file_without_saying_so(
    bucket: Server, scanner: Scanner
) -> None:
    ward = cast()
    files = given_away(ward)
    work(files)
    bucket.down = True
    client = client_of(ward.successor)
    client.raise_request_exception = False
    answer = client.get(reverse("km_toolkit:pack_archive", args=[ward.handover.pk]))
    assert answer.status_code == 503
    assert "Nothing is lost" in answer.content.decode()
    bucket.down = False
    assert set(packed(ward)) == {"files/scan.pdf", "files/notes.docx"}


def test_an_archive_says_which_file_is_lost_and_holds_the_rest(
    bucket: Server, scanner: Scanner
) -> None:
    ward = cast()
    files = given_away(ward)
    work(files)
    knowledge_storage().delete(str(files["scan.pdf"].blob.name))
    assert set(packed(ward)) == {"files/scan.pdf.missing.txt", "files/notes.docx"}
