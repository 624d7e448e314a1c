"""Lists of knowledge items as cards: title, kind, team, date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote

from django.apps import apps
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db.models import CharField, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page

from km_pages.listings.parts import newest
from km_pages.prepared import Row, ask, filled, given_keys
from km_pages.routing import way_above
from km_pages.visibility import Standing, may_see, reader_for, visible_to

NEWEST_ON_HOME = 6
PAGE_SIZE = 20


class ItemRow(NamedTuple):
    """What is read of a knowledge item for its card: objects would cost three times as much."""

    pk: int
    title: str
    path: str
    url_path: str
    captured_on: date
    review_due: date | None
    summary: str
    output_type__name: str | None


class ItemCard(NamedTuple):
    """A knowledge item as it stands in a list, with all that is shown of it in words.

    ``team`` is the name of its home team, ``overdue`` whether it should have been checked by now.
    """

    title: str
    url: str
    kind: str
    team: str
    date: date
    text: str
    overdue: bool


class SpaceCard(NamedTuple):
    """A team space as it stands in a list; ``team`` is the name of the team."""

    path: str
    url_path: str
    title: str
    introduction: str
    team_id: int
    team: str
    url: str = ""


def items() -> QuerySet[Any]:
    """Rows (:class:`ItemRow`) of knowledge items, newest first."""
    model = apps.get_model("km_pages", "KnowledgeAssetPage")
    shown = model.objects.order_by("-first_published_at", "-pk")
    return shown.values_list(*ItemRow._fields)


def spaces_by_path(
    request: HttpRequest, paths: Iterable[str] | None = None
) -> dict[str, SpaceCard]:
    """The team spaces that the reader may see, by their tree path; of ``paths``, if given.

    One query.
    """
    standing, number = reader_for(request).standing, None
    given: dict[str, str] = {}
    if paths is not None:
        given = filled(sorted(paths) or [""])
        number = len(given)
    found = [SpaceCard(*row) for row in ask(_spaces, standing, number, **given)]
    return {each.path: each._replace(url=address_at(each.url_path, request)) for each in found}


def _spaces(reader: Standing, number: int | None) -> QuerySet[Any]:
    spaces = apps.get_model("km_pages", "TeamSpacePage").objects.values_list(
        "path", "url_path", "title", "introduction", "team_id", "team__name"
    )
    if number is not None:
        spaces = spaces.filter(path__in=given_keys(number, CharField()))
    return visible_to(spaces, reader)


def address_at(url_path: str, request: HttpRequest) -> str:
    """The address of the page at ``url_path``, as Wagtail makes it; empty where it has none."""
    return Page(url_path=url_path).get_url(request) or ""


def cards(
    found: Iterable[Row], request: HttpRequest, spaces: dict[str, SpaceCard] | None = None
) -> list[ItemCard]:
    """``found`` rows of :func:`items` as cards. One query for the teams, if there is any item.

    None where all the team ``spaces`` that the reader may see are given, by path.
    """
    rows = [ItemRow(*each) for each in found]
    if spaces is None:
        paths = {each for row in rows for each in _above(row.path)}
        spaces = spaces_by_path(request, paths) if rows else {}
    # To work out an address costs more than all else about a card: it is done once for a place.
    urls = {each.url_path: each.url for each in spaces.values()}
    today = timezone.localdate()
    return [_card(row, spaces, urls, request, today) for row in rows]


def _above(path: str) -> list[str]:
    return [path[:end] for end in range(Page.steplen, len(path), Page.steplen)]


def _card(
    row: ItemRow,
    spaces: dict[str, SpaceCard],
    urls: dict[str, str],
    request: HttpRequest,
    today: date,
) -> ItemCard:
    space = next((spaces[path] for path in _above(row.path) if path in spaces), None)
    above, _slash, slug = row.url_path.rstrip("/").rpartition("/")
    place = f"{above}/"
    if place not in urls:
        urls[place] = address_at(place, request)
    return ItemCard(
        title=row.title,
        url=_below(urls[place], slug),
        kind=row.output_type__name or "",
        team=space.team if space else "",
        date=row.captured_on,
        text=row.summary,
        overdue=row.review_due is not None and row.review_due < today,
    )


def _below(url: str, slug: str) -> str:
    """The address of the page ``slug`` below ``url``, which has none itself if that is empty."""
    if not url:
        return ""
    # Wagtail can be told to end no address with a slash.
    return f"{url.rstrip('/')}/{quote(slug)}{'/' if url.endswith('/') else ''}"


def newest_for(request: HttpRequest, limit: int = NEWEST_ON_HOME) -> list[ItemCard]:
    """The newest knowledge items that the reader behind ``request`` may see."""
    return cards(newest(items, reader_for(request), limit), request)


def page_of(
    rows: QuerySet[Any] | list[Any], request: HttpRequest, size: int = PAGE_SIZE
) -> PaginatorPage:
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
