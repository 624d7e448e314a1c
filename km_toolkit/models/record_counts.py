"""What may be told to others of what people learned: numbers of a quarter, counted once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from km_pages.models import Team


class CountKind(models.TextChoices):
    """What is counted."""

    MODULES = "modules", _("Modules completed")
    MINUTES = "minutes", _("Minutes of learning")
    USES = "uses", _("Techniques used")


class LearningQuarter(models.Model):
    """A quarter that has been counted. What was counted never changes any more.

    A number that went up from one day to the next would tell what one person did in between.
    """

    starts = models.DateField(unique=True)
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-starts"]
        verbose_name = _("quarter of learning")
        verbose_name_plural = _("quarters of learning")

    def __str__(self) -> str:
        return _("%(year)d, quarter %(n)d") % {
            "year": self.starts.year,
            "n": (self.starts.month + 2) // 3,
        }


class LearningCount(models.Model):
    """One number: of a team, of a technique, or (neither named) of the whole organisation.

    ``value`` is empty where too few people stand behind it; it is not kept anywhere then.
    """

    quarter = models.ForeignKey(LearningQuarter, on_delete=models.CASCADE, related_name="counts")
    kind = models.CharField(max_length=8, choices=CountKind.choices)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="+")
    value = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("number of learning")
        verbose_name_plural = _("numbers of learning")
        constraints = [
            models.UniqueConstraint(
                fields=["quarter", "kind", "team"],
                condition=Q(team__isnull=False),
                name="km_one_count_of_a_team",
            ),
            models.UniqueConstraint(
                fields=["quarter", "kind", "page"],
                condition=Q(page__isnull=False),
                name="km_one_count_of_a_technique",
            ),
            models.UniqueConstraint(
                fields=["quarter", "kind"],
                condition=Q(team__isnull=True, page__isnull=True),
                name="km_one_count_of_everybody",
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(page__isnull=True), name="km_count_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quarter}: {self.get_kind_display()}"
