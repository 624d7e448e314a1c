"""What stands around the results: best bets, people, the gap, following; and the log."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from km_pages.finding import Found
from km_pages.forms.search import SearchParams
from km_pages.outlets.best_bets import best_bets
from km_pages.outlets.counting import who_asks
from km_pages.outlets.gaps import answer_to, stewards_for
from km_pages.outlets.search_log import click_token, record_search
from km_pages.outlets.who_knows import who_knows
from km_pages.visibility import reader_for

MOST_TOPICS = 3


def around(request: HttpRequest, params: SearchParams, found: Found) -> dict[str, Any]:
    """The context of the fragments around the results. At most twelve queries."""
    if not params.asks or found.unavailable:
        return {}
    reader = reader_for(request)
    nothing = not found.total
    if _counts(request, params):
        record_search(who_asks(request), query=params.q, hits=found.total)
    plain = params.but(sort="relevance", strict=False, exact=False).query_string
    return {
        "bets": best_bets(params.q, request) if found.page == 1 else [],
        "people": who_knows(reader, words=params.q, topics=_topics(params, found)),
        "stewards": stewards_for(reader) if nothing else [],
        "answer": answer_to(params.q, request) if nothing else None,
        "click_token": click_token(params.q),
        "first_rank": (found.page - 1) * found.page_size + 1,
        "follow_url": f"{reverse('km_pages:follow')}{plain}",
        "feed_url": f"{reverse('km_pages:search_feed')}{plain}",
    }


def _counts(request: HttpRequest, params: SearchParams) -> bool:
    """Whether this is a search of somebody's, and not the same one narrowed or read on."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    refined = params.filters or params.page > 1 or params.strict or params.exact
    return request.method == "GET" and not ahead and not refined and params.sort == "relevance"


def _topics(params: SearchParams, found: Found) -> list[str]:
    """Topics that were chosen, and those of most of what was found."""
    chosen = list(params.filters.get("topic", ()))
    counted = next((each.values for each in found.facets if each.name == "topic"), ())
    common = [each.value for each in counted if each.count * 2 > found.total]
    return list(dict.fromkeys([*chosen, *common]))[: len(chosen) + MOST_TOPICS]
