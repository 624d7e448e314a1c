"""Files that are uploaded, read and indexed by processes that are killed at any moment.

``python -m tests.files.kill_scenes``; see :mod:`tests.faults.stage`.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.faults.stage import live_shortly, make_tables, scenes_of, serve

FILES = 60
LONGEST_LIFE = 1.5


def journal() -> Path:
    """What was acknowledged: written down only after the answer has come."""
    return Path(os.environ["KM_VAR"]) / "journal"


def acknowledged() -> dict[int, str]:
    """The sha256 of each acknowledged file, by its number."""
    lines = journal().read_text().splitlines() if journal().exists() else []
    return {int(number): sha for number, sha in (line.split() for line in lines)}


def content_of(number: int) -> tuple[str, bytes]:
    """The file of a number, of one kind or another, with a word that stands nowhere else."""
    from tests.files.building import pdf, written

    words = f"Remember quill{number}feather on the early shift"
    if number % 3 == 0:
        return f"note-{number}.pdf", pdf(written(words), written("second page"))
    if number % 3 == 1:
        # No zip: it would hold the hour at which it was made, and be another file each time.
        return f"note-{number}.html", f"<html><body><p>{words}</p></body></html>".encode()
    return f"note-{number}.txt", words.encode()


def scene_setup() -> None:
    """Tables and a team."""
    from tests.pages.adding import make_world

    make_tables()
    make_world()


def scene_web(seconds: str) -> None:
    """Share every file that was not acknowledged yet, each with the key of its form."""
    from django.contrib.auth import get_user_model
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test.utils import setup_test_environment

    from km_pages.views import add as form
    from tests.pages.adding import add, client_of

    form.WAIT_SECONDS = 0
    # So that answers tell what their pages were made of.
    setup_test_environment()
    live_shortly(seconds)
    client = client_of(get_user_model().objects.get(username="ann@example.org"))
    done = acknowledged()
    for number in (each for each in range(FILES) if each not in done):
        name, content = content_of(number)
        given = SimpleUploadedFile(name, content)
        key = uuid.uuid5(uuid.NAMESPACE_OID, name)
        sent: dict[str, Any] = {"title": f"Note {number}", "notes": "", "summary": "", "key": key}
        answer = add(client, files=[given], do="share", **sent)
        if answer.status_code == 200:
            kept = [str(each.pk) for each in answer.context["files"]]
            looked = answer.context["signs"].digest
            answer = add(client, kept=kept, looked=looked, do="share", **sent)
        assert answer.status_code == 302, answer.content[-2000:]
        with journal().open("a") as lines:
            lines.write(f"{number} {hashlib.sha256(content).hexdigest()}\n")
            lines.flush()
            os.fsync(lines.fileno())


def scene_worker(seconds: str) -> None:
    """Read and index until killed."""
    from km_pages.drain import drain
    from km_pages.work import run_due_jobs

    live_shortly(seconds)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        run_due_jobs(1)
        drain()


def scene_check() -> None:
    """Finish what was begun, then count: all there, once, whole, found; nothing half."""
    from django.utils import timezone

    from km_pages.drain import drain
    from km_pages.finding import find
    from km_pages.models import (
        FilePassage,
        IndexChange,
        Job,
        JobState,
        KnowledgeAssetPage,
        StoredFile,
        TextState,
    )
    from km_pages.visibility import as_reader
    from km_pages.work import run_due_jobs

    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(state=JobState.RUNNING).update(lease_until=past)
    Job.objects.update(next_try_at=past)
    run_due_jobs()
    drain()
    assert not IndexChange.objects.exists()
    assert not Job.objects.exclude(state=JobState.DONE).exists(), list(Job.objects.values())
    done = acknowledged()
    assert len(done) == FILES, sorted(done)
    assert KnowledgeAssetPage.objects.filter(live=True).count() == FILES
    assert StoredFile.objects.count() == FILES
    author = StoredFile.objects.select_related("uploader")[0].uploader
    for number, sha in done.items():
        name, content = content_of(number)
        stored = StoredFile.objects.get(name=name)
        assert (stored.sha256, stored.text_state) == (sha, TextState.READ), name
        with stored.blob.open("rb") as kept:
            assert kept.read() == content, name
        found = FilePassage.objects.filter(text__contains=f"quill{number}feather")
        assert [each.stored_file_id for each in found] == [stored.pk]
        hits = find(f"quill{number}feather", reader=as_reader(author)).hits
        assert [each.file_name for each in hits] == [name]


def scene_forget() -> None:
    """Begin anew with nothing, for another sixty."""
    from km_pages.models import Attachment, KnowledgeAssetPage, StoredFile

    for page in KnowledgeAssetPage.objects.all():
        page.delete()
    Attachment.objects.all().delete()
    StoredFile.objects.all().delete()
    journal().unlink()


if __name__ == "__main__":
    serve(scenes_of(globals()))
