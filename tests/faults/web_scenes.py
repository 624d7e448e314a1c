"""Requests and jobs that die in the middle: ``python -m tests.faults.web_scenes``.

Every request goes through the whole site, every job through the worker; see
:mod:`tests.faults.wholeness` for what must hold afterwards.
"""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.faults.stage import die, make_tables, scenes_of, serve, then_die

Patch = tuple[Any, str, Callable[[Any], Any]]


def prepare() -> None:
    """Mails as files, so that they outlive the process."""
    from django.conf import settings

    from km_pages.views import add

    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = settings.KM_VAR / "mail"
    add.WAIT_SECONDS = 0


def key_of(moment: str) -> uuid.UUID:
    """The key of the form of this moment: sent twice, it is the same form."""
    return uuid.uuid5(uuid.NAMESPACE_URL, moment)


def browser(name: str) -> Any:
    """A browser in which the person called ``name`` is signed in."""
    from django.contrib.auth import get_user_model

    from tests.pages.adding import client_of

    return client_of(get_user_model().objects.get(username=f"{name}@example.org"))


def content_of(moment: str) -> bytes:
    """A file that nobody else has, with a word in it that stands nowhere else."""
    return f"How to mend it, part {word_of(moment)}.".encode()


def word_of(moment: str) -> str:
    """A word for this moment."""
    return "w" + key_of(moment).hex[:12].translate(str.maketrans("0123456789", "ghijklmnop"))


def acknowledge(what: str, key: Any) -> None:
    """Write down that a person was told it is done: from then on it may never be lost."""
    from django.conf import settings

    with (Path(settings.KM_VAR) / "acknowledged.txt").open("a") as stream:
        stream.write(f"{what} {key}\n")


# What people do


def upload(moment: str) -> None:
    """The script of a form uploads one file."""
    from django.urls import reverse

    from tests.pages.adding import text_file

    file = text_file(f"{word_of(moment)}.txt", content_of(moment))
    answer = browser("ann").post(reverse("km_pages:upload"), {"file": file})
    assert answer.status_code == 201, answer.content
    acknowledge("file", answer.json()["id"])


def write(moment: str, *, do: str = "save", **changes: Any) -> None:
    """The form with a file: saved or shared."""
    from km_pages.models import KnowledgeAssetPage
    from tests.pages.adding import add, text_file

    key, ann = key_of(moment), browser("ann")
    for looked in ("", "again"):
        file = text_file(f"{word_of(moment)}.txt", content_of(moment))
        given = {"title": moment, "key": key, "files": file, "do": do, "looked": looked, **changes}
        answer = add(ann, **given)
        # What is not read yet has to be confirmed.
        found = re.search(r'name="looked" value="([^"]+)"', answer.content.decode())
        if answer.status_code == 302 or found is None:
            break
        changes["looked"] = found[1]
    assert answer.status_code == 302, said_in(answer)
    page = KnowledgeAssetPage.objects.get(identifier=key)
    acknowledge("shared" if page.live else "saved", page.pk)


def said_in(answer: Any) -> str:
    """The words of an answer that speak of what is wrong."""
    text = answer.content.decode()
    at = text.find('role="alert"')
    return " ".join(re.sub(r"<[^>]*>", " ", text[at:]).split())[:300]


def share(moment: str) -> None:
    """The form with a file, shared with the team."""
    write(moment, do="share")


def submit(moment: str) -> None:
    """The form with a file, sent to the stewards for everybody here."""
    write(moment, do="share", visibility="organisation")


def agree(moment: str) -> None:
    """The holder agrees to what somebody else prepared."""
    from django.contrib.auth import get_user_model
    from django.urls import reverse

    from km_pages.models import HolderApproval, KnowledgeAssetPage
    from km_pages.work import run_due_jobs

    holder = get_user_model().objects.get(username="henry@example.org")
    if not KnowledgeAssetPage.objects.filter(identifier=key_of(moment)).exists():
        write(moment, do="share", holder=str(holder.pk))
    page = KnowledgeAssetPage.objects.get(identifier=key_of(moment))
    run_due_jobs()
    patch(moment)
    approval = HolderApproval.objects.get(page=page)
    given = {"do": "approve", "seen": page.latest_revision_id}
    address = reverse("km_pages:holder_approval", args=[approval.pk])
    assert browser("henry").post(address, given).status_code == 302
    acknowledge("shared", page.pk)


