"""Knowledge areas: what somebody who leaves knows, and what of it comes first."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Orderable

from km_pages.models import KnowledgeType


class Priority(models.TextChoices):
    """What comes first."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")
    NOT_NOW = "not_now", _("Not now")


def _scale(words: Any, help_text: Any) -> Any:
    return models.PositiveSmallIntegerField(
        words, default=3, choices=[(n, str(n)) for n in range(1, 6)], help_text=help_text
    )


class KnowledgeArea(Orderable):
    """Something the leaver knows and the post needs. Its score describes the area, nobody.

    The score is criticality x uniqueness x urgency, each 1 to 5: 1 to 125. The multiplied scales
    are those that nuclear plants use for knowledge at risk, with urgency as the third.
    """

    handover = models.ForeignKey(
        "km_toolkit.Handover", on_delete=models.CASCADE, related_name="areas"
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    typed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    title = models.CharField(_("what it is about"), max_length=160)
    why = models.TextField(_("why it matters"), blank=True)
    who_relies = models.TextField(_("who relies on it"), blank=True)
    who_else = models.TextField(_("who else knows it"), blank=True)
    kind = models.CharField(
        _("what kind of knowledge"),
        max_length=10,
        blank=True,
        choices=KnowledgeType.choices,
    )
    criticality = _scale(_("how much would go wrong"), _("1: little. 5: the service stops."))
    uniqueness = _scale(_("how few others know it"), _("1: most of us know. 5: only I know."))
    urgency = _scale(_("how soon it is needed"), _("1: within a year. 5: in the first days."))
    listed = models.BooleanField(_("named by the leaver"), default=True, editable=False)
    priority = models.CharField(
        _("priority"), max_length=8, choices=Priority.choices, blank=True, editable=False
    )
    priority_reason = models.TextField(_("why not now"), blank=True, editable=False)
    told_in_person = models.BooleanField(
        _("told in person, nothing stored"), default=False, editable=False
    )
    told_to = models.CharField(_("told to"), max_length=160, blank=True, editable=False)

    class Meta(Orderable.Meta):
        verbose_name = _("knowledge area")
        verbose_name_plural = _("knowledge areas")
        constraints = [
            models.CheckConstraint(
                condition=~Q(priority="not_now") | ~Q(priority_reason=""),
                name="km_not_now_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(criticality__range=(1, 5))
                & Q(uniqueness__range=(1, 5))
                & Q(urgency__range=(1, 5)),
                name="km_scales_from_1_to_5",
            ),
        ]
        # Of thousands the board shows the twenty that score highest: they are found in their order.
        indexes = [
            models.Index(
                (F("criticality") * F("uniqueness") * F("urgency")).desc(),
                "sort_order",
                "id",
                condition=Q(told_in_person=False) & ~Q(priority="not_now"),
                name="km_areas_by_score",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def score(self) -> int:
        """1 to 125: see the class."""
        return self.criticality * self.uniqueness * self.urgency

    @property
    def suggested_priority(self) -> Priority:
        """What the score suggests: high from 48 (4 x 4 x 3), medium from 18 (3 x 3 x 2)."""
        if self.score >= 48:
            return Priority.HIGH
        return Priority.MEDIUM if self.score >= 18 else Priority.LOW
