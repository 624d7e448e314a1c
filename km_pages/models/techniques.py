"""Technique guides: how people learn from each other before, during and after their work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.forms import CheckboxSelectMultiple
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PageChooserPanel,
    TabbedInterface,
)
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from km_pages.blocks.guide import (
    ExampleBlock,
    InsteadBlock,
    LinesBlock,
    OutputBlock,
    RoleBlock,
    SourceBlock,
    StepBlock,
    TemplateBlock,
    VariationBlock,
)
from km_pages.listings.kept import kept_list
from km_pages.listings.paper_cards import card_answer, technique_card
from km_pages.listings.technique_finder import technique_index_context
from km_pages.listings.techniques import (
    around_technique,
    card_context,
    related,
    technique_context,
    told_of,
)
from km_pages.models.old_versions import OpensOldVersions
from km_pages.models.own import OwnPage
from km_pages.models.technique_form import TechniquePageForm
from km_pages.models.vocabulary import Goal, LearningPhase


class KnowledgeType(models.TextChoices):
    """Which kind of knowledge something is good for, in words people use."""

    HEADS = "heads", _("Know-how in people's heads")
    WRITTEN = "written", _("What can be written down")
    BOTH = "both", _("Both")


class Checked(models.Model):
    """Who keeps a page right, and when it was checked last."""

    last_reviewed = models.DateField(_("last checked on"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checked by"),
    )
    review_due = models.DateField(_("check again by"), null=True, blank=True)

    checked_panels = [
        FieldPanel("last_reviewed"),
        FieldPanel("reviewed_by"),
        FieldPanel("review_due"),
    ]

    class Meta:
        abstract = True


class Credited(models.Model):
    """Where the text comes from and on which terms it may be used."""

    sources = StreamField([("source", SourceBlock())], blank=True, verbose_name=_("sources"))
    source_credit = models.CharField(_("source credit"), max_length=500, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)

    credit_panels = [FieldPanel("sources"), FieldPanel("source_credit"), FieldPanel("licence")]

    class Meta:
        abstract = True


class TechniqueIndexPage(OwnPage):
    """All techniques, to be narrowed to the few that fit."""

    km_kind = "page"

    introduction = models.TextField(_("introduction"), blank=True)

    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    parent_page_types = ["km_pages.HomePage"]
    subpage_types = ["km_pages.TechniquePage"]
    template = "km_pages/technique_index_page.html"

    class Meta:
        verbose_name = _("list of techniques")
        verbose_name_plural = _("lists of techniques")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add ``kept``: the filter form, the techniques that fit and their groups, to be made."""
        context = super().get_context(request, *args, **kwargs)
        context["kept"] = kept = kept_list(
            self,
            request,
            TechniquePage,
            (self.title, self.introduction),
            lambda: technique_index_context(self, request, kept.for_all_ways),
        )
        return context