def moderate(moment: str) -> None:
    """A steward approves a wider audience."""
    from django.urls import reverse

    from km_pages.models import KnowledgeAssetPage
    from km_pages.work import run_due_jobs

    if not KnowledgeAssetPage.objects.filter(identifier=key_of(moment)).exists():
        submit(moment)
    page = KnowledgeAssetPage.objects.get(identifier=key_of(moment))
    run_due_jobs()
    patch(moment)
    state = page.current_workflow_task_state
    if state is not None:
        given = {"do": "approve", "seen": page.latest_revision_id}
        address = reverse("km_pages:moderation", args=[state.pk])
        assert browser("stella").post(address, given).status_code == 302
    acknowledge("shared", page.pk)


def read(moment: str) -> None:
    """The worker reads what was uploaded."""
    from km_pages.work import run_due_jobs

    upload(moment)
    patch(moment)
    run_due_jobs()


def post(moment: str) -> None:
    """The worker sends the mails about what was shared."""
    from km_pages.work import run_due_jobs

    share(moment)
    patch(moment)
    run_due_jobs()


def moments() -> dict[str, tuple[Callable[[str], None], Callable[[], Patch]]]:
    """Who does what, and the point at which the process dies."""
    from wagtail.models import TaskState, WorkflowState

    from km_pages import handlers, incoming, notifications, outbox, work
    from km_pages.actions import decide_item, share_item, store_file, write_draft
    from km_pages.models import FilePassage, KnowledgeAssetPage, OutgoingMail
    from km_pages.search import get_engine
    from km_pages.tasks import TASKS
    from km_pages.views import add, uploads

    # The package gives the function under the same name.
    reading = import_module("km_pages.tasks.read_file")
    handler, engine = incoming.IncomingUploadHandler, type(get_engine())

    def at(target: Any, name: str) -> Callable[[], Patch]:
        return lambda: (target, name, lambda _real: die)

    def after(target: Any, name: str) -> Callable[[], Patch]:
        return lambda: (target, name, then_die)

    def job(name: str) -> Callable[[], Patch]:
        def after_task() -> Patch:
            TASKS[name] = then_die(TASKS[name])
            return work, "TASKS", lambda real: real

        return after_task

    return {
        "upload: while the bytes come": (upload, after(handler, "receive_data_chunk")),
        "upload: the bytes have come": (upload, after(handler, "file_complete")),
        "upload: stored, and no row yet": (upload, at(store_file, "sync_folders")),
        "upload: the row is written, not committed": (
            upload,
            after(store_file.StoreFile, "_record"),
        ),
        "upload: committed, not answered": (upload, at(uploads, "JsonResponse")),
        "save: the page stands, and has no revision": (
            write,
            at(KnowledgeAssetPage, "save_revision"),
        ),
        "save: the revision stands": (write, at(write_draft, "withdraw_from_others")),
        "save: committed, not answered": (write, at(add, "redirect")),
        "share: saved, not shared": (share, at(share_item.ShareItem, "execute")),
        "share: the agreement is written": (share, after(share_item, "record_agreement")),
        "share: in the middle of publishing": (share, after(handlers, "enqueue")),
        "share: published, nobody told": (share, at(notifications, "tell_stewards")),
        "share: committed, not indexed": (share, at(outbox, "drain")),
        "share: while the index is written": (share, at(engine, "apply")),
        "share: indexed, not settled": (share, after(engine, "apply")),
        "share: done, not answered": (share, at(add, "redirect")),
        "submit: the workflow has begun": (submit, at(notifications, "tell_approvers")),
        "agree: the word is written": (agree, at(decide_item, "go_public")),
        "agree: published, nobody told": (agree, at(notifications, "tell_approved")),
        "moderate: approved, not published": (moderate, at(WorkflowState, "on_finish")),
        "moderate: the state is written": (moderate, after(TaskState, "save")),
        "read: the job is taken": (read, at(work, "do_job")),
        "read: while the child reads": (read, at(reading, "read_text")),
        "read: the words are written": (read, after(FilePassage.objects, "bulk_create")),
        "read: committed, the job not finished": (read, job("read_file")),
        "mail: before it is sent": (post, at(OutgoingMail.objects, "filter")),
        "mail: sent and forgotten, the job not finished": (post, job("send_mail")),
    }


