"""Best bets: what editors want to stand above the results of a query, as far as it may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import CharField, QuerySet
from django.http import HttpRequest
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import Page
from wagtail.search.utils import normalise_query_string

from km_pages.naming import kind_name
from km_pages.prepared import Given, ask
from km_pages.visibility import reader_for, visible_to

MOST_BETS = 5
LONGEST_QUERY = 255


@dataclass(frozen=True, slots=True)
class BestBet:
    """One recommended page, or an address on another site (``elsewhere``)."""

    title: str
    url: str
    text: str
    kind: str = ""
    elsewhere: bool = False


def best_bets(query: str, request: HttpRequest) -> list[BestBet]:
    """What editors recommend for exactly ``query``, in their order. At most two queries.

    A page that the reader may not see is left out, as if nobody had recommended it.
    """
    words = normalise_query_string(query)
    if not words or len(words) > LONGEST_QUERY:
        return []
    picks = [_Pick(*row) for row in ask(_picks, words=words)]
    ids = [each.page_id for each in picks if each.page_id]
    pages: dict[int, Page] = {}
    if ids:
        seen = visible_to(Page.objects.filter(pk__in=ids), reader_for(request))
        pages = {each.pk: each for each in seen.defer_streamfields()}
    found = [_bet(each, pages, request) for each in picks]
    return [each for each in found if each][:MOST_BETS]


class _Pick(NamedTuple):
    page_id: int | None
    external_link_url: str
    external_link_text: str
    description: str


def _picks() -> QuerySet[Any, Any]:
    wanted = SearchPromotion.objects.filter(query__query_string=Given("words", CharField()))
    return wanted.order_by("sort_order", "pk").values_list(*_Pick._fields)[: MOST_BETS * 4]


def _bet(pick: _Pick, pages: dict[int, Page], request: HttpRequest) -> BestBet | None:
    if not pick.page_id:
        url = pick.external_link_url
        safe = url.startswith(("https://", "http://"))
        title = pick.external_link_text or url
        return BestBet(title, url, pick.description, elsewhere=True) if safe else None
    page = pages.get(pick.page_id)
    address = page.get_url(request) if page else None
    if page is None or not address:
        return None
    kind = getattr(page.specific_class, "km_kind", "")
    return BestBet(page.title, address, pick.description, kind_name(kind) if kind else "")
