"""A real clamd with a signature of our own: found in every wrapping, waited for, never guessed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from km_pages.actions.store_file import StoreFile
from km_pages.models import Job, JobState, ScanState, StoredFile, TextState
from km_pages.work import run_due_jobs
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory
from tests.files.building import docx, paragraph, zipped
from tests.files.clamd import CLAMD, EICAR, Scanner
from tests.pages.adding import World, client_of, make_world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(CLAMD is None, reason="clamd is not installed: virus checks NOT tested"),
]
MEBIBYTE = 1024 * 1024


def store(uploader: Any, name: str, content: bytes) -> StoredFile:
    return StoreFile(uploader=uploader, name=name, stream=ContentFile(content)).execute()


def work(stored: StoredFile) -> StoredFile:
    Job.objects.update(next_try_at=timezone.now())
    run_due_jobs()
    stored.refresh_from_db()
    return stored


def attached(world: World, stored: StoredFile) -> None:
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author)
    AttachmentFactory(page=item, stored_file=stored)


def gets(user: Any, stored: StoredFile) -> int:
    address = reverse("km_pages:file", args=[stored.uuid, stored.name])
    return client_of(user).get(address).status_code


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", EICAR),
        ("plan.docx", docx(paragraph("Plan"), parts={"word/media/image1.bin": EICAR})),
        ("folder.zip", zipped({"inner.zip": zipped({"notes.txt": EICAR})})),
    ],
)
def test_a_virus_is_found_in_every_wrapping_kept_from_everybody_and_told(
    scanner: Scanner, settings: Any, mailoutbox: Any, name: str, content: bytes
) -> None:
    """Case 12."""
    settings.KM_UPLOAD_ZIP = True
    world = make_world()
    stored = store(world.author, name, content)
    attached(world, stored)
    work(stored)
    assert stored.scan_state == ScanState.INFECTED
    assert stored.text_state in (TextState.WAITING, TextState.NO_TEXT)
    assert not stored.passages.exists()
    for person in (world.author, world.steward, world.member, world.stranger):
        assert gets(person, stored) == 404
    told = {address for mail in mailoutbox for address in mail.to}
    assert told == {"ann@example.org", "stella@example.org"}
    assert name in mailoutbox[0].subject
    entry = ModelLogEntry.objects.get(action="km_pages.infected")
    assert entry.data["virus"].startswith("Test.Eicar")


def test_while_clamd_is_away_a_file_waits_unseen_and_is_checked_when_it_is_back(
    scanner: Scanner,
) -> None:
    """Case 13."""
    world = make_world()
    stored = store(world.author, "notes.txt", b"Ring the lab first.")
    attached(world, stored)
    scanner.kill()
    for _more_often_than_a_job_is_tried in range(5):
        work(stored)
    assert stored.scan_state == ScanState.PENDING
    assert Job.objects.get(target=str(stored.pk)).state == JobState.WAITING
    assert [gets(each, stored) for each in (world.author, world.steward)] == [200, 200]
    assert [gets(each, stored) for each in (world.member, world.stranger)] == [404, 404]
    scanner.start()
    work(stored)
    assert (stored.scan_state, stored.text_state) == (ScanState.CLEAN, TextState.READ)
    assert stored.scanned_at is not None
    assert gets(world.member, stored) == 200


def test_what_clamd_did_not_look_at_as_a_whole_is_not_clean(
    scanner: Scanner, mailoutbox: Any
) -> None:
    """``AlertExceedsMax yes``: larger than the scanner's own limits."""
    world = make_world()
    stored = store(world.author, "long.txt", b"word " * MEBIBYTE)
    attached(world, stored)
    work(stored)
    assert stored.scan_state == ScanState.ERROR
    assert gets(world.member, stored) == 404
    assert gets(world.steward, stored) == 200
    assert mailoutbox == []


def test_files_from_before_the_scanner_are_checked_by_command(
    scanner: Scanner, settings: Any
) -> None:
    world = make_world()
    settings.KM_CLAMAV = ""
    bad, good = store(world.author, "bad.txt", EICAR), store(world.author, "good.txt", b"Words.")
    run_due_jobs()
    settings.KM_CLAMAV = scanner.address
    said = io.StringIO()
    call_command("km_rescan", stdout=said)
    assert "2 files" in said.getvalue()
    work(bad)
    good.refresh_from_db()
    assert (bad.scan_state, good.scan_state) == (ScanState.INFECTED, ScanState.CLEAN)
    assert good.text_state == TextState.READ
    call_command("km_rescan", stdout=said)
    assert "0 files" in said.getvalue()


def test_a_clean_file_stays_open_while_it_is_checked_anew_until_a_virus_is_found(
    scanner: Scanner,
) -> None:
    world = make_world()
    stored = store(world.author, "notes.txt", b"Ring the lab first.")
    attached(world, stored)
    work(stored)
    scanner.kill()
    call_command("km_rescan", "--all", stdout=io.StringIO(), stderr=io.StringIO())
    work(stored)
    assert gets(world.member, stored) == 200
    signatures = scanner.folder / "signatures" / "own.ndb"
    before = signatures.read_text()
    signatures.write_text(f"{before}Test.New:0:*:{b'Ring the lab first.'.hex()}\n")
    scanner.start()
    work(stored)
    signatures.write_text(before)
    scanner.kill()
    assert stored.scan_state == ScanState.INFECTED
    assert gets(world.member, stored) == 404
