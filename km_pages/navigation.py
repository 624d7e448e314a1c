"""The words of the header: at most six, found in the page tree by type.

An app adds its own through the hook ``km_navigation``: a function without arguments that returns
:class:`NavEntry` objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.models import Page, Site

from km_pages.models import RepositoryPage, TechniqueIndexPage
from km_pages.prepared import fetch

# A function () -> list of NavEntry: words that an app adds to the header and the home page.
NAVIGATION_HOOK = "km_navigation"
# A function (page, request) -> list of WayOn: what a signed-in reader can do who has used a page.
WAYS_HOOK = "km_ways_on"
# A function (request) -> list of MyPart: what an app puts on the reader's own page.
MY_PAGE_HOOK = "km_my_page"
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class WayOn:
    """A link from a page to what can be done after it was used."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class MyPart:
    """A part of the reader's own page: a title, a sentence, and links as (words, address).

    What stands in ``waiting``, links too, waits for the reader and stands at the top of the page.
    """

    title: str
    text: str = ""
    links: tuple[tuple[str, str], ...] = ()
    waiting: tuple[tuple[str, str], ...] = ()
    urgent: bool = False


def ways_on(page: Any, request: HttpRequest) -> list[WayOn]:
    """What apps offer a signed-in reader after ``page``, through the hook ``km_ways_on``."""
    if not page.pk or not request.user.is_authenticated:
        return []
    return [each for give in hooks.get_hooks(WAYS_HOOK) for each in give(page, request)]


def my_parts(request: HttpRequest) -> list[MyPart]:
    """What apps put on the reader's own page, what is urgent first."""
    parts = [each for give in hooks.get_hooks(MY_PAGE_HOOK) for each in give(request)]
    return sorted(parts, key=lambda each: not each.urgent)


@dataclass(frozen=True, kw_only=True)
class DoorQuestion:
    """A number that a door asks for, so that the list behind it is narrowed already.

    ``name`` is the name of the filter in the address of the list.
    """

    name: str
    label: Any
    low: int = 1
    high: int = 999


@dataclass(frozen=True, kw_only=True)
class Door:
    """What the home page says about a word of the navigation: one of the things people come for.

    ``key`` is how the home page names it when its editor words it anew.
    ``go`` is what the link does, in two or three words; ``icon`` a name of ``tokens.css``.
    ``url_name`` names a view to lead to instead, if there is one. With ``questions`` the door is a
    form that anybody can send empty; ``anchor`` is the place on the page it leads to.
    """

    title: Any
    text: Any
    go: Any
    icon: str
    key: str = ""
    url_name: str = ""
    questions: tuple[DoorQuestion, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """One word of the navigation: it leads to the first live page of ``page_type``, or to a view.

    Left out where there is no such page or view, and for strangers where ``signed_in_only``.
    """

    label: Any
    order: int
    page_type: type[Page] | None = None
    url_name: str = ""
    signed_in_only: bool = False
    door: Door | None = None


@dataclass(frozen=True)
class NavLink:
    """A word of the navigation on one page. ``current`` is "page", "true" (inside it) or empty."""

    label: str
    url: str
    current: str
    door: Door | None = None

    @property
    def door_url(self) -> str:
        """Where the door leads: to its own view where there is one, else as the word does."""
        own = _view_url(self.door.url_name) if self.door and self.door.url_name else ""
        return own or self.url


def own_entries() -> list[NavEntry]:
    """What km_pages itself puts into the navigation."""
    return [
        NavEntry(
            label=_("Techniques"),
            order=10,
            page_type=TechniqueIndexPage,
            door=Door(
                title=_("Find a technique"),
                text=_("30 minutes and six people? See the few ways of learning that fit."),
                go=_("See what fits"),
                icon="clock",
                key="find",
                questions=(
                    DoorQuestion(name="minutes", label=_("Minutes")),
                    DoorQuestion(name="people", label=_("People")),
                ),
                url_name="km_pages:finder",
                anchor="#answer",
            ),
        ),
        NavEntry(
            label=_("Repository"),
            order=30,
            page_type=RepositoryPage,
            door=Door(
                title=_("Search what we know"),
                text=_("Contacts, how-tos, lessons and files, down to the words inside them."),
                go=_("Look inside"),
                icon="search",
                key="search",
                url_name="km_pages:search",
            ),
        ),
        NavEntry(label=_("My page"), order=50, url_name="km_pages:my_page", signed_in_only=True),
    ]


def nav_links(request: HttpRequest) -> list[NavLink]:
    """The navigation for ``request``, in order. One query, however many entries there are."""
    entries = [each for give in hooks.get_hooks(NAVIGATION_HOOK) for each in give()]
    pages = _page_urls(entries, request)
    links = []
    for entry in sorted(entries, key=lambda each: each.order):
        if entry.signed_in_only and not request.user.is_authenticated:
            continue
        url = pages.get(entry.page_type) if entry.page_type else _view_url(entry.url_name)
        if url:
            current = _current(url, request.path)
            links.append(NavLink(str(entry.label), url, current, entry.door))
    return links[:MOST_WORDS]


def _page_urls(entries: Iterable[NavEntry], request: HttpRequest) -> dict[type[Page], str]:
    wanted = [entry.page_type for entry in entries if entry.page_type]
    site = Site.find_for_request(request)
    if site is None or not wanted:
        return {}
    types = ContentType.objects.get_for_models(*wanted)
    found = fetch(_pages_of, tuple(each.pk for each in types.values()))
    below = [each for each in found if each.path.startswith(site.root_page.path)]
    first: dict[int, str] = {}
    for page in sorted(below, key=lambda each: each.path):
        if page.content_type_id not in first and (url := page.get_url(request, site)):
            first[page.content_type_id] = url
    return {kind: first[each.pk] for kind, each in types.items() if each.pk in first}


def _pages_of(types: tuple[int, ...]) -> QuerySet[Page]:
    """By type alone, which finds a handful: a database would read all pages in order."""
    return Page.objects.live().filter(content_type__in=types).order_by()


def _view_url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _current(url: str, path: str) -> str:
    if url == path:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""
