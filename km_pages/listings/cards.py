"""Lists of knowledge items as cards: title, kind, team, date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from km_pages.routing import way_above
from km_pages.visibility import Reader, may_see, reader_for, visible_to

NEWEST_ON_HOME = 6
PAGE_SIZE = 20


@dataclass(frozen=True)
class ItemCard:
    """A knowledge item as it stands in a list; ``team`` is the name of its home team."""

    page: Any
    url: str
    team: str
    team_url: str


def items() -> QuerySet[Any]:
    """Knowledge items with what a card shows, newest first."""
    model = apps.get_model("km_pages", "KnowledgeAssetPage")
    return (
        model.objects.select_related("output_type", "holder", "owner")
        .defer("body")
        .order_by("-first_published_at", "-pk")
    )


def spaces_by_path(reader: Reader) -> dict[str, Any]:
    """The team spaces that ``reader`` may see, by their tree path. One query."""
    model = apps.get_model("km_pages", "TeamSpacePage")
    return {each.path: each for each in visible_to(model.objects.select_related("team"), reader)}


def cards(found: Any, request: HttpRequest) -> list[ItemCard]:
    """``found`` knowledge items as cards. One query for the teams, however many items."""
    spaces = spaces_by_path(reader_for(request))
    made = []
    for page in found:
        ends = range(page.steplen, len(page.path), page.steplen)
        space = next((spaces[page.path[:end]] for end in ends if page.path[:end] in spaces), None)
        made.append(
            ItemCard(
                page=page,
                url=page.get_url(request) or "",
                team=str(space.team) if space else "",
                team_url=(space.get_url(request) or "") if space else "",
            )
        )
    return made


def newest_for(request: HttpRequest, limit: int = NEWEST_ON_HOME) -> list[ItemCard]:
    """The newest knowledge items that the reader behind ``request`` may see."""
    return cards(visible_to(items(), reader_for(request))[:limit], request)


def page_of(rows: QuerySet[Any], request: HttpRequest, size: int = PAGE_SIZE) -> PaginatorPage:
    """The part of ``rows`` that ``?page=`` names; nonsense shows the nearest part there is."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def trail(page: Any, request: HttpRequest) -> list[Any]:
    """The pages above ``page``, from the home page down, that the reader may see.

    Without a query where the request came that way, one otherwise.
    """
    if not page.path:
        return []
    reader = reader_for(request)
    passed = way_above(page, request)
    if passed is not None:
        return [each for each in passed if may_see(each, reader)]
    ends = range(page.steplen * 2, len(page.path), page.steplen)
    base = apps.get_model("wagtailcore", "Page")
    above = base.objects.filter(path__in=[page.path[:end] for end in ends])
    return list(visible_to(above, reader).order_by("path"))
