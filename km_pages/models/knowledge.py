"""The repository: team spaces and the knowledge items in them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import (
    FieldPanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from km_pages.blocks.knowledge import KnowledgeBodyBlock
from km_pages.listings.repository import (
    knowledge_item_context,
    repository_context,
    section_context,
    team_space_context,
)
from km_pages.models.knowledge_form import KnowledgeAssetPageForm
from km_pages.models.knowledge_permissions import ItemPermissionTester
from km_pages.models.old_versions import OpensOldVersions
from km_pages.models.own import OwnPage
from km_pages.models.teams import Post, Team
from km_pages.models.vocabulary import OutputType, Topic
from km_pages.prepared import fetch_each
from km_pages.visibility import Visibility


def _teams_at(paths: Sequence[Any]) -> models.QuerySet[Any]:
    return Team.objects.filter(space__path__in=paths)


class Guarded(OwnPage):
    """Pages of the repository: to an anonymous reader every unknown address looks the same.

    Whether an address below a repository is private or does not exist must not show, so both
    answer with the sign-in page (``km_sign_in`` in the route's keywords).
    """

    km_routes_straight = True

    class Meta:
        abstract = True

    def route(self, request: Any, path_components: list[str]) -> RouteResult:
        """Route as Wagtail does, but send anonymous readers of unknown addresses to sign in."""
        try:
            return super().route(request, path_components)
        except Http404:
            if request.user.is_authenticated:
                raise
            return RouteResult(self, kwargs={"km_sign_in": True})

    def serve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Serve; the answer to ``km_sign_in`` is given before, by our hook."""
        kwargs.pop("km_sign_in", None)
        return super().serve(request, *args, **kwargs)


class RepositoryPage(Guarded):
    """Where teams keep what their people know."""

    km_kind = "page"

    introduction = models.TextField(_("introduction"), blank=True)

    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    parent_page_types = ["km_pages.HomePage"]
    subpage_types = ["km_pages.TeamSpacePage"]
    template = "km_pages/repository_page.html"

    class Meta:
        verbose_name = _("repository")
        verbose_name_plural = _("repositories")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the team spaces and newest items that this reader may see."""
        context = super().get_context(request, *args, **kwargs)
        context.update(repository_context(self, request))
        return context


class TeamSpacePage(Guarded):
    """The place of one team in the repository. Who is in the organisation sees that it exists."""

    km_kind = "team"
    km_for_organisation = True

    team = models.OneToOneField(
        Team, on_delete=models.PROTECT, related_name="space", verbose_name=_("team")
    )
    introduction = models.TextField(_("what this team does"), blank=True)

    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    content_panels = [*Page.content_panels, FieldPanel("team"), FieldPanel("introduction")]

    parent_page_types = ["km_pages.RepositoryPage"]
    subpage_types = ["km_pages.TeamSectionPage", "km_pages.KnowledgeAssetPage"]
    template = "km_pages/team_space_page.html"

    class Meta:
        verbose_name = _("team space")
        verbose_name_plural = _("team spaces")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the team's people, posts and the items that this reader may see."""
        context = super().get_context(request, *args, **kwargs)
        context.update(team_space_context(self, request))
        return context


class TeamSectionPage(Guarded):
    """A part of a team's space, for teams with much to keep."""

    km_kind = "team"
    km_for_organisation = True

    introduction = models.TextField(_("what is kept here"), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    parent_page_types = ["km_pages.TeamSpacePage", "km_pages.TeamSectionPage"]
    subpage_types = ["km_pages.TeamSectionPage", "km_pages.KnowledgeAssetPage"]
    template = "km_pages/team_section_page.html"

    class Meta:
        verbose_name = _("section of a team space")
        verbose_name_plural = _("sections of team spaces")

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the items of this section that this reader may see."""
        context = super().get_context(request, *args, **kwargs)
        context.update(section_context(self, request))
        return context


class KnowledgeTag(TaggedItemBase):
    """A free tag on a knowledge item."""

    content_object = ParentalKey(
        "km_pages.KnowledgeAssetPage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class KnowledgeItemMixin(models.Model):
    """What makes a page a knowledge item: who sees it, from whom it comes, who keeps it right.

    The page's ``owner`` is the person who keeps it right. ``holder`` is the person whose knowledge
    it is; they agree before it is shared. ``came_from`` is the technique, activity or handover
    that it is the outcome of: any page, so that this app need not know them.
    """

    km_kind = "knowledge"
    km_has_visibility = True

    identifier = models.UUIDField(
        _("lasting identifier"), default=uuid.uuid4, editable=False, db_index=True
    )
    output_type = models.ForeignKey(
        OutputType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("what it is"),
    )
    summary = models.TextField(
        _("summary"), blank=True, help_text=_("Two or three sentences: what it says, for whom.")
    )
    body = StreamField(KnowledgeBodyBlock(), blank=True, verbose_name=_("text"))
    visibility = models.CharField(
        _("who should see it"),
        max_length=12,
        choices=Visibility.choices,
        default=Visibility.TEAM,
        db_index=True,
    )
    shared_with = ParentalManyToManyField(
        Team,
        blank=True,
        related_name="+",
        verbose_name=_("other teams that see it"),
        help_text=_("Counts when it is for the team."),
    )
    named_people = ParentalManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("people who see it"),
        help_text=_("Counts when it is only for the people you name."),
    )
    post = models.ForeignKey(
        Post,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("post it belongs to"),
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("whose knowledge it is"),
    )
    checked_by_holder = models.BooleanField(
        _("checked by the person whose knowledge it is"), default=True, editable=False
    )
    came_from = models.ForeignKey(
        Page,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("came out of"),
    )
    topics = ParentalManyToManyField(Topic, blank=True, related_name="+", verbose_name=_("topics"))
    captured_on = models.DateField(_("captured on"), default=timezone.localdate)
    last_reviewed = models.DateField(_("last checked on"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("checked by"),
    )
    review_due = models.DateField(_("check again by"), null=True, blank=True, db_index=True)

    class Meta:
        abstract = True


class KnowledgeAssetPage(OpensOldVersions, KnowledgeItemMixin, Guarded):  # noqa: DJ008 - Page says its title
    """One kept-up-to-date piece of what somebody knows. On screen: "knowledge item"."""

    tags = ClusterTaggableManager(through=KnowledgeTag, blank=True, verbose_name=_("tags"))

    base_form_class = KnowledgeAssetPageForm

    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.FilterField("visibility"),
        index.FilterField("output_type_id"),
    ]

    knowledge_panels = [
        *Page.content_panels,
        FieldPanel("output_type"),
        FieldPanel("summary"),
        FieldPanel("body"),
        MultipleChooserPanel(
            "attachments",
            chooser_field_name="stored_file",
            heading=_("Files"),
            label=_("File"),
            help_text=_("Whoever may see this item may open its files, and find words in them."),
        ),
    ]
    audience_panels = [
        FieldPanel("visibility"),
        FieldPanel("shared_with", widget=CheckboxSelectMultiple),
        FieldPanel("named_people"),
    ]
    origin_panels = [
        FieldPanel("holder"),
        FieldPanel("post"),
        FieldPanel("came_from"),
        FieldPanel("captured_on"),
        MultiFieldPanel(
            [FieldPanel("topics", widget=CheckboxSelectMultiple), FieldPanel("tags")],
            heading=_("Topics and tags"),
        ),
    ]
    keeping_panels = [
        FieldPanel("owner"),
        FieldPanel("last_reviewed"),
        FieldPanel("review_due"),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(knowledge_panels, heading=_("Knowledge")),
            ObjectList(audience_panels, heading=_("Who sees it")),
            ObjectList(origin_panels, heading=_("Where it comes from")),
            ObjectList(keeping_panels, heading=_("Keeping it right")),
            ObjectList([*Page.promote_panels, *Page.settings_panels], heading=_("Address")),
        ]
    )

    parent_page_types = ["km_pages.TeamSpacePage", "km_pages.TeamSectionPage"]
    subpage_types: list[str] = []
    template = "km_pages/knowledge_asset_page.html"

    class Meta:
        verbose_name = _("knowledge item")
        verbose_name_plural = _("knowledge items")

    @cached_property
    def home_team(self) -> Team | None:
        """The team in whose space the item stands: by place, never by a field. One query."""
        if not self.path:
            return None
        steps = range(self.steplen, len(self.path), self.steplen)
        paths = [self.path[:end] for end in steps]
        found = fetch_each(_teams_at, Page._meta.get_field("path"), paths)
        return found[0] if found else None

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been checked by now."""
        return self.review_due is not None and self.review_due < timezone.localdate()

    @property
    def audience(self) -> models.QuerySet[Any]:
        """The people it is named for, in order of their names."""
        people = get_user_model()._default_manager.filter(
            pk__in=[each.pk for each in self.named_people.all()]
        )
        return people.order_by("last_name", "first_name")

    def permissions_for_user(self, user: Any) -> ItemPermissionTester:
        """Wagtail's permissions, for those only who may also see the item."""
        return ItemPermissionTester(user, self)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the page shows besides its own fields; works for unsaved previews too."""
        context = super().get_context(request, *args, **kwargs)
        context.update(knowledge_item_context(self, request))
        return context
