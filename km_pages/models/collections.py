"""A search of an editor's as a page that keeps itself up to date."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from km_pages.models.own import OwnPage
from km_pages.models.teams import Team
from km_pages.models.vocabulary import Goal, LearningPhase, OutputType, Topic

MOST_TAGS = 20


class CollectionPage(OwnPage):
    """Everything that fits some words and choices, for each reader what they may see."""

    class Kind(models.TextChoices):
        KNOWLEDGE = "knowledge", _("Knowledge items")
        TECHNIQUE = "technique", _("Techniques")
        ACTIVITY = "activity", _("Activities")
        ANY = "", _("All of these")

    class Sort(models.TextChoices):
        NEWEST = "newest", _("Newest first")
        VERIFIED = "verified", _("Checked most recently first")
        RELEVANCE = "relevance", _("Best match first")

    km_kind = "page"

    introduction = models.TextField(_("introduction"), blank=True)
    wanted_words = models.CharField(
        _("words"),
        max_length=300,
        blank=True,
        help_text=_("As in the search box. Leave it empty to list everything that fits the rest."),
    )
    wanted_kind = models.CharField(
        _("what to list"), max_length=10, choices=Kind.choices, default=Kind.KNOWLEDGE, blank=True
    )
    wanted_types = ParentalManyToManyField(
        OutputType, blank=True, related_name="+", verbose_name=_("types of knowledge")
    )
    wanted_topics = ParentalManyToManyField(
        Topic, blank=True, related_name="+", verbose_name=_("topics")
    )
    wanted_teams = ParentalManyToManyField(
        Team, blank=True, related_name="+", verbose_name=_("teams")
    )
    wanted_phases = ParentalManyToManyField(
        LearningPhase, blank=True, related_name="+", verbose_name=_("moments")
    )
    wanted_goals = ParentalManyToManyField(
        Goal, blank=True, related_name="+", verbose_name=_("goals")
    )
    wanted_tags = models.CharField(
        _("tags"), max_length=300, blank=True, help_text=_("Separate them by commas.")
    )
    all_words = models.BooleanField(_("only what has all the words"), default=True)
    sort = models.CharField(_("order"), max_length=10, choices=Sort.choices, default=Sort.NEWEST)
    page_size = models.PositiveSmallIntegerField(
        _("how many on one page"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    can_be_narrowed = models.BooleanField(_("let readers narrow it down"), default=False)

    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        MultiFieldPanel(
            [
                FieldPanel("wanted_words"),
                FieldPanel("all_words"),
                FieldPanel("wanted_kind"),
                FieldPanel("wanted_types", widget=CheckboxSelectMultiple),
                FieldPanel("wanted_topics", widget=CheckboxSelectMultiple),
                FieldPanel("wanted_teams", widget=CheckboxSelectMultiple),
                FieldPanel("wanted_phases", widget=CheckboxSelectMultiple),
                FieldPanel("wanted_goals", widget=CheckboxSelectMultiple),
                FieldPanel("wanted_tags"),
            ],
            heading=_("What it lists"),
            help_text=_(
                "Several choices of one list are alternatives; the lists count together. Each "
                "reader sees only what they may see."
            ),
        ),
        MultiFieldPanel(
            [FieldPanel("sort"), FieldPanel("page_size"), FieldPanel("can_be_narrowed")],
            heading=_("How it lists it"),
        ),
    ]

    parent_page_types = ["km_pages.HomePage", "km_pages.CollectionPage"]
    subpage_types = ["km_pages.CollectionPage"]
    template = "km_pages/collection_page.html"

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def km_index_text(self) -> str:
        """Nothing besides title and introduction: the words it looks for are not its own."""
        return ""

    @property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The choices as filters of :func:`km_pages.finding.find`. One query for each list."""
        lists = {
            "type": self.wanted_types,
            "topic": self.wanted_topics,
            "team": self.wanted_teams,
            "phase": self.wanted_phases,
            "goal": self.wanted_goals,
        }
        found = {name: tuple(each.slug for each in rows.all()) for name, rows in lists.items()}
        found["kind"] = (self.wanted_kind,) if self.wanted_kind else KINDS
        tags = [" ".join(each.split()) for each in self.wanted_tags.split(",")]
        found["tag"] = tuple(each for each in tags if each)[:MOST_TAGS]
        return {name: values for name, values in found.items() if values}


KINDS = tuple(each for each in CollectionPage.Kind.values if each)
