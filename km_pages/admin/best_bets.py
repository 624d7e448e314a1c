"""Wagtail's promoted search results, narrowed to pages that the editor may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import path
from django.utils.functional import cached_property
from wagtail.contrib.search_promotions.forms import SearchPromotionsFormSet
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.contrib.search_promotions.views.settings import EditView, IndexView
from wagtail.models import Page

from km_pages.admin.policy import seen_in_admin


def picks_seen_by(user: Any) -> QuerySet[SearchPromotion]:
    """Promotions of addresses elsewhere, and of pages that ``user`` may see in the admin."""
    pages = seen_in_admin(Page.objects.all(), user).values("pk")
    return SearchPromotion.objects.filter(Q(page=None) | Q(page__in=pages))


class SeenIndexView(IndexView):
    """The list, in which a page that the editor may not see is not named."""

    def get_base_queryset(self) -> QuerySet[Any]:
        """Queries with at least one promotion that is seen."""
        seen = picks_seen_by(self.request.user)
        rows = super().get_base_queryset().filter(pk__in=seen.values("query_id"))
        named = Prefetch("editors_picks", seen.select_related("page"))
        return rows.prefetch_related(None).prefetch_related(named)


class SeenEditView(EditView):
    """The form, without those promotions: they stay as they are."""

    @cached_property
    def searchpicks_formset(self) -> SearchPromotionsFormSet:
        """Wagtail's formset, on what is seen."""
        data = self.request.POST if self.request.method == "POST" else None
        seen = picks_seen_by(self.request.user)
        return SearchPromotionsFormSet(data, instance=self.object, queryset=seen)


def best_bets_urls() -> list[Any]:
    """The same addresses as Wagtail's own, to be asked before them."""
    index, edit = SeenIndexView.as_view, SeenEditView.as_view
    return [
        path("searchpicks/", index()),
        path("searchpicks/results/", index(results_only=True)),
        path("searchpicks/<int:query_id>/", edit()),
    ]
