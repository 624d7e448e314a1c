"""Lists of knowledge items as cards: title, kind, team, date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db.models import CharField, QuerySet
from django.http import HttpRequest

from km_pages.blocks.links import LINK_FIELDS
from km_pages.listings.parts import newest
from km_pages.prepared import Given, fetch
from km_pages.routing import way_above
from km_pages.visibility import Reader, Standing, may_see, reader_for, visible_to

NEWEST_ON_HOME = 6
PAGE_SIZE = 20
# Spaces are looked up by so many paths at once.
PATHS_AT_ONCE = 10
CARD_FIELDS = (
    *LINK_FIELDS,
    "captured_on",
    "review_due",
    "summary",
    "output_type__name",
)


@dataclass(frozen=True)
class ItemCard:
    """A knowledge item as it stands in a list, with all that is shown of it in words.

    ``team`` is the name of its home team, ``overdue`` whether it should have been checked by now.
    """

    page: Any
    url: str
    team: str
    team_url: str
    kind: str
    overdue: bool


def items() -> QuerySet[Any]:
    """Knowledge items with what a card shows and no more, newest first."""
    model = apps.get_model("km_pages", "KnowledgeAssetPage")
    shown = model.objects.select_related("output_type").only(*CARD_FIELDS)
    return shown.order_by("-first_published_at", "-pk")


def spaces_by_path(reader: Reader, paths: Iterable[str] | None = None) -> dict[str, Any]:
    """The team spaces that ``reader`` may see, by their tree path; of ``paths``, if given.

    One query.
    """
    if paths is None:
        return {each.path: each for each in fetch(_spaces, reader.standing, None)}
    wanted = sorted(paths)
    padded = [*wanted, *wanted[:1] * (-len(wanted) % PATHS_AT_ONCE)]
    given = {f"path{number}": path for number, path in enumerate(padded)}
    return {each.path: each for each in fetch(_spaces, reader.standing, len(padded), **given)}


def _spaces(reader: Standing, number: int | None) -> QuerySet[Any]:
    spaces = apps.get_model("km_pages", "TeamSpacePage").objects.select_related("team")
    spaces = spaces.only(*LINK_FIELDS, "introduction", "team__name", "team__slug", "team__purpose")
    if number is not None:
        spaces = spaces.filter(path__in=[Given(f"path{n}", CharField()) for n in range(number)])
    return visible_to(spaces, reader)


def cards(
    found: Iterable[Any], request: HttpRequest, spaces: dict[str, Any] | None = None
) -> list[ItemCard]:
    """``found`` knowledge items as cards. One query for the teams, if there is any item.

    None where all the team ``spaces`` that the reader may see are given, by path.
    """
    rows = list(found)
    if spaces is None:
        paths = {each for page in rows for each in _above(page)}
        spaces = spaces_by_path(reader_for(request), paths) if rows else {}
    # To work out an address costs more than all else about a card: it is done once for a space.
    urls = {path: each.get_url(request) or "" for path, each in spaces.items()}
    return [_card(page, spaces, urls, request) for page in rows]


def _above(page: Any) -> list[str]:
    return [page.path[:end] for end in range(page.steplen, len(page.path), page.steplen)]


def _card(
    page: Any, spaces: dict[str, Any], urls: dict[str, str], request: HttpRequest
) -> ItemCard:
    space = next((spaces[path] for path in _above(page) if path in spaces), None)
    if space is not None and urls[space.path] and page.url_path.startswith(space.url_path):
        url = urls[space.path] + page.url_path[len(space.url_path) :]
    else:
        url = page.get_url(request) or ""
    return ItemCard(
        page=page,
        url=url,
        team=str(space.team) if space else "",
        team_url=urls[space.path] if space else "",
        kind=str(page.output_type or ""),
        overdue=page.is_overdue,
    )


def newest_for(request: HttpRequest, limit: int = NEWEST_ON_HOME) -> list[ItemCard]:
    """The newest knowledge items that the reader behind ``request`` may see."""
    return cards(newest(items, reader_for(request), limit), request)


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
