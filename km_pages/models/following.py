"""Searches that people follow."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SavedSearch(models.Model):
    """A search that somebody keeps, and has new matches of sent by e-mail.

    ``seen`` are the ids of the pages that they were told of or that matched when they began: new
    is what they may see now and is not among them. ``next_at`` is when to look again.
    """

    class Rhythm(models.TextChoices):
        DAILY = "daily", _("Every day, if there is something new")
        WEEKLY = "weekly", _("Once a week, if there is something new")
        NEVER = "never", _("No e-mail; only keep it on my page")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_saved_searches"
    )
    name = models.CharField(_("what you call it"), max_length=120)
    query = models.CharField(max_length=500, blank=True)
    filters = models.JSONField(default=dict, blank=True)
    strict = models.BooleanField(default=False)
    rhythm = models.CharField(
        _("e-mail"), max_length=10, choices=Rhythm.choices, default=Rhythm.WEEKLY
    )
    seen = models.JSONField(default=list, blank=True)
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")

    def __str__(self) -> str:
        return self.name
