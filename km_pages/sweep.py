"""Clear away what nothing refers to any more: left-over uploads, unused files, old jobs."""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from km_pages.conf import conf
from km_pages.models import Job, JobState, StoredFile

logger = logging.getLogger(__name__)
UNUSED_AFTER = timedelta(days=7)
DONE_JOBS_KEPT = timedelta(days=30)
LEFT_OVER_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Swept:
    """How many were removed: files on disk that never got a row, files in no use, old jobs."""

    left_overs: int
    files: int
    jobs: int


def sweep() -> Swept:
    """Remove what is certainly not needed. Files of drafts and older versions stay."""
    result = Swept(_left_overs(), _unused_files(), _old_jobs())
    if any((result.left_overs, result.files)):
        logger.info("Swept: %s", result)
    return result


def _left_overs() -> int:
    folder = Path(conf().var) / "incoming"
    removed = 0
    for each in folder.iterdir() if folder.is_dir() else ():
        if time.time() - each.stat().st_mtime > LEFT_OVER_SECONDS:
            shutil.rmtree(each, ignore_errors=True)
            removed += 1
    return removed


def _unused_files() -> int:
    old = StoredFile.objects.filter(created_at__lt=timezone.now() - UNUSED_AFTER)
    unused = old.filter(attachments=None, revision_uses=None)
    for stored in unused:
        # The row first: a row without a file would be a broken promise, a file without a row not.
        storage, name = stored.blob.storage, stored.blob.name
        stored.delete()
        storage.delete(str(name))
    return len(unused)


def _old_jobs() -> int:
    done = Job.objects.filter(state=JobState.DONE)
    return done.filter(finished_at__lt=timezone.now() - DONE_JOBS_KEPT).delete()[0]
