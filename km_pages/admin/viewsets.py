"""Editorial things: teams, posts, the lists, jobs; and techniques and items as page listings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.viewsets.pages import PageListingViewSet

from km_pages.admin.entries import EntryDeleteView
from km_pages.admin.rows import PostRows, TechniqueRows
from km_pages.admin.teams import TeamForm
from km_pages.models import (
    Framework,
    Goal,
    Job,
    LearningPhase,
    OutputType,
    Post,
    Synonym,
    Team,
    TechniquePage,
    Topic,
)


class TechniqueListing(PageListingViewSet):
    """Techniques with the columns an editor looks for."""

    model = TechniquePage
    name = "techniques"
    menu_label = _("Techniques")
    icon = "openquote"
    menu_order = 210
    add_to_admin_menu = True
    columns = [
        *PageListingViewSet.columns,
        Column("primary_phase", label=_("Main phase"), sort_key="primary_phase"),
        Column("last_reviewed", label=_("Checked"), sort_key="last_reviewed"),
        Column("review_due", label=_("Check again"), sort_key="review_due"),
    ]
    index_view_class = TechniqueRows


class TeamViewSet(ModelViewSet):
    """Teams. A new team gets its groups and its space at once."""

    model = Team
    name = "teams"
    icon = "group"
    menu_label = _("Teams")
    list_display = ["name", "slug", "purpose"]
    search_fields = ["name", "purpose"]
    inspect_view_enabled = True
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> Any:
        """The form that opens the team's space as well."""
        return TeamForm


class PostViewSet(ModelViewSet):
    """Posts: the seats that outlive people."""

    model = Post
    name = "posts"
    icon = "user"
    menu_label = _("Posts")
    list_display = ["title", "team", "holder", "line_manager"]
    list_filter = ["team"]
    search_fields = ["title"]
    form_fields = ["title", "team", "holder", "line_manager"]
    index_view_class = PostRows
    copy_view_enabled = False


class _ListViewSet(ModelViewSet):
    delete_view_class = EntryDeleteView
    list_display = ["name", "slug", "sort_order"]
    search_fields = ["name", "description"]
    ordering = ["sort_order", "name"]
    copy_view_enabled = False


class PhaseViewSet(_ListViewSet):
    """Learning phases."""

    model = LearningPhase
    name = "phases"
    icon = "history"
    form_fields = [
        "name",
        "slug",
        "strapline",
        "introduction",
        "elearning_url",
        "colour",
        "sort_order",
    ]


class GoalViewSet(_ListViewSet):
    """Goals."""

    model = Goal
    name = "goals"
    icon = "pick"
    form_fields = ["name", "slug", "description", "sort_order"]


class TopicViewSet(_ListViewSet):
    """Topics."""

    model = Topic
    name = "topics"
    icon = "tag"
    form_fields = ["name", "slug", "description", "scheme", "notation", "sort_order"]


class OutputTypeViewSet(_ListViewSet):
    """Types of knowledge."""

    model = OutputType
    name = "knowledge-types"
    icon = "list-ul"
    form_fields = ["name", "slug", "description", "sort_order"]


class FrameworkViewSet(_ListViewSet):
    """Frameworks."""

    model = Framework
    name = "frameworks"
    icon = "folder-open-inverse"
    form_fields = ["name", "slug", "introduction", "elearning_url", "source_credit", "sort_order"]


class SynonymViewSet(ModelViewSet):
    """Other words under which the search looks as well."""

    model = Synonym
    name = "synonyms"
    icon = "search"
    menu_label = _("Other words for the search")
    list_display = ["words", "also", "both_ways", "changed_at"]
    list_filter = ["both_ways"]
    search_fields = ["words", "also"]
    panels = [
        FieldPanel("words"),
        FieldPanel(
            "also",
            help_text=_("What it stands for, such as after action review. Commas divide several."),
        ),
        FieldPanel("both_ways"),
    ]
    copy_view_enabled = False


class JobViewSet(ModelViewSet):
    """Work in the background, with what was given up and why."""

    model = Job
    name = "jobs"
    icon = "cogs"
    menu_label = _("Background work")
    list_display = ["kind", "target", "state", "attempts", "next_try_at", "last_error"]
    list_filter = ["state", "kind"]
    form_fields = ["state", "next_try_at"]
    copy_view_enabled = False


class PeopleGroup(ViewSetGroup):
    """Teams and posts, together in the menu."""

    menu_label = _("Teams")
    menu_icon = "group"
    menu_order = 300
    items = (TeamViewSet("teams"), PostViewSet("posts"))


class ListsGroup(ViewSetGroup):
    """The lists that editors keep, together in the menu."""

    menu_label = _("Lists")
    menu_icon = "list-ul"
    menu_order = 310
    items = (
        PhaseViewSet("phases"),
        GoalViewSet("goals"),
        TopicViewSet("topics"),
        OutputTypeViewSet("knowledge-types"),
        FrameworkViewSet("frameworks"),
        SynonymViewSet("synonyms"),
    )
