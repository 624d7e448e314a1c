"""The first page of the admin: what is unfinished, what waits for you, what has to be checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.site_summary import PagesSummaryItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import (
    RecentEditsPanel,
    UserObjectsInWorkflowModerationPanel,
    WorkflowObjectsToModeratePanel,
)
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.permissions import policy_registry

from km_pages.actions.agreement import asked_of
from km_pages.admin.links import links_seen_by
from km_pages.admin.policy import seen_in_admin, to_approve
from km_pages.conf import conf
from km_pages.models import LinkUse, TeamApprovalTask
from km_pages.visibility import Reader

AT_ONCE = 8
SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a box: what it is called, where it leads, and a word beside it."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Box:
    """One of the four boxes: the first rows, how many there are, and where all of them are."""

    heading: str
    empty: str
    rows: list[Row]
    number: int
    more: str = ""

    @property
    def hidden(self) -> int:
        """How many there are besides the rows shown."""
        return max(self.number - len(self.rows), 0)


def edit_url(pk: int) -> str:
    """The address of a page's editor."""
    return reverse("wagtailadmin_pages:edit", args=[pk])


def dated_models() -> list[type[Page]]:
    """Page models that have to be checked again by a date, also those of other apps."""
    return [
        each
        for each in apps.get_models()
        if issubclass(each, Page) and each is not Page and _has(each, "review_due")
    ]


def _has(model: type[Page], field: str) -> bool:
    try:
        model._meta.get_field(field)
    except FieldDoesNotExist:
        return False
    return True


def drafts_box(user: Any) -> Box:
    """Pages of theirs, or changed last by them, that are not published as they are."""
    theirs = Q(owner=user) | Q(latest_revision__user=user)
    unfinished = Q(live=False) | Q(has_unpublished_changes=True)
    pages = seen_in_admin(Page.objects.filter(theirs & unfinished, depth__gt=1), user)
    rows = list(pages.order_by("-latest_revision_created_at", "-pk")[:AT_ONCE])
    waiting = _waiting_for_approval(rows)
    return Box(
        heading=_("My drafts"),
        empty=_("Nothing of yours is unfinished."),
        rows=[
            Row(
                title=each.draft_title or each.title,
                url=edit_url(each.pk),
                note=_draft_note(each, waiting),
            )
            for each in rows
        ],
        number=pages.count(),
    )


def _draft_note(page: Page, waiting: set[int]) -> str:
    if page.pk in waiting:
        return _("waits for approval")
    return _("changed since it was published") if page.live else ""


def _waiting_for_approval(pages: list[Page]) -> set[int]:
    states = WorkflowState.objects.filter(
        status=WorkflowState.STATUS_IN_PROGRESS, object_id__in=[str(each.pk) for each in pages]
    )
    return {int(pk) for pk in states.values_list("object_id", flat=True)}


def awaiting_box(user: Any) -> Box:
    """Items that wait for their word, as the holder or for a wider audience."""
    asked = set(asked_of(Reader(user)).values_list("page_id", flat=True))
    keys = asked | set(to_approve(user))
    rows = Page.objects.filter(pk__in=keys).order_by("latest_revision_created_at", "pk")
    return Box(
        heading=_("Awaiting me"),
        empty=_("Nothing waits for you."),
        rows=[
            Row(
                title=each.draft_title or each.title,
                url=reverse("km_pages:approvals"),
                note=_("shall I share it?") if each.pk in asked else _("for a wider audience"),
            )
            for each in rows[:AT_ONCE]
        ],
        number=len(keys),
        more=reverse("km_pages:approvals"),
    )


def due_box(user: Any) -> Box:
    """Published pages that they may change and that have to be checked by now or soon."""
    today = timezone.localdate()
    found: list[Any] = []
    number = 0
    for model in dated_models():
        rows = changed_by(user, model).filter(live=True, review_due__lte=today + SOON)
        number += rows.count()
        wanted = rows.order_by("review_due", "pk").values_list("review_due", "title", "pk")
        found += wanted[:AT_ONCE]
    return Box(
        heading=_("Due for checking"),
        empty=_("Nothing has to be checked in the next 30 days."),
        rows=[
            Row(
                title=title,
                url=edit_url(pk),
                note=_("overdue") if due < today else date_format(due, "j F"),
            )
            for due, title, pk in sorted(found)[:AT_ONCE]
        ],
        number=number,
    )


