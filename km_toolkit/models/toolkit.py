"""The retention toolkit: six steps, and a toolbox of activities to pick from."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.blocks import PageChooserBlock
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from km_pages.blocks.guide import (
    FillInBlock,
    LinesBlock,
    PersonTaskBlock,
    SampleBlock,
    StepBlock,
    VariationBlock,
)
from km_pages.listings.kept import kept_list
from km_pages.listings.techniques import told_of
from km_pages.models import Checked, Credited, KnowledgeType, OutputType, TechniquePage
from km_pages.models.old_versions import OpensOldVersions
from km_pages.models.own import OwnPage
from km_toolkit.listings import activity_context, around_activity, toolkit_context
from km_toolkit.paper_cards import activity_answer, toolbox_answer
from km_toolkit.sheets import fill_in_answer, workbook_answer


class ToolkitPage(RoutablePageMixin, Credited, OwnPage):
    """What to do when somebody leaves: the six steps, and the toolbox below them."""

    km_kind = "toolkit"

    introduction = models.TextField(_("introduction"), blank=True)
    ways_to_use = StreamField(
        [("way", VariationBlock())], blank=True, verbose_name=_("use it your way")
    )

    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        InlinePanel("steps", heading=_("Steps"), label=_("Step")),
        FieldPanel("ways_to_use"),
        MultiFieldPanel(Credited.credit_panels, heading=_("Sources")),
    ]

    parent_page_types = ["km_pages.HomePage"]
    subpage_types = ["km_toolkit.ActivityPage"]
    template = "km_toolkit/toolkit_page.html"

    class Meta:
        verbose_name = _("toolkit")
        verbose_name_plural = _("toolkits")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add ``kept``: the six steps and the toolbox, to be made."""
        context = super().get_context(request, *args, **kwargs)
        context["kept"] = kept_list(
            self,
            request,
            ActivityPage,
            (self.title, self.introduction),
            lambda: toolkit_context(self, request),
        )
        return context

    @path("workbook/", name="workbook")
    def workbook(self, request: Any) -> Any:
        """The six steps with room to write, to print on paper."""
        return workbook_answer(self, request)

    @path("workbook/word/", name="workbook_docx")
    def workbook_docx(self, request: Any) -> Any:
        """The same as a Word file."""
        return workbook_answer(self, request, as_file=True)

    @path("cards/", name="cards_pdf")
    def cards_pdf(self, request: Any) -> Any:
        """A card to print for every activity, as one PDF."""
        return toolbox_answer(self, request)


