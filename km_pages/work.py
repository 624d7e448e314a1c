"""Take jobs and do them: with a lease, so that a killed worker's job is taken by the next."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from km_pages.conf import conf
from km_pages.models import Job, JobState
from km_pages.tasks import TASKS

logger = logging.getLogger(__name__)


def worker_name() -> str:
    """A name for this worker that no other has now: machine, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"[:80]


def take_job() -> Job | None:
    """The next due job, leased to this worker, or nothing. Two workers never get the same."""
    for pk in list(
        Job.objects.due().order_by("next_try_at", "pk").values_list("pk", flat=True)[:5]
    ):
        with transaction.atomic():
            job = Job.objects.due().filter(pk=pk).select_for_update(skip_locked=_skips()).first()
            if job is None:
                continue
            job.state = JobState.RUNNING
            job.attempts += 1
            job.lease_owner = worker_name()
            job.lease_until = timezone.now() + timedelta(seconds=conf().job_lease_seconds)
            job.save()
            return job
    return None


def _skips() -> bool:
    return connection.features.has_select_for_update_skip_locked


def do_job(job: Job) -> None:
    """Run a leased job and write down how it ended. Never raises for what the task raises."""
    if job.attempts > conf().job_attempts:
        # Its workers died on it: more of them will not help.
        _finish(job, JobState.DEAD, job.last_error or "The worker was ended each time.")
        return
    task = TASKS.get(job.kind)
    if task is None:
        _finish(job, JobState.DEAD, f"No task is called {job.kind}.")
        return
    try:
        with renewed(job):
            task(job.target)
    except Exception as problem:  # the boundary of the worker: recorded below
        logger.exception("Job %s failed", job)
        _fail(job, f"{type(problem).__name__}: {problem}"[:2000])
    else:
        _finish(job, JobState.DONE, "")


@contextmanager
def renewed(job: Job) -> Iterator[None]:
    """Renew the lease of ``job`` while the block runs, at a third of its length."""
    done = threading.Event()
    seconds = conf().job_lease_seconds

    def renew() -> None:
        while not done.wait(seconds / 3):
            until = timezone.now() + timedelta(seconds=seconds)
            mine = Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner)
            mine.update(lease_until=until)
        connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    # Short jobs end long before the first renewal; a thread costs them next to nothing.
    thread.start()
    try:
        yield
    finally:
        done.set()


def _fail(job: Job, error: str) -> None:
    if job.attempts >= conf().job_attempts:
        _finish(job, JobState.DEAD, error)
        return
    mine = Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner)
    with transaction.atomic():
        # Somebody may have asked for the same again meanwhile; one waiting row is enough.
        again = Job.objects.filter(kind=job.kind, target=job.target, state=JobState.WAITING)
        if again.exclude(pk=job.pk).exists():
            mine.update(state=JobState.DEAD, last_error=error, finished_at=timezone.now())
            return
        mine.update(
            state=JobState.WAITING,
            next_try_at=timezone.now() + job.pause_before_next_try(),
            lease_until=None,
            lease_owner="",
            last_error=error,
        )


def _finish(job: Job, state: str, error: str) -> None:
    Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner).update(
        state=state, last_error=error, finished_at=timezone.now(), lease_until=None, lease_owner=""
    )


def run_due_jobs(limit: int = 1000) -> int:
    """Do all jobs that are due now, at most ``limit``; returns how many were done."""
    for number in range(limit):
        job = take_job()
        if job is None:
            return number
        do_job(job)
    return limit
