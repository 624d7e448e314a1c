"""The search page: what was searched, how it was understood, what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.models import Site

from km_pages.finding import Found, FoundFacet, FoundHit, find
from km_pages.forms.search import LONGEST_QUERY, SearchParams
from km_pages.listings.parts import Part
from km_pages.naming import FACET_NAMES, plain_name
from km_pages.views.search_around import around
from km_pages.visibility import reader_for
from km_pages.wording import minutes_in_words, people_in_words

# Values of one facet that are shown at once; the most frequent come first.
MOST_VALUES_SHOWN = 8
SORT_NAMES = {
    "relevance": _("Best match"),
    "newest": _("Newest"),
    "verified": _("Checked most recently"),
}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search everything that the reader may see. Answers 200 to whatever is in the address."""
    params = SearchParams.read(request.GET)
    found = _found(request, params) if params.asks else Found()
    context = {
        "params": params,
        "search_query": params.q,
        "longest_query": LONGEST_QUERY,
        "found": found,
        "results": results_of(found),
        **facets_of(found, params),
        "clear_url": params.but(filters={}).query_string,
        "sorts": _sorts(params),
        "part": Part(found.page, found.pages),
        "all_words_url": params.but(strict=True).query_string,
        "some_words_url": params.but(strict=False).query_string,
        "exact_url": params.but(exact=True).query_string,
        **around(request, params, found),
    }
    response = render(request, "km_pages/search.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _found(request: HttpRequest, params: SearchParams) -> Found:
    return find(
        params.q,
        reader=reader_for(request),
        filters=params.filters,
        sort=params.sort,
        page=params.page,
        site=Site.find_for_request(request),
        strict=params.strict,
        correct=not params.exact,
    )


@dataclass(frozen=True)
class Result:
    """One hit as it stands on the page: everything in words."""

    hit: FoundHit
    facts: tuple[str, ...]
    checked_on: date | None
    overdue: bool


def results_of(found: Found) -> list[Result]:
    """What was ``found``, each hit with its facts in words."""
    today = timezone.localdate()
    return [result_of(each, today) for each in found.hits]


def result_of(hit: FoundHit, today: date) -> Result:
    """``hit`` with its facts in words, as it stands on the day ``today``."""
    labels = hit.labels
    facts = (
        labels.get("phase", ""),
        _range(minutes_in_words, labels.get("minutes", "")),
        _range(people_in_words, labels.get("people", "")),
    )
    due = hit.review_due
    return Result(
        hit=hit,
        facts=tuple(filter(None, facts)),
        checked_on=hit.checked_on,
        overdue=due is not None and due < today,
    )


def _range(in_words: Any, text: str) -> str:
    if not text:
        return ""
    low, _dash, high = text.partition("-")
    return str(in_words(int(low) if low else None, int(high) if high else None))


@dataclass(frozen=True)
class Link:
    """A choice on the page and where it leads."""

    label: str
    url: str
    chosen: bool = False
    count: int = 0


@dataclass(frozen=True)
class Facet:
    """A facet with its values as links, each to the same search with that value switched.

    ``more`` leads to all of them, where some are not shown; it counts those.
    """

    label: str
    values: list[Link]
    more: Link | None = None


def facets_of(found: Found, params: SearchParams) -> dict[str, Any]:
    """``facets`` that divide what was found, and what is ``chosen``, as links."""
    return {
        "facets": [_facet(each, params) for each in found.facets if _divides(each, found)],
        "chosen": _chosen(found, params),
    }


def _divides(facet: FoundFacet, found: Found) -> bool:
    """Whether choosing one of the values would change anything."""
    return any(value.chosen or value.count < found.total for value in facet.values)


def _facet(facet: FoundFacet, params: SearchParams) -> Facet:
    most = MOST_VALUES_SHOWN if params.more != facet.name else len(facet.values)
    shown = [value for number, value in enumerate(facet.values) if number < most or value.chosen]
    left = len(facet.values) - len(shown)
    adding = params.adding(facet.name)
    links = [
        Link(
            value.label,
            params.switched(facet.name, value.value).query_string
            if value.chosen
            else adding(value.value),
            chosen=value.chosen,
            count=value.count,
        )
        for value in shown
    ]
    if not left:
        return Facet(facet.label, links)
    every = params.but(more=facet.name).query_string
    return Facet(facet.label, links, Link(facet.label, every, count=left))


def _chosen(found: Found, params: SearchParams) -> list[Link]:
    """A link for each chosen value that takes it away."""
    names = {
        (facet.name, value.value): value.label for facet in found.facets for value in facet.values
    }
    return [
        Link(
            f"{FACET_NAMES[facet]}: {names.get((facet, value)) or plain_name(facet, value)}",
            params.switched(facet, value).query_string,
        )
        for facet, values in params.filters.items()
        for value in values
    ]


def _sorts(params: SearchParams) -> list[Link]:
    return [
        Link(str(name), params.but(sort=sort).query_string, chosen=sort == params.sort)
        for sort, name in SORT_NAMES.items()
    ]
