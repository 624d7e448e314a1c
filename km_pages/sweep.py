"""Clear away what nothing refers to any more, and pick up what was left lying."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import timedelta
from functools import partial

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.actions.store_file import READ_FILE
from km_pages.incoming import incoming_folder
from km_pages.models import Job, JobState, OutgoingMail, ScanState, StoredFile, TextState
from km_pages.models.files import knowledge_storage
from km_pages.notifications import SEND_MAIL
from km_pages.outbox import OVERDUE_JOB
from km_pages.tasks.read_scans import READ_SCAN

logger = logging.getLogger(__name__)
# What was uploaded and never put to use; what was in use; what somebody deleted.
NEVER_USED_KEPT = timedelta(days=7)
UNUSED_KEPT = timedelta(days=30)
BIN_KEPT = timedelta(days=30)
DONE_JOBS_KEPT = timedelta(days=7)
DEAD_JOBS_KEPT = timedelta(days=90)
LEFT_OVER_AFTER = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(minutes=10)
AT_ONCE = 500


@dataclass(frozen=True)
class Swept:
    """How many were removed: uploads that were cut off, bytes without a row, files in no use, jobs.

    ``resumed``: files and mails that waited without a job, and were given one again.
    """

    left_overs: int = 0
    orphans: int = 0
    files: int = 0
    jobs: int = 0
    resumed: int = 0


def sweep() -> Swept:
    """Remove what is certainly not needed. Files of drafts and older versions stay."""
    result = Swept(
        left_overs=_left_overs(),
        orphans=_orphans(),
        files=_binned_files() + _unused_files(),
        jobs=_old_jobs(),
        resumed=_resume(),
    )
    if any(astuple(result)):
        logger.info("Swept: %s", result)
    return result


def _left_overs() -> int:
    """What processes that were killed in the middle of an upload have left."""
    removed = 0
    oldest = time.time() - LEFT_OVER_AFTER.total_seconds()
    for each in incoming_folder().iterdir():
        inside = [inner.stat().st_mtime for inner in each.glob("*")]
        if max([each.stat().st_mtime, *inside]) < oldest:
            shutil.rmtree(each, ignore_errors=True)
            removed += 1
    return removed


def _orphans() -> int:
    """Bytes in the storage without a row: their process was killed between the two."""
    storage = knowledge_storage()
    before = timezone.now() - LEFT_OVER_AFTER
    removed = 0
    for names in _parts(storage):
        known = set(StoredFile.objects.filter(blob__in=names).values_list("blob", flat=True))
        drawn = StoredFile.objects.filter(thumbnail__in=names)
        known |= set(drawn.values_list("thumbnail", flat=True))
        for name in names:
            if name not in known and storage.get_modified_time(name) < before:
                storage.delete(name)
                removed += 1
    return removed


def _parts(storage: Storage) -> Iterator[list[str]]:
    """The names in the storage, some at a time."""
    try:
        folders = storage.listdir("")[0]
    except FileNotFoundError:
        return
    for folder in folders:
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        for start in range(0, len(names), AT_ONCE):
            yield names[start : start + AT_ONCE]


def _unused_files() -> int:
    """Note since when files are in no use, and remove those that have been so for long."""
    noted = StoredFile.objects.filter(unused_since__isnull=False)
    noted.exclude(pk__in=StoredFile.objects.unused().values("pk")).update(unused_since=None)
    StoredFile.objects.unused().filter(unused_since=None).update(unused_since=timezone.now())
    return sum(_remove(pk) for pk in list(_long_unused().values_list("pk", flat=True)[:AT_ONCE]))


def _long_unused() -> QuerySet[StoredFile]:
    now = timezone.now()
    never = Q(unused_since=F("created_at"), created_at__lt=now - NEVER_USED_KEPT)
    return StoredFile.objects.unused().filter(never | Q(unused_since__lt=now - UNUSED_KEPT))


def _remove(pk: int) -> bool:
    """Remove one file, unless somebody has put it to use or offered it again meanwhile."""
    with transaction.atomic():
        StoredFile.objects.select_for_update().filter(pk=pk).first()
        stored = _long_unused().filter(pk=pk).first()
        if stored is None:
            return False
        forget_bytes(stored)
        stored.delete()
    return True


def _binned_files() -> int:
    """Remove bytes and words of what was deleted a month ago; items name it no more."""
    old = StoredFile.objects.in_bin().filter(binned_at__lt=timezone.now() - BIN_KEPT)
    return sum(_empty(pk) for pk in list(old.exclude(blob="").values_list("pk", flat=True)))


def _empty(pk: int) -> bool:
    """Leave of one file an empty row for drafts and versions that name it, or nothing."""
    with transaction.atomic():
        old = StoredFile.objects.in_bin().filter(binned_at__lt=timezone.now() - BIN_KEPT)
        stored = old.select_for_update().filter(pk=pk).first()
        if stored is None:
            return False
        forget_bytes(stored)
        for attachment in stored.attachments.all():
            attachment.delete()
        if StoredFile.objects.unused().filter(pk=pk).exists():
            stored.delete()
            return True
        stored.passages.all().delete()
        stored.blob = stored.thumbnail = stored.sha256 = ""
        stored.name, stored.size, stored.pages = _("Deleted file"), 0, None
        stored.document_title = stored.document_author = stored.reason = ""
        stored.document_date = stored.document_changed = None
        stored.text_state, stored.ocr_next = TextState.NO_TEXT, None
        stored.save()
    return True


def forget_bytes(stored: StoredFile) -> None:
    """Have the bytes and the small picture removed, once the transaction is committed.

    The row first: a row without its bytes would be a broken promise, bytes without a row not.
    """
    storage = stored.blob.storage
    for name in [each for each in (stored.blob.name, stored.thumbnail.name) if each]:
        transaction.on_commit(partial(storage.delete, str(name)))


def _old_jobs() -> int:
    now = timezone.now()
    done = Q(state=JobState.DONE, finished_at__lt=now - DONE_JOBS_KEPT)
    dead = Q(state=JobState.DEAD, finished_at__lt=now - DEAD_JOBS_KEPT)
    return Job.objects.exclude(kind=OVERDUE_JOB).filter(done | dead).delete()[0]


def _resume() -> int:
    """Give a job to what waits without one; what was given up is left to a person."""
    before = timezone.now() - FORGOTTEN_AFTER
    waiting = Q(scan_state=ScanState.PENDING) | Q(text_state=TextState.WAITING, ocr_next=None)
    servable = Q(scan_state=ScanState.PENDING) | Q(
        scan_state__in=[ScanState.CLEAN, ScanState.UNSCANNED]
    )
    files = StoredFile.objects.filter(waiting, servable, created_at__lt=before)
    mails = OutgoingMail.objects.filter(created_at__lt=before)
    scans = StoredFile.objects.servable().filter(ocr_next__isnull=False, created_at__lt=before)
    return (
        _resume_kind(READ_FILE, files)
        + _resume_kind(READ_SCAN, scans)
        + _resume_kind(SEND_MAIL, mails)
    )


def _resume_kind(kind: str, rows: object) -> int:
    keys = {str(pk) for pk in rows.values_list("pk", flat=True)[:AT_ONCE]}  # type: ignore[attr-defined]
    unfinished = Job.objects.filter(kind=kind, target__in=keys).exclude(state=JobState.DONE)
    forgotten = keys - set(unfinished.values_list("target", flat=True))
    for key in sorted(forgotten):
        Job.objects.enqueue(kind, key)
    return len(forgotten)
