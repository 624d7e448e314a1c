"""What people searched for and told the knowledge team is missing."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

LONGEST_QUERY = 200


class SearchGap(models.Model):
    """One thing that is missing, in the words of those who looked for it. Nobody is named."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WRITING = "writing", _("Being written")
        ANSWERED = "answered", _("Answered")

    query = models.CharField(_("what was searched"), max_length=LONGEST_QUERY, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.OPEN, db_index=True
    )
    answered_with = models.ForeignKey(
        Page,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("the page that answers it"),
    )
    note = models.TextField(_("note of the knowledge team"), blank=True)
    times = models.PositiveIntegerField(_("times told"), default=0, editable=False)
    first_told = models.DateTimeField(_("first told"), default=timezone.now, editable=False)
    last_told = models.DateTimeField(_("last told"), default=timezone.now, editable=False)
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-last_told", "-pk"]
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")

    def __str__(self) -> str:
        return self.query


class GapReport(models.Model):
    """That a gap was told on a day, kept for that day so that nobody tells it twice.

    ``digest`` is of the reader, with a key that is destroyed every month.
    """

    gap = models.ForeignKey(SearchGap, on_delete=models.CASCADE, related_name="reports")
    day = models.DateField()
    digest = models.CharField(max_length=64, db_index=True)

    class Meta:
        verbose_name = _("telling of a gap")
        verbose_name_plural = _("tellings of gaps")
        constraints = [
            models.UniqueConstraint(fields=["gap", "day", "digest"], name="km_gap_told_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.gap}, {self.day}"
