"""Words that things are sorted by: lists that editors keep, and the kinds of knowledge."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from km_pages.models.old_versions import LeftOutWhenGone


class NamedEntry(models.Model):
    """Something that editors name, describe and put in order."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name in addresses"), max_length=80, unique=True)
    description = models.TextField(_("description"), blank=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        abstract = True
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name


class KnowledgeType(models.TextChoices):
    """Which kind of knowledge something is good for, in words people use."""

    HEADS = "heads", _("Know-how in people's heads")
    WRITTEN = "written", _("What can be written down")
    BOTH = "both", _("Both")


class PhaseColour(models.TextChoices):
    """Colours of a phase's band; each is dark enough for white words (4.5 to 1)."""

    BLUE = "blue", _("Blue")
    GREEN = "green", _("Green")
    PURPLE = "purple", _("Purple")
    TEAL = "teal", _("Teal")
    MAROON = "maroon", _("Maroon")


class LearningPhase(NamedEntry):
    """When people learn: before, during or after. Leaving is a use, not a phase."""

    strapline = models.CharField(_("what it means, in one line"), max_length=160, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    elearning_url = models.URLField(_("e-learning address"), blank=True)
    colour = models.CharField(
        _("colour of its band"),
        max_length=10,
        choices=PhaseColour.choices,
        default=PhaseColour.BLUE,
    )

    class Meta(NamedEntry.Meta):
        verbose_name = _("phase")
        verbose_name_plural = _("phases")


class Goal(NamedEntry):
    """What people want to reach: connect people, share learning, and so on."""

    class Meta(NamedEntry.Meta):
        verbose_name = _("goal")
        verbose_name_plural = _("goals")


class Topic(NamedEntry):
    """A subject of a site's own list, with room for the notation of a scheme such as MeSH."""

    scheme = models.CharField(_("scheme"), max_length=60, blank=True)
    notation = models.CharField(_("notation in the scheme"), max_length=60, blank=True)

    class Meta(NamedEntry.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")


class OutputType(NamedEntry):
    """What a piece of knowledge is: contacts, a how-to, a lesson, an interview and so on."""

    class Meta(NamedEntry.Meta):
        verbose_name = _("type of knowledge")
        verbose_name_plural = _("types of knowledge")


class Framework(NamedEntry):
    """A named set that techniques belong to. Which ones belong is data: sources disagree."""

    introduction = models.TextField(_("introduction"), blank=True)
    elearning_url = models.URLField(_("e-learning address"), blank=True)
    source_credit = models.CharField(_("source credit"), max_length=500, blank=True)

    class Meta(NamedEntry.Meta):
        verbose_name = _("framework")
        verbose_name_plural = _("frameworks")


class FrameworkEntry(LeftOutWhenGone, Orderable):
    """The place of one technique in one framework."""

    class Included(models.TextChoices):
        YES = "yes", _("Belongs to it")
        NO = "no", _("Does not belong to it")
        UNCLEAR = "unclear", _("Sources disagree")

    technique = ParentalKey(
        "km_pages.TechniquePage", on_delete=models.CASCADE, related_name="framework_entries"
    )
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    included = models.CharField(
        _("membership"), max_length=10, choices=Included.choices, default=Included.YES
    )

    class Meta(Orderable.Meta):
        verbose_name = _("place in a framework")
        constraints = [
            models.UniqueConstraint(
                fields=["technique", "framework"], name="km_one_entry_per_framework"
            )
        ]