class TechniquePage(OpensOldVersions, RoutablePageMixin, Checked, Credited, OwnPage):  # noqa: DJ008
    """A repeatable way for people to learn or share, ready to be run from the page."""

    class Cadence(models.TextChoices):
        ONCE = "once", _("Once, when needed")
        REGULAR = "regular", _("Again and again, at set times")
        ONGOING = "ongoing", _("All the time")

    km_kind = "technique"

    also_known_as = StreamField(LinesBlock(), blank=True, verbose_name=_("also known as"))
    strapline = models.CharField(_("in one line"), max_length=160, blank=True)
    purpose = models.TextField(_("what it is for"), blank=True)
    primary_phase = models.ForeignKey(
        LearningPhase,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="primary_techniques",
        verbose_name=_("main phase"),
    )
    phases = ParentalManyToManyField(
        LearningPhase, blank=True, related_name="techniques", verbose_name=_("phases")
    )
    goals = ParentalManyToManyField(
        Goal, blank=True, related_name="techniques", verbose_name=_("goals")
    )
    knowledge_type = models.CharField(
        _("kind of knowledge"), max_length=10, choices=KnowledgeType.choices, blank=True
    )
    cadence = models.CharField(
        _("how often"), max_length=10, choices=Cadence.choices, default=Cadence.ONCE
    )
    for_leaving = models.BooleanField(
        _("helps when somebody leaves"),
        default=False,
        help_text=_("The finder offers it to those who are losing someone."),
    )
    when_to_use = StreamField(LinesBlock(), blank=True, verbose_name=_("use it when"))
    when_not_to_use = StreamField(
        [("case", InsteadBlock())], blank=True, verbose_name=_("do not use it when")
    )
    preparation = models.TextField(_("preparation"), blank=True)
    preparation_time = models.CharField(_("time to prepare"), max_length=120, blank=True)
    opening_words = models.TextField(_("opening words, to read out"), blank=True)
    closing_words = models.TextField(_("closing words, to read out"), blank=True)
    invitation_text = models.TextField(_("invitation, to copy"), blank=True)
    materials = StreamField(LinesBlock(), blank=True, verbose_name=_("what you need"))
    roles = StreamField([("role", RoleBlock())], blank=True, verbose_name=_("roles"))
    key_questions = StreamField(LinesBlock(), blank=True, verbose_name=_("key questions"))
    outputs = StreamField(
        [("output", OutputBlock())], blank=True, verbose_name=_("what you have afterwards")
    )
    who_sees_output = models.TextField(_("who sees what comes out"), blank=True)
    escalation = models.TextField(_("when something serious comes up"), blank=True)
    tips = StreamField(LinesBlock(), blank=True, verbose_name=_("tips"))
    pitfalls = StreamField(LinesBlock(), blank=True, verbose_name=_("what goes wrong"))
    variations = StreamField(
        [("variation", VariationBlock())], blank=True, verbose_name=_("other ways of doing it")
    )
    examples = StreamField(
        [("example", ExampleBlock())], blank=True, verbose_name=_("filled examples")
    )
    templates = StreamField(
        [("template", TemplateBlock())], blank=True, verbose_name=_("forms to download")
    )
    video_url = models.URLField(_("video"), blank=True)
    elearning_url = models.URLField(_("e-learning address"), blank=True)
    contact = models.CharField(_("who can help"), max_length=255, blank=True)

    base_form_class = TechniquePageForm

    search_fields = [
        *Page.search_fields,
        index.SearchField("strapline"),
        index.SearchField("purpose"),
        index.FilterField("primary_phase_id"),
    ]

    glance_panels = [
        *Page.content_panels,
        FieldPanel("strapline"),
        FieldPanel("also_known_as"),
        FieldPanel("purpose"),
        MultiFieldPanel(
            [
                FieldPanel("primary_phase"),
                FieldPanel("phases", widget=CheckboxSelectMultiple),
                FieldPanel("goals", widget=CheckboxSelectMultiple),
                FieldPanel("knowledge_type"),
                FieldPanel("cadence"),
                FieldPanel("for_leaving"),
            ],
            heading=_("Where it belongs"),
        ),
        InlinePanel("framework_entries", heading=_("Frameworks"), label=_("Framework")),
    ]
    run_panels = [
        InlinePanel(
            "formats",
            heading=_("Formats: short, full, online"),
            label=_("Format"),
            help_text=_("One duration misleads: give each format its own minutes and steps."),
        ),
        FieldPanel("when_to_use"),
        FieldPanel("when_not_to_use"),
        FieldPanel("preparation"),
        FieldPanel("preparation_time"),
        FieldPanel("invitation_text"),
        FieldPanel("materials"),
        FieldPanel("roles"),
        FieldPanel("opening_words"),
        FieldPanel("key_questions"),
        FieldPanel("closing_words"),
    ]
    after_panels = [
        FieldPanel("outputs"),
        FieldPanel("who_sees_output"),
        FieldPanel("escalation"),
        FieldPanel("tips"),
        FieldPanel("pitfalls"),
        FieldPanel("variations"),
        FieldPanel("examples"),
        FieldPanel("templates"),
        FieldPanel("video_url"),
        FieldPanel("elearning_url"),
        InlinePanel("related_links", heading=_("Related techniques"), label=_("Technique")),
        FieldPanel("contact"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(glance_panels, heading=_("At a glance")),
            ObjectList(run_panels, heading=_("Run it")),
            ObjectList(after_panels, heading=_("Afterwards")),
            ObjectList(
                [*Credited.credit_panels, *Checked.checked_panels], heading=_("Sources, checking")
            ),
            ObjectList(Page.promote_panels, heading=_("Promote")),
            ObjectList([*Page.settings_panels, FieldPanel("owner")], heading=_("Settings")),
        ]
    )

    parent_page_types = ["km_pages.TechniqueIndexPage"]
    subpage_types: list[str] = []
    template = "km_pages/technique_page.html"

    class Meta:
        verbose_name = _("technique")
        verbose_name_plural = _("techniques")

    @cached_property
    def learning_url(self) -> str:
        """The e-learning address of this technique, else of its phase, else of a framework."""
        if self.elearning_url:
            return self.elearning_url
        if self.primary_phase and self.primary_phase.elearning_url:
            return self.primary_phase.elearning_url
        entries = self.framework_entries.select_related("framework") if self.pk else []
        return next(
            (each.framework.elearning_url for each in entries if each.framework.elearning_url), ""
        )

    @property
    def format_warnings(self) -> list[str]:
        """Formats whose steps do not fit their minutes, in words: odd, and no mistake."""
        words = _(
            "%(format)s: the steps take %(total)d minutes, but the format takes %(low)s to "
            "%(high)s. It was saved as it is."
        )
        return [
            str(words)
            % {
                "format": each,
                "total": each.total_minutes,
                "low": each.minutes_min if each.minutes_min is not None else 0,
                "high": each.minutes_max if each.minutes_max is not None else _("any number"),
            }
            for each in self.formats.all()
            if each.steps_outside_minutes
        ]

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the page shows besides its own fields; works for unsaved previews too."""
        context = super().get_context(request, *args, **kwargs)
        around = around_technique(self, request)

        def near() -> Any:
            return kept.once("related", lambda: related(self, request))

        kept = kept_list(
            self,
            request,
            TechniquePage,
            told_of(around),
            lambda: {**technique_context(self, request), **around, "related": near()},
        )
        context["kept"] = kept
        return {**context, **around, "related": near()}

    @path("card/", name="card")
    def card(self, request: Any) -> Any:
        """The technique on one side of A4, in the format that ``?format=`` names."""
        context = self.get_context(request)
        context |= {**context["kept"].filled, **card_context(self, request)}
        return render(request, "km_pages/technique_card_page.html", context)

    @path("card/pdf/", name="card_pdf")
    def card_pdf(self, request: Any) -> Any:
        """The same as a tagged PDF; ``?size=a6`` for postcards."""
        return card_answer(self.title, [technique_card(self, request)], request)


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

    technique = ParentalKey(TechniquePage, on_delete=models.CASCADE, related_name="formats")
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


class RelatedTechnique(Orderable):
    """How one technique stands to another."""

    class Relation(models.TextChoices):
        FOLLOWS = "follows", _("Do it after")
        PRECEDES = "precedes", _("Do it before")
        ALTERNATIVE = "alternative", _("Use it instead of")
        COMBINES = "combines", _("Goes well with")
        VARIANT = "variant", _("Another version of")

    technique = ParentalKey(TechniquePage, on_delete=models.CASCADE, related_name="related_links")
    other = models.ForeignKey(
        TechniquePage,
        on_delete=models.CASCADE,
        related_name="related_from",
        verbose_name=_("technique"),
    )
    relation = models.CharField(
        _("relation"), max_length=12, choices=Relation.choices, default=Relation.COMBINES
    )

    panels = [PageChooserPanel("other", "km_pages.TechniquePage"), FieldPanel("relation")]

    class Meta(Orderable.Meta):
        verbose_name = _("related technique")
        constraints = [
            models.UniqueConstraint(fields=["technique", "other"], name="km_related_once")
        ]
