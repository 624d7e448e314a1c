"""Large prints of a learning record, made in the background for their owner."""

from __future__ import annotations

import datetime
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from km_pages.models.files import knowledge_storage

KEPT = datetime.timedelta(hours=24)


class PaperKind(models.TextChoices):
    """What is made."""

    PDF = "pdf", _("PDF")
    ALL = "zip", _("Everything of mine")


class PaperState(models.TextChoices):
    """How far it is."""

    WAITING = "waiting", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Could not be made")


class RecordPaper(models.Model):
    """One print that somebody asked for: how far it is, then its bytes, for a day.

    The bytes lie in the private storage under a random name and are given to the owner alone.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_record_papers"
    )
    kind = models.CharField(max_length=4, choices=PaperKind.choices)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=PaperState.choices, default=PaperState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    blob = models.FileField(storage=knowledge_storage, max_length=100, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("print of a learning record")
        verbose_name_plural = _("prints of learning records")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(blob=""), name="km_paper_ready_is_there"
            )
        ]

    def __str__(self) -> str:
        return "Learning record"

    @property
    def part(self) -> int:
        """How much is done, in hundredths."""
        return min(self.done * 100 // self.total, 100) if self.total else 0
