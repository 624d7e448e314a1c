"""What must hold on a site at rest, whatever was killed before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from km_pages.files.formats import format_of
from km_pages.incoming import incoming_folder
from km_pages.index_upkeep import check
from km_pages.models import (
    HolderApproval,
    IndexChange,
    Job,
    JobState,
    KnowledgeAssetPage,
    OutgoingMail,
    RevisionFile,
    StoredFile,
    TextState,
)
from km_pages.models.files import knowledge_storage
from km_pages.outbox import Ending, drain


def problems() -> list[str]:
    """Everything that is wrong, in words. Changes that wait for the index are applied first."""
    return [*_database(), *_files(), *_items(), *_work(), *_index(), *_promises()]


def _database() -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            said = cursor.fetchall()
            cursor.execute("PRAGMA foreign_key_check")
            dangling = cursor.fetchall()
        if said != [("ok",)] or dangling:
            yield f"the database is damaged: {said} {dangling}"
    if any(Page.find_problems()):
        yield f"the tree is damaged: {Page.find_problems()}"


def _files() -> Iterator[str]:
    storage = knowledge_storage()
    root = Path(storage.path(""))
    on_disk = {str(each.relative_to(root)) for each in root.rglob("*") if each.is_file()}
    for stored in StoredFile.objects.all():
        name = str(stored.blob.name)
        if name not in on_disk:
            yield f"{stored} has lost its bytes"
            continue
        content = (root / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != stored.sha256 or len(content) != stored.size:
            yield f"{stored} has other bytes"
        yield from _text_of(stored)
    for name in on_disk - set(StoredFile.objects.values_list("blob", flat=True)):
        yield f"bytes without a row: {name}"
    for each in incoming_folder().iterdir():
        yield f"left over: {each}"
    twice = StoredFile.objects.values_list("uploader", "sha256", "name")
    yield from (f"stored twice: {each}" for each, n in Counter(twice).items() if n > 1)


def _text_of(stored: StoredFile) -> Iterator[str]:
    kind = format_of(stored.name)
    if kind is None or not kind.text:
        return
    if stored.text_state == TextState.WAITING:
        yield f"{stored} was not read"
    has_words = stored.passages.exclude(text="").exists()
    if (stored.text_state == TextState.READ) != has_words:
        yield f"{stored} is half read: {stored.text_state}, words: {has_words}"
    numbers = list(stored.passages.values_list("number", flat=True))
    if len(numbers) != len(set(numbers)):
        yield f"{stored} was read twice over"


def _items() -> Iterator[str]:
    for page in KnowledgeAssetPage.objects.all():
        newest = page.latest_revision
        if newest is None:
            yield f"{page} has no revision"
            continue
        if page.live and (page.live_revision_id is None or page.first_published_at is None):
            yield f"{page} is half published"
        published = PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish").exists()
        if page.live != published:
            yield f"{page} is live: {page.live}, and its log says {published}"
        named = {each.stored_file_id for each in newest.as_object().attachments.all()}
        noted = set(
            RevisionFile.objects.filter(revision=newest).values_list("stored_file", flat=True)
        )
        if named != noted:
            yield f"files of {page}: its newest revision names {named}, noted are {noted}"
        if named - set(StoredFile.objects.values_list("pk", flat=True)):
            yield f"{page} names a file that is gone"
        if page.live and named != {each.stored_file_id for each in page.attachments.all()}:
            yield f"{page} shows other files than it names"
        waiting = HolderApproval.objects.waiting().filter(page=page).count()
        if waiting > 1 or (waiting and page.live):
            yield f"{page} waits for {waiting} words and is live: {page.live}"
        if page.live and page.workflow_in_progress:
            yield f"{page} is live and waits for approval"
    keys = Counter(KnowledgeAssetPage.objects.values_list("identifier", flat=True))
    yield from (f"the form {key} made {n} items" for key, n in keys.items() if n > 1)
    shown = Counter(
        PageLogEntry.objects.filter(action="wagtail.publish").values_list("page", "revision")
    )
    yield from (f"{each} was published {n} times" for each, n in shown.items() if n > 1)


def _work() -> Iterator[str]:
    for job in Job.objects.exclude(state=JobState.DONE):
        yield f"job {job} is {job.state}: {job.last_error}"
    for mail in OutgoingMail.objects.all():
        yield f"mail was not sent: {mail}"
    stored = ModelLogEntry.objects.filter(content_type__model="storedfile", action="wagtail.create")
    logged = Counter(stored.values_list("object_id", flat=True))
    for pk in StoredFile.objects.values_list("pk", flat=True):
        if logged[str(pk)] != 1:
            yield f"stored file {pk} has {logged[str(pk)]} entries in the log"


def _index() -> Iterator[str]:
    done = drain()
    if done.ending is not Ending.DONE or done.failed:
        yield f"the outbox is not applied: {done}"
    if IndexChange.objects.exists():
        yield "the outbox is not empty"
    yield from (f"index: {each}" for each in check().differences)


def _promises() -> Iterator[str]:
    """What people were told is done."""
    told = Path(settings.KM_VAR) / "acknowledged.txt"
    for line in told.read_text().splitlines() if told.exists() else []:
        what, key = line.split()
        if what == "file" and not StoredFile.objects.filter(pk=key).exists():
            yield f"lost: {line}"
        pages = KnowledgeAssetPage.objects.filter(pk=key)
        if what in ("saved", "shared") and not pages.filter(latest_revision__isnull=False).exists():
            yield f"lost: {line}"
        if what == "shared" and not pages.filter(live=True).exists():
            yield f"not shared any more: {line}"
