"""The formats of a technique: what each takes, and its steps by the minute."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable

from km_pages.blocks.guide import StepBlock


class TechniqueFormat(Orderable):
    """One way of running a technique: its minutes, people, setting and timed steps.

    ``minutes_*`` and ``people_*`` are what is possible; ``best_*`` what works best, and no limit.
    """

    class Kind(models.TextChoices):
        SHORT = "short", _("Short")
        FULL = "full", _("Full")
        ONLINE = "online", _("Online")

    class Setting(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        ONLINE = "online", _("Online")
        HYBRID = "hybrid", _("Some in the room, some online")

    technique = ParentalKey(
        "km_pages.TechniquePage", on_delete=models.CASCADE, related_name="formats"
    )
    kind = models.CharField(_("format"), max_length=10, choices=Kind.choices, default=Kind.FULL)
    label = models.CharField(_("in words"), max_length=120, blank=True)
    setting = models.CharField(
        _("setting"), max_length=10, choices=Setting.choices, default=Setting.IN_PERSON
    )
    ongoing = models.BooleanField(
        _("has no fixed length"),
        default=False,
        help_text=_("For something that goes on: it is then never matched on minutes."),
    )
    minutes_min = models.PositiveIntegerField(_("fewest minutes"), null=True, blank=True)
    minutes_max = models.PositiveIntegerField(_("most minutes"), null=True, blank=True)
    best_minutes_min = models.PositiveIntegerField(_("best from, minutes"), null=True, blank=True)
    best_minutes_max = models.PositiveIntegerField(_("best to, minutes"), null=True, blank=True)
    minutes_note = models.CharField(
        _("where the minutes come from"),
        max_length=255,
        blank=True,
        help_text=_("Name the source, or say that it is your estimate."),
    )
    people_min = models.PositiveIntegerField(_("smallest group"), null=True, blank=True)
    people_max = models.PositiveIntegerField(
        _("largest group"), null=True, blank=True, help_text=_("Leave empty for any number.")
    )
    best_people_min = models.PositiveIntegerField(_("best from, people"), null=True, blank=True)
    best_people_max = models.PositiveIntegerField(_("best to, people"), null=True, blank=True)
    steps = StreamField([("step", StepBlock())], blank=True, verbose_name=_("steps"))

    panels = [
        FieldRowPanel([FieldPanel("kind"), FieldPanel("setting")]),
        FieldPanel("label"),
        FieldPanel(
            "ongoing",
            heading=_("Goes on, or belongs to something that goes on"),
            help_text=_(
                "It is then never matched on minutes. Minutes that you fill in are shown all the "
                "same, for example of one meeting of many."
            ),
        ),
        FieldRowPanel([FieldPanel("minutes_min"), FieldPanel("minutes_max")]),
        FieldRowPanel([FieldPanel("best_minutes_min"), FieldPanel("best_minutes_max")]),
        FieldPanel("minutes_note"),
        FieldRowPanel([FieldPanel("people_min"), FieldPanel("people_max")]),
        FieldRowPanel([FieldPanel("best_people_min"), FieldPanel("best_people_max")]),
        FieldPanel("steps"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("format")
        verbose_name_plural = _("formats")
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_min__isnull=True)
                | Q(minutes_max__isnull=True)
                | Q(minutes_min__lte=F("minutes_max")),
                name="km_format_minutes_in_order",
            ),
            models.CheckConstraint(
                condition=Q(people_min__isnull=True)
                | Q(people_max__isnull=True)
                | Q(people_min__lte=F("people_max")),
                name="km_format_people_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.label or str(self.get_kind_display())

    def clean(self) -> None:
        """Refuse ranges that run backwards, naming the field at fault."""
        super().clean()
        errors = {}
        for low, high, message in (
            ("minutes_min", "minutes_max", _("The fewest minutes are more than the most.")),
            ("people_min", "people_max", _("The smallest group is larger than the largest.")),
            ("best_minutes_min", "best_minutes_max", _("The best minutes run backwards.")),
            ("best_people_min", "best_people_max", _("The best numbers run backwards.")),
        ):
            first, last = getattr(self, low), getattr(self, high)
            if first is not None and last is not None and first > last:
                errors[low] = ValidationError(message)
        if errors:
            raise ValidationError(errors)

    @property
    def total_minutes(self) -> int:
        """Sum of the steps' minutes."""
        return sum(step.value.get("minutes") or 0 for step in self.steps)

    @property
    def steps_outside_minutes(self) -> bool:
        """Whether the steps add up to fewer or more minutes than this format takes."""
        if self.ongoing or not self.steps:
            return False
        low, high = self.minutes_min, self.minutes_max
        total = self.total_minutes
        return (low is not None and total < low) or (high is not None and total > high)
