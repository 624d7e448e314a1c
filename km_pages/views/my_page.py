"""My page: what waits for me, what is mine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from wagtail.models import Page, WorkflowState

from km_pages.listings.cards import cards, items, page_of
from km_pages.models import HolderApproval, KnowledgeAssetPage, Team
from km_pages.navigation import my_parts
from km_pages.views.approvals import waiting_for
from km_pages.visibility import reader_for, visible_to

MOST_DRAFTS = 50


@dataclass(frozen=True)
class Draft:
    """A draft in the list of one's own: ``state`` says in words where it stands."""

    page: Any
    state: str


@login_required
def my_page(request: HttpRequest) -> HttpResponse:
    """Awaiting me, my drafts, what I shared, my teams. A constant number of queries."""
    mine = Q(owner=request.user) | Q(holder=request.user)
    part = page_of(visible_to(items().filter(mine), reader_for(request)), request)
    parts = my_parts(request)
    context = {
        **waiting_for(request),
        "parts": parts,
        "waiting": [link for each in parts for link in each.waiting],
        "drafts": drafts_of(request.user),
        "part": part,
        "items": cards(part.object_list, request),
        "teams": list(Team.objects.with_member(request.user).select_related("space").distinct()),
    }
    return render(request, "km_pages/my_page.html", context)


def drafts_of(user: Any) -> list[Draft]:
    """What ``user`` owns or holds and has not shared in its newest version. Three queries."""
    mine = KnowledgeAssetPage.objects.filter(Q(owner=user) | Q(holder=user))
    unshared = mine.filter(Q(live=False) | Q(has_unpublished_changes=True)).defer("body")
    pages = list(unshared.order_by("-latest_revision_created_at", "-pk")[:MOST_DRAFTS])
    pks = [each.pk for each in pages]
    waiting = HolderApproval.objects.waiting().filter(page__in=pks)
    asked = set(waiting.values_list("page_id", flat=True))
    workflows = WorkflowState.objects.active().filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=[str(pk) for pk in pks],
    )
    moderated = {int(pk): status for pk, status in workflows.values_list("object_id", "status")}
    return [Draft(each, _state(each, asked, moderated)) for each in pages]


def _state(page: Any, asked: set[int], moderated: dict[int, str]) -> str:
    if page.pk in asked:
        return _("waiting for the person whose knowledge it is")
    if moderated.get(page.pk) == WorkflowState.STATUS_IN_PROGRESS:
        return _("waiting for the stewards")
    if moderated.get(page.pk) == WorkflowState.STATUS_NEEDS_CHANGES:
        return _("sent back to you")
    if page.live:
        return _("shared, with changes that are not shared yet")
    return _("not shared yet")