def changed_by(user: Any, model: type[Page]) -> QuerySet[Any]:
    """Pages of ``model`` that ``user`` may see and change."""
    policy = policy_registry.get_by_type(model)
    may = policy.instances_user_has_permission_for(user, "change").values("pk")
    return model._default_manager.filter(pk__in=may)


def links_box(user: Any) -> Box:
    """Dead links on pages that they may change."""
    may = changed_by(user, Page).values("pk")
    uses = LinkUse.objects.filter(page__in=may, link__in=links_seen_by(user).dead())
    rows = uses.select_related("page", "link").order_by("link__host", "pk")
    return Box(
        heading=_("Dead links"),
        empty=_("No dead link is known on pages of yours.")
        if conf().link_check
        else _("Links are not checked on this site."),
        rows=[
            Row(title=each.page.title, url=edit_url(each.page.pk), note=each.link.host)
            for each in rows[:AT_ONCE]
        ],
        number=uses.count(),
        more=reverse("km_links"),
    )


class WaitingPanel(Component):
    """The four boxes, before everything else on the first page. A constant number of queries."""

    name = "km_waiting"
    template_name = "km_pages/admin/waiting.html"
    order = 10

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def boxes(self) -> list[Box]:
        """The four boxes."""
        user = self.request.user
        return [awaiting_box(user), drafts_box(user), due_box(user), links_box(user)]

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """What the template shows."""
        return {"boxes": self.boxes}


class SeenEdits(RecentEditsPanel):
    """Wagtail's list of one's last edits, without what one may not see any more."""

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """As Wagtail's, narrowed."""
        context = super().get_context_data(parent_context)
        user = parent_context["request"].user
        keys = [page.pk for _when, page in context["last_edits"]]
        seen = set(
            seen_in_admin(Page.objects.filter(pk__in=keys), user).values_list("pk", flat=True)
        )
        context["last_edits"] = [row for row in context["last_edits"] if row[1].pk in seen]
        return context


class OthersToModerate(WorkflowObjectsToModeratePanel):
    """Wagtail's list of what waits for one's approval, where something of a host site's own waits.

    What our task asks for stands in the box "Awaiting me" and on the page of approvals; Wagtail's
    list would say it again, with a dozen queries for each line.
    """

    def render_html(self, parent_context: Any = None) -> str:
        """Nothing where all that waits is in the box."""
        states = TaskState.objects.reviewable_by(parent_context["request"].user)
        return super().render_html(parent_context) if _others(states, "task") else ""


class OthersInModeration(UserObjectsInWorkflowModerationPanel):
    """Wagtail's list of one's own pages that wait, where something of a host site's own waits.

    Ours stand in the box "My drafts", with the word that they wait.
    """

    def render_html(self, parent_context: Any = None) -> str:
        """Nothing where all that waits is in the box."""
        user = parent_context["request"].user
        asked = WorkflowState.objects.active().filter(requested_by=user)
        others = _others(asked, "current_task_state__task")
        return super().render_html(parent_context) if others else ""


def _others(states: QuerySet[Any], task: str) -> bool:
    """Whether any of ``states`` stands at a task that is not ours."""
    ours = TeamApprovalTask.objects.values("task_ptr")
    return states.exclude(**{f"{task}__in": ours}).exists()


class SeenPages(PagesSummaryItem):
    """Wagtail's number of pages, counting only those that the editor may see."""

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """As Wagtail's, counted anew."""
        context = super().get_context_data(parent_context)
        root = context["root_page"]
        if root is not None:
            policy = policy_registry.get_by_type(Page)
            pages = policy.explorable_instances(self.request.user).filter(depth__gt=1)
            context["total_pages"] = pages.count()
        return context


OWN_FORMS: dict[type[Component], type[Component]] = {
    RecentEditsPanel: SeenEdits,
    WorkflowObjectsToModeratePanel: OthersToModerate,
    UserObjectsInWorkflowModerationPanel: OthersInModeration,
}


def first_panels(request: HttpRequest, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``."""
    for number, panel in enumerate(panels):
        if type(panel) in OWN_FORMS:
            panels[number] = OWN_FORMS[type(panel)]()
    panels.append(WaitingPanel(request))


def summary(request: HttpRequest, items: list[Any]) -> None:
    """Wagtail's ``construct_homepage_summary_items``."""
    for number, item in enumerate(items):
        if type(item) is PagesSummaryItem:
            items[number] = SeenPages(request)
