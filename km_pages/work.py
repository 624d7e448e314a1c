"""Take jobs and do them: with a lease, so that a killed worker's job is taken by the next."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone
from wagtail import hooks

from km_pages.conf import conf
from km_pages.models import Job, JobState
from km_pages.tasks import TASKS
from km_pages.tasks.errors import NotNow

logger = logging.getLogger(__name__)
AT_ONCE = 5
LONGEST_ERROR = 2000
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=10)


def worker_name() -> str:
    """A name for this worker that no other has now: machine, process and thread."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{threading.get_ident()}"[:80]


def take_job() -> Job | None:
    """The next due job, leased to this worker, or nothing. Two workers never get the same."""
    due = Job.objects.due().order_by("next_try_at", "pk").values_list("pk", flat=True)
    for pk in list(due[:AT_ONCE]):
        # One statement that counts only if the job is still due: whoever writes first has it.
        taken = (
            Job.objects.due()
            .filter(pk=pk)
            .update(
                state=JobState.RUNNING,
                attempts=F("attempts") + 1,
                lease_owner=worker_name(),
                lease_until=_lease_end(),
            )
        )
        if taken:
            return Job.objects.get(pk=pk)
    return None


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=conf().job_lease_seconds)


def do_job(job: Job) -> None:
    """Run a leased job and write down how it ended. Raises nothing but ``DatabaseError``.

    After a ``DatabaseError`` the lease ends by itself and the job is tried again.
    """
    if job.attempts > conf().job_attempts:
        # Its workers died on it: more of them will not help.
        _finish(job, JobState.DEAD, job.last_error or "The worker was ended each time.")
        return
    task = task_of(job.kind)
    if task is None:
        _finish(job, JobState.DEAD, f"No task is called {job.kind}.")
        return
    _end(job, _run(job, task))


# A function () -> {kind: task}: what else the worker can do. A task takes the job's target.
TASKS_HOOK = "km_tasks"
# A function () -> Any that the worker calls about every hour; it must be safe to call again.
HOURLY_HOOK = "km_hourly"


def task_of(kind: str) -> Callable[[str], None] | None:
    """What a job of ``kind`` calls: a task of ours or of an app that adds some; ``None``."""
    if kind in TASKS:
        return TASKS[kind]
    added: dict[str, Callable[[str], None]] = {}
    for give in hooks.get_hooks(TASKS_HOOK):
        added |= give()
    return added.get(kind)


def _run(job: Job, task: Callable[[str], None]) -> Exception | None:
    try:
        with renewed(job):
            task(job.target)
    except Exception as problem:  # noqa: BLE001 - the boundary of the worker: written down by _end
        return problem
    return None


def _end(job: Job, problem: Exception | None) -> None:
    if problem is None:
        _finish(job, JobState.DONE, "")
    elif isinstance(problem, NotNow):
        logger.warning("Job %s waits: %s", job, problem)
        _again(job, str(problem), wait=_pause(job), attempts=job.attempts - 1)
    else:
        logger.error("Job %s failed", job, exc_info=problem)
        error = f"{type(problem).__name__}: {problem}"
        if job.attempts >= conf().job_attempts:
            _finish(job, JobState.DEAD, error)
        else:
            _again(job, error, wait=job.pause_before_next_try(), attempts=job.attempts)


def _pause(job: Job) -> timedelta:
    """How long to wait for something that is away: the longer, the longer it has been away."""
    age = timezone.now() - job.created_at
    return min(max(age / 4, SHORTEST_WAIT), LONGEST_WAIT)


@contextmanager
def renewed(job: Job) -> Iterator[None]:
    """Renew the lease of ``job`` while the block runs, at a third of its length."""
    done = threading.Event()
    # Short jobs end long before the first renewal; a thread costs them next to nothing.
    thread = threading.Thread(target=_renew, args=(job, done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def _renew(job: Job, done: threading.Event) -> None:
    while not done.wait(conf().job_lease_seconds / 3):
        try:
            _mine(job).update(lease_until=_lease_end())
        except DatabaseError:
            logger.warning("The lease of job %s could not be renewed; trying again", job)
        finally:
            # This thread has a connection of its own.
            connection.close()


def _mine(job: Job) -> object:
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease_owner=job.lease_owner)


def _again(job: Job, error: str, *, wait: timedelta, attempts: int) -> None:
    """Let the job wait for its next try, unless somebody asked for the same meanwhile."""
    with transaction.atomic():
        waiting = Job.objects.filter(kind=job.kind, target=job.target, state=JobState.WAITING)
        if waiting.exists():
            _finish(job, JobState.DONE, error)
            return
        _mine(job).update(
            state=JobState.WAITING,
            attempts=attempts,
            next_try_at=timezone.now() + wait,
            lease_until=None,
            lease_owner="",
            last_error=error[:LONGEST_ERROR],
        )


def _finish(job: Job, state: str, error: str) -> None:
    _mine(job).update(
        state=state,
        last_error=error[:LONGEST_ERROR],
        finished_at=timezone.now(),
        lease_until=None,
        lease_owner="",
    )


def run_due_jobs(limit: int = 1000) -> int:
    """Do all jobs that are due now, at most ``limit``; returns how many were done."""
    for number in range(limit):
        job = take_job()
        if job is None:
            return number
        do_job(job)
    return limit
