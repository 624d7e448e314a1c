"""My page: what waits for me, what is mine."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from km_pages.listings.cards import cards, items, page_of
from km_pages.models import KnowledgeAssetPage, Team
from km_pages.views.approvals import waiting_for

MOST_DRAFTS = 50


@login_required
def my_page(request: HttpRequest) -> HttpResponse:
    """Awaiting me, my drafts, what I shared, my teams. A constant number of queries."""
    mine = Q(owner=request.user) | Q(holder=request.user)
    drafts = KnowledgeAssetPage.objects.filter(mine).filter(
        Q(live=False) | Q(has_unpublished_changes=True)
    )
    shared = items().filter(mine, live=True)
    part = page_of(shared, request)
    context = {
        **waiting_for(request),
        "drafts": list(drafts.defer("body").order_by("-latest_revision_created_at")[:MOST_DRAFTS]),
        "part": part,
        "items": cards(part.object_list, request),
        "teams": list(Team.objects.with_member(request.user).select_related("space").distinct()),
    }
    return render(request, "km_pages/my_page.html", context)