def patch(moment: str) -> None:
    """Replace the function at which this moment dies. Once: what comes before needs it whole."""
    if moment not in _armed:
        return
    _armed.discard(moment)
    target, name, replace = moments()[moment][1]()
    setattr(target, name, replace(getattr(target, name)))


_armed: set[str] = set()
LATE = ("agree", "moderate", "read", "mail")


# Scenes


def scene_setup() -> None:
    """Tables, a team with its people, a workflow."""
    make_tables()
    prepare()
    from tests.pages.adding import make_workflow, make_world

    make_world()
    make_workflow()


def scene_kill(moment: str) -> None:
    """Do what the moment says, and die at it."""
    prepare()
    _armed.add(moment)
    if not moment.startswith(LATE):
        patch(moment)
    moments()[moment][0](moment)


def recover() -> None:
    """What the site does by itself once time has passed."""
    from datetime import timedelta

    from django.utils import timezone

    from km_pages import sweep as sweeping
    from km_pages.models import Job, JobState
    from km_pages.outbox import drain
    from km_pages.work import run_due_jobs

    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(state=JobState.RUNNING).update(lease_until=past)
    Job.objects.filter(state=JobState.WAITING).update(next_try_at=past)
    run_due_jobs()
    drain()
    sweeping.LEFT_OVER_AFTER = sweeping.FORGOTTEN_AFTER = timedelta(0)
    sweeping.sweep()
    run_due_jobs()


def scene_mend() -> None:
    """After that nothing is half, nothing is lost, nothing is there twice."""
    prepare()
    from tests.faults.wholeness import problems

    recover()
    assert problems() == []


def scene_rebuild() -> None:
    """On a new machine: the index is made anew, from the database and the files."""
    from django.core.management import call_command

    prepare()
    # What is said of progress is not for the process that plays the scenes.
    call_command("km_index", "--rebuild", stdout=io.StringIO())


def scene_again(moment: str) -> None:
    """The person who got no answer does the same once more: it is there once, and found."""
    prepare()
    from tests.faults.wholeness import problems

    moments()[moment][0](moment)
    recover()
    assert problems() == []
    look_at(moment)


def look_at(moment: str) -> None:
    """Whether what was done twice is there once, and found by the team if it was shared."""
    from django.contrib.auth import get_user_model

    from km_pages.finding import find
    from km_pages.models import KnowledgeAssetPage, StoredFile

    name = f"{word_of(moment)}.txt"
    assert StoredFile.objects.filter(name=name).count() == 1
    action = moments()[moment][0]
    if action in (upload, read):
        return
    page = KnowledgeAssetPage.objects.get(identifier=key_of(moment))
    shared = action in (share, agree, moderate, post)
    assert page.live == shared, page.live
    assert page.attachments.count() == (1 if shared else 0) or not page.live
    people = get_user_model().objects
    member = people.get(username="mina@example.org")
    found = find(word_of(moment), reader=member, strict=True, correct=False)
    assert [each.page_id for each in found.hits] == ([page.pk] if shared else [])
    if action is not moderate:
        stranger = people.get(username="olga@example.org")
        assert not find(word_of(moment), reader=stranger, strict=True, correct=False).hits


if __name__ == "__main__":
    serve(scenes_of(globals()))
