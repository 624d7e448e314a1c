"""Work to be done, as rows that survive a kill."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs by what can be done with them now."""

    def due(self) -> JobQuerySet:
        """Those a worker may take: waiting and due, or running on a lease that has ended."""
        now = timezone.now()
        waiting = Q(state=JobState.WAITING, next_try_at__lte=now)
        return self.filter(waiting | Q(state=JobState.RUNNING, lease_until__lt=now))

    def open(self) -> JobQuerySet:
        """Those that are still to be done."""
        return self.filter(state__in=[JobState.WAITING, JobState.RUNNING])

    def try_again(self) -> int:
        """Let those that were given up be tried anew, as often as a new job. Returns how many."""
        return self.filter(state=JobState.DEAD).update(
            state=JobState.WAITING, attempts=0, next_try_at=timezone.now(), finished_at=None
        )

    def enqueue(self, kind: str, target: Any, **fields: Any) -> Job:
        """The open job of ``kind`` for ``target``, made if there is none: asking twice is safe."""
        job, _made = self.get_or_create(
            kind=kind,
            target=str(target),
            state=JobState.WAITING,
            defaults=fields,
        )
        return job


class Job(models.Model):
    """One thing to do. It can be asked for, taken, and finished again without harm."""

    kind = models.CharField(_("what"), max_length=40)
    target = models.CharField(_("on what"), max_length=80, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=JobState.choices, default=JobState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["next_try_at", "pk"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [models.Index(fields=["state", "next_try_at"], name="km_job_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "target"], condition=Q(state="waiting"), name="km_one_waiting_job"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"

    def pause_before_next_try(self) -> timedelta:
        """How long to wait after a failure: 30 seconds, then 2 minutes, then 8, and so on."""
        return timedelta(seconds=30 * 4 ** max(self.attempts - 1, 0))


class IndexChange(models.Model):
    """A row of the outbox: something in the database that the index does not know yet.

    Written in the transaction of the change itself; removed only after the engine has committed.
    ``narrows``: fewer people may see the page than the index knows. ``applied``: the index in use
    knows it, but another is being built beside it which must learn it as well. ``done_to``: of a
    subtree, the largest id of a page that has been applied, so that a long one can be continued.
    """

    page_id = models.PositiveBigIntegerField(db_index=True)
    path = models.CharField(max_length=255, blank=True)
    subtree = models.BooleanField(default=False)
    narrows = models.BooleanField(default=False)
    applied = models.BooleanField(default=False)
    done_to = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("change for the index")
        verbose_name_plural = _("changes for the index")

    def __str__(self) -> str:
        return f"{self.page_id}{' and below' if self.subtree else ''}"
