"""From an address to its page in two queries, however deep it stands.

Wagtail asks twice for every level. Here the whole way is read at once, and kept on the request for
the breadcrumbs. Whatever is out of the ordinary is left to Wagtail: page types with a ``route`` of
their own, addresses that lead nowhere.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, IntegerField, Q, QuerySet
from django.http import Http404, HttpRequest
from wagtail.contrib.routable_page.models import RoutablePageMixin
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from km_pages.prepared import Given, fetch

# An address with more parts than this, or parts that this many pages have, is out of the ordinary.
DEEPEST = 8
MOST_ROWS = 60
ROOT_DEPTH = 2
WAY = "_km_way"
# Who says how a page is routed that has addresses of its own, and nothing else out of the ordinary.
_WITH_OWN_ADDRESSES = [
    RoutablePageMixin,
    *(each for each in Page.__mro__ if "route" in vars(each)),
]


def straight_route(start: Page, request: HttpRequest, parts: list[str]) -> RouteResult | None:
    """Where ``parts`` lead below ``start``; ``None`` where Wagtail must look itself.

    The last page on the way decides, by its own ``route``, what becomes of parts that no page has.
    Page types on the way to it must route as Wagtail does, have addresses of their own that are
    others (``RoutablePageMixin``), or say by ``km_routes_straight`` that
    they differ only in what they make of an address that leads nowhere.
    """
    way = _way(start, parts)
    if not parts and start.live:
        setattr(request, WAY, (start,))
    between = enumerate(way[1:-1], start=1)
    if len(way) < 2 or not all(_routes_straight(each, parts[place:]) for place, each in between):
        return None
    page = _whole(way[-1])
    page._cached_parent_obj = way[-2]
    try:
        result = page.route(request, parts[len(way) - 1 :])
    except Http404:
        return None
    setattr(request, WAY, (*way[:-1], page))
    return result


def _way(start: Page, parts: list[str]) -> list[Page]:
    """``start`` and the pages that follow, one for each of ``parts`` as far as there are any."""
    if not parts or len(parts) > DEEPEST:
        return []
    slugs = {f"slug{number}": part for number, part in enumerate(parts)}
    found = fetch(_named_so, start.path, start.depth, len(parts), **slugs)
    if len(found) > MOST_ROWS:
        return []
    way = [start]
    for part in parts:
        above = way[-1]
        below = [each for each in found if each.slug == part and _is_child(each, above)]
        if not below:
            break
        way.append(below[0])
    return way


def _named_so(path: str, depth: int, number: int) -> QuerySet[Page]:
    """Pages below ``path`` with the first of so many names, those below them with the next."""
    levels = [
        Q(depth=depth + 1 + each, slug=Given(f"slug{each}", CharField())) for each in range(number)
    ]
    rows = Page.objects.filter(reduce(or_, levels), path__startswith=path)
    return rows.order_by("path")[: MOST_ROWS + 1]


def know_root(site: Site, *, is_shown: bool) -> None:
    """Have the root of ``site`` in its own type ready, where Wagtail asks for it next.

    One query if it ``is_shown``; on the way to another page what it says itself is read only if
    somebody asks for it.
    """
    root = site.root_page
    if "specific" not in vars(root):
        # A place where Django keeps what is worked out once.
        vars(root)["specific"] = _whole(root) if is_shown else root.specific_deferred


def _whole(page: Page) -> Any:
    """``page`` with all that its own type has; one query."""
    kind = page.specific_class
    if kind is None or isinstance(page, kind):
        return page
    found = fetch(_one, kind, pk=page.pk)
    return found[0] if found else page.specific


def _one(kind: type[Page]) -> QuerySet[Page]:
    given = Given("pk", IntegerField())
    return kind._default_manager.filter(pk=given).select_related(None)


def _is_child(page: Page, above: Page) -> bool:
    return page.depth == above.depth + 1 and page.path.startswith(above.path)


def _routes_straight(page: Page, rest: list[str]) -> bool:
    """Whether ``page`` hands ``rest`` on to the pages below it, as Wagtail does."""
    kind: Any = page.specific_class
    if kind is None:
        return False
    if kind.route is Page.route or getattr(kind, "km_routes_straight", False):
        return True
    if [each for each in kind.__mro__ if "route" in vars(each)] != _WITH_OWN_ADDRESSES:
        return False
    try:
        kind.get_resolver().resolve(f"/{'/'.join(rest)}/")
    except Http404:
        return True
    return not page.live


def way_above(page: Page, request: HttpRequest) -> tuple[Page, ...] | None:
    """The pages above ``page`` up to the site's root, if this request came that way."""
    way: tuple[Page, ...] = getattr(request, WAY, ())
    if not way or way[-1].pk != page.pk or way[-1].path != page.path:
        return None
    # Above the root of a site that stands deeper there are more pages, which were not read.
    return way[:-1] if way[0].depth == ROOT_DEPTH else None


def stands_without_aliases(page: Page, request: HttpRequest) -> bool:
    """Whether it is known that neither ``page`` nor what stands above is a copy of another page."""
    above = way_above(page, request)
    return above is not None and not any(each.alias_of_id for each in (*above, page))
