"""Technique guides: how people learn from each other before, during and after their work."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.forms import CheckboxSelectMultiple
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
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
from km_pages.models.provenance import Checked, Credited
from km_pages.models.technique_form import TechniquePageForm
from km_pages.models.vocabulary import Goal, KnowledgeType, LearningPhase


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


class TechniquePage(OpensOldVersions, RoutablePageMixin, Checked, Credited, OwnPage):
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