class ToolkitStep(Orderable):
    """One of the six steps: who leads it, what each person does, what it leaves behind."""

    toolkit = ParentalKey(ToolkitPage, on_delete=models.CASCADE, related_name="steps")
    title = models.CharField(_("step"), max_length=160)
    strapline = models.CharField(_("in one line"), max_length=200, blank=True)
    lead = models.CharField(_("who leads it"), max_length=120, blank=True)
    with_whom = models.CharField(_("with whom"), max_length=160, blank=True)
    what_each_does = StreamField(
        [("person", PersonTaskBlock())], blank=True, verbose_name=_("what each person does")
    )
    record = models.TextField(_("what it leaves behind"), blank=True)
    optional_note = models.CharField(_("if it is not possible"), max_length=255, blank=True)
    minutes = models.PositiveIntegerField(_("minutes, about"), null=True, blank=True)
    activities = StreamField(
        [("activity", PageChooserBlock(page_type="km_toolkit.ActivityPage"))],
        blank=True,
        verbose_name=_("activities that help"),
    )
    fill_in = StreamField(
        [("field", FillInBlock())], blank=True, verbose_name=_("page of the workbook to fill in")
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("strapline"),
        FieldPanel("lead"),
        FieldPanel("with_whom"),
        FieldPanel("what_each_does"),
        FieldPanel("record"),
        FieldPanel("optional_note"),
        FieldPanel("minutes"),
        FieldPanel("activities"),
        FieldPanel("fill_in"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("step of the toolkit")

    def __str__(self) -> str:
        return self.title


class ActivityPage(OpensOldVersions, RoutablePageMixin, Checked, Credited, OwnPage):
    """One activity of the toolbox: pick it for a piece of knowledge and the time that is left."""

    class Together(models.TextChoices):
        ALONE = "alone", _("On your own")
        WITH_OTHERS = "with_others", _("With others")
        EITHER = "either", _("Either way")

    km_kind = "activity"

    strapline = models.CharField(_("in one line"), max_length=160, blank=True)
    purpose = models.TextField(_("what it is for"), blank=True)
    gives = models.CharField(_("what it gives"), max_length=200, blank=True)
    knowledge_type = models.CharField(
        _("kind of knowledge"), max_length=10, choices=KnowledgeType.choices, blank=True
    )
    weeks_earliest = models.SmallIntegerField(
        _("earliest, weeks before the last day"), null=True, blank=True
    )
    weeks_latest = models.SmallIntegerField(
        _("latest, weeks before the last day"),
        null=True,
        blank=True,
        help_text=_("Less than 0 for weeks after the last day."),
    )
    together = models.CharField(
        _("alone or with others"),
        max_length=12,
        choices=Together.choices,
        default=Together.EITHER,
    )
    who_takes_part = models.CharField(_("who takes part"), max_length=255, blank=True)
    minutes_min = models.PositiveIntegerField(_("fewest minutes"), null=True, blank=True)
    minutes_max = models.PositiveIntegerField(_("most minutes"), null=True, blank=True)
    effort_label = models.CharField(_("effort, in words"), max_length=120, blank=True)
    quick_minutes = models.PositiveIntegerField(_("minutes of the short version"), default=15)
    quick_steps = StreamField(
        [("step", StepBlock())], blank=True, verbose_name=_("the 15-minute version")
    )
    steps = StreamField([("step", StepBlock())], blank=True, verbose_name=_("steps"))
    questions = StreamField(LinesBlock(), blank=True, verbose_name=_("what to ask"))
    what_not_to_record = StreamField(LinesBlock(), blank=True, verbose_name=_("what not to record"))
    samples = StreamField([("sample", SampleBlock())], blank=True, verbose_name=_("samples"))
    fill_in = StreamField([("field", FillInBlock())], blank=True, verbose_name=_("page to fill in"))
    consent_wording = models.TextField(_("consent, in words to read out"), blank=True)
    who_checks = models.CharField(_("who checks it"), max_length=255, blank=True)
    techniques = ParentalManyToManyField(
        TechniquePage, blank=True, related_name="activities", verbose_name=_("techniques used")
    )
    output_type = models.ForeignKey(
        OutputType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("what comes out"),
    )

    search_fields = [
        *Page.search_fields,
        index.SearchField("strapline"),
        index.SearchField("purpose"),
    ]

    glance_panels = [
        *Page.content_panels,
        FieldPanel("strapline"),
        FieldPanel("purpose"),
        FieldPanel("gives"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("weeks_earliest"), FieldPanel("weeks_latest")]),
                FieldRowPanel([FieldPanel("minutes_min"), FieldPanel("minutes_max")]),
                FieldPanel("effort_label"),
            ],
            heading=_("Time"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("knowledge_type"),
                FieldPanel("together"),
                FieldPanel("who_takes_part"),
                FieldPanel("output_type"),
            ],
            heading=_("Fit"),
        ),
    ]
    run_panels = [
        FieldPanel("quick_minutes"),
        FieldPanel("quick_steps"),
        FieldPanel("steps"),
        FieldPanel("questions"),
        FieldPanel("what_not_to_record"),
        FieldPanel("samples"),
        FieldPanel("fill_in"),
        FieldPanel("consent_wording"),
        FieldPanel("who_checks"),
        FieldPanel("techniques"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(glance_panels, heading=_("At a glance")),
            ObjectList(run_panels, heading=_("Do it")),
            ObjectList(
                [*Credited.credit_panels, *Checked.checked_panels], heading=_("Sources, checking")
            ),
            ObjectList(Page.promote_panels, heading=_("Promote")),
            ObjectList([*Page.settings_panels, FieldPanel("owner")], heading=_("Settings")),
        ]
    )

    parent_page_types = ["km_toolkit.ToolkitPage"]
    subpage_types: list[str] = []
    template = "km_toolkit/activity_page.html"

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_min__isnull=True)
                | Q(minutes_max__isnull=True)
                | Q(minutes_min__lte=F("minutes_max")),
                name="km_activity_minutes_in_order",
            ),
            models.CheckConstraint(
                condition=Q(weeks_earliest__isnull=True)
                | Q(weeks_latest__isnull=True)
                | Q(weeks_earliest__gte=F("weeks_latest")),
                name="km_activity_weeks_in_order",
            ),
        ]

    def clean(self) -> None:
        """Refuse ranges that run backwards, naming the field at fault."""
        super().clean()
        errors = {}
        low, high = self.minutes_min, self.minutes_max
        if low is not None and high is not None and low > high:
            errors["minutes_min"] = ValidationError(_("The fewest minutes are more than the most."))
        first, last = self.weeks_earliest, self.weeks_latest
        if first is not None and last is not None and first < last:
            errors["weeks_earliest"] = ValidationError(
                _("The earliest week comes after the latest. Count weeks before the last day.")
            )
        if errors:
            raise ValidationError(errors)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the page shows besides its own fields; works for unsaved previews too."""
        context = super().get_context(request, *args, **kwargs)
        around = around_activity(self, request)
        context["kept"] = kept_list(
            self,
            request,
            TechniquePage,
            told_of(around),
            lambda: {**activity_context(self, request), **around},
        )
        return {**context, **around}

    @path("card/", name="card_pdf")
    def card_pdf(self, request: Any) -> Any:
        """The activity on one side of A4, as a tagged PDF; ``?size=a6`` for postcards."""
        return activity_answer(self, request)

    @path("fill-in/", name="fill_in")
    def fill_in_page(self, request: Any) -> Any:
        """The page to fill in, on screen."""
        return fill_in_answer(self, request)

    @path("fill-in/word/", name="fill_in_docx")
    def fill_in_docx(self, request: Any) -> Any:
        """The same, empty, as a Word file."""
        return fill_in_answer(self, request, as_file=True)
