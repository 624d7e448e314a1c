"""Learning modules: a menu of them, and one module in ordered sections."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.contrib.settings.models import register_setting
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from km_pages.models import Checked, Credited, LearningPhase, TechniquePage
from km_pages.models.old_versions import OpensOldVersions
from km_pages.models.own import OwnPage, OwnSiteSetting
from km_pages.numbers import whole
from km_toolkit.blocks.learning import SectionsBlock
from km_toolkit.menu import menu_context
from km_toolkit.models.toolkit import ActivityPage
from km_toolkit.modules import module_context

LONGEST_MODULE = 600
# Addresses beside the menu that are no modules: what stands there would hide a page.
TAKEN_SLUGS = frozenset({"elsewhere", "modules", "record"})


class LearningIndexPage(OwnPage):
    """The menu: all modules by phase, with one's own done ones ticked."""

    km_kind = "page"

    introduction = models.TextField(_("introduction"), blank=True)

    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    parent_page_types = ["km_pages.HomePage"]
    subpage_types = ["km_toolkit.LearningModulePage"]
    template = "km_toolkit/learning/menu.html"

    class Meta:
        verbose_name = _("module menu")
        verbose_name_plural = _("module menus")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the menu as its reader has it."""
        context = super().get_context(request, *args, **kwargs)
        context.update(menu_context(request))
        return context


class LearningModulePage(OpensOldVersions, Checked, Credited, OwnPage):
    """A short module about a technique or an activity, worked through section by section."""

    class Completion(models.TextChoices):
        SEEN = "seen", _("All sections seen")
        TRIED = "tried", _("All sections seen, all checks tried")
        RIGHT = "right", _("All sections seen, all checks answered rightly")

    km_kind = "module"

    strapline = models.CharField(
        _("in one line"),
        max_length=160,
        blank=True,
        help_text=_("What somebody can do afterwards."),
    )
    minutes = models.PositiveIntegerField(
        _("minutes, about"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MODULE)],
        help_text=_("These count in a learner’s record. Try it once with a watch."),
    )
    technique = models.ForeignKey(
        TechniquePage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="modules",
        verbose_name=_("about the technique"),
    )
    activity = models.ForeignKey(
        ActivityPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="modules",
        verbose_name=_("about the activity"),
    )
    phase = models.ForeignKey(
        LearningPhase,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="modules",
        verbose_name=_("phase"),
        help_text=_("Where it stands in the menu. Left empty, it stands with its technique."),
    )
    completion = models.CharField(
        _("counts as completed with"),
        max_length=8,
        choices=Completion.choices,
        default=Completion.TRIED,
        help_text=_("Nobody is ever stopped at a check: this only decides what counts."),
    )
    sections = StreamField(
        SectionsBlock(),
        verbose_name=_("sections"),
        help_text=_(
            "Each is a page of its own. Learners’ answers belong to a section: moving it keeps "
            "them, deleting it and writing it anew does not."
        ),
    )

    search_fields = [
        *Page.search_fields,
        index.SearchField("strapline"),
        index.FilterField("technique_id"),
        index.FilterField("phase_id"),
    ]

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    *Page.content_panels,
                    FieldPanel("strapline"),
                    FieldPanel("minutes"),
                    FieldPanel("completion"),
                    MultiFieldPanel(
                        [FieldPanel("technique"), FieldPanel("activity"), FieldPanel("phase")],
                        heading=_("Where it belongs"),
                    ),
                ],
                heading=_("At a glance"),
            ),
            ObjectList([FieldPanel("sections")], heading=_("Sections")),
            ObjectList(
                [*Credited.credit_panels, *Checked.checked_panels], heading=_("Sources, checking")
            ),
            ObjectList(Page.promote_panels, heading=_("Promote")),
            ObjectList([*Page.settings_panels, FieldPanel("owner")], heading=_("Settings")),
        ]
    )

    parent_page_types = ["km_toolkit.LearningIndexPage"]
    subpage_types: list[str] = []
    template = "km_toolkit/learning/module.html"

    class Meta:
        verbose_name = _("learning module")
        verbose_name_plural = _("learning modules")

    def clean(self) -> None:
        """Refuse an address that is taken, and a rule about checks where there are none."""
        super().clean()
        if self.slug in TAKEN_SLUGS:
            words = _("This address is taken by a page of the menu. Choose another.")
            raise ValidationError({"slug": words})
        checks = any(each.block_type == "check" for each in self.sections)
        if self.sections and not checks and self.completion == self.Completion.RIGHT:
            words = _("There is no check in it. Add one, or let it count when all is seen.")
            raise ValidationError({"completion": words})

    @property
    def own_phase(self) -> Any:
        """The phase it stands in: its own, else that of its technique, else ``None``."""
        return self.phase or (self.technique.primary_phase if self.technique else None)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add its sections with how far the reader is; works for unsaved previews too."""
        context = super().get_context(request, *args, **kwargs)
        context.update(module_context(self, request))
        return context

    def km_index_text(self) -> str:
        """What the search finds: headings and text, and no answer of a check."""
        lines = [self.strapline]
        for each in self.sections:
            value = each.value
            lines.append(value.get("heading") or "")
            if each.block_type == "text":
                lines.append(
                    each.block.child_blocks["text"].get_searchable_content(value["text"])[0]
                )
            lines += [str(value[key]) for key in ("situation", "prompt") if value.get(key)]
        return "\n".join(line for line in lines if line)


@register_setting(icon="glasses")
class LearningSettings(OwnSiteSetting):
    """What learners are told of the organisation's own learning system."""

    system_name = models.CharField(_("name of your learning system"), max_length=120, blank=True)
    system_url = models.URLField(_("its address"), blank=True)
    record_instruction = models.TextField(
        _("how to get one’s record from it"),
        blank=True,
        help_text=_(
            "Step by step, a line each. Shown beside the menu and where people add what they "
            "have completed elsewhere."
        ),
    )

    panels = [
        FieldPanel("system_name"),
        FieldPanel("system_url"),
        FieldPanel("record_instruction"),
    ]

    class Meta:
        verbose_name = _("learning elsewhere")


def about(target: str) -> Any:
    """The page that a row of the menu named ``target`` is about: a module or a technique."""
    kind, _colon, key = target.partition(":")
    models_of = {"module": LearningModulePage, "technique": TechniquePage}
    if kind not in models_of:
        return None
    return models_of[kind].objects.filter(pk=whole(key)).first()
