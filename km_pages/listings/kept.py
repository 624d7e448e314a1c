"""Lists of guides that are worked out and rendered once, for as long as nothing in them changed.

A list is kept by everything that it was made of:

- the *stamp*, which is another after every change of a guide (:class:`km_pages.models.GuideChange`)
  and is read from the database in each request, so that every process learns of it at once;
- the very question, as SQL with its values, that says which pages this reader may see. It is made
  by the one rule, :mod:`km_pages.visibility`. Two readers share a list only if the database would
  be asked the same for both; nothing else about who reads is known where a list is made;
- the address, the language, and the page that the list stands on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Count, Max, QuerySet, Sum, Value
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language
from wagtail.models import Site

from km_pages.pieces import Pieces
from km_pages.prepared import Row, ask, question
from km_pages.visibility import Standing, reader_for, visible_to

# Bulk SQL by hand goes past every receiver: it shows after so many seconds, of what is the same
# for all ways of showing a list after up to twice as many.
LONGEST_KEPT = 300
# Less than a page shows, for each reader's way of seeing it.
MOST_MADE = 2_000
# What nobody types: such an address is worked out each time.
LONGEST_QUERY = 200

# Of ten thousand pages these are some megabytes.
MOST_WIDE = 8
# So many pages that changed are looked at one by one.
MOST_MENDED = 20
made: Pieces[tuple[Any, ...]] = Pieces(MOST_MADE)


class Wide(NamedTuple):
    """What is the same for all ways of showing a list: for which state, of which changes."""

    state: bytes
    value: Any
    changes: frozenset[tuple[int, int]]
    made_at: float


wide: Pieces[Wide] = Pieces(MOST_WIDE)


@dataclass(frozen=True)
class Asked:
    """All that a kept list may know of the request that it is made for."""

    path: str
    GET: QueryDict


@dataclass(frozen=True)
class KeptList:
    """A list that may be kept: by ``key``, made of what ``fill`` gives. No key: made each time."""

    key: bytes
    asked: Asked
    fill: Callable[[], dict[str, Any]]
    # As the key, for all addresses of the page and all ways of narrowing what stands on it: for
    # the state that it is in now, and for all its states.
    wide_key: bytes = b""
    wide_name: bytes = b""

    @cached_property
    def filled(self) -> dict[str, Any]:
        """What is shown, worked out once for all parts of a page."""
        return self.fill()

    def once(self, name: str, make: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """What ``make`` gives, kept as the list is: nothing in it may be changed by who gets it."""
        return _once(made, self.key_of("once", name), make)

    def for_all_ways(
        self,
        name: str,
        make: Callable[[], Any],
        mend: Callable[[Any, frozenset[int]], Any | None],
    ) -> Any:
        """As :meth:`once`, for what is the same in whatever way the list is narrowed and shown.

        ``mend`` is given what was made before, and the keys of the only pages that changed since;
        it returns what ``make`` would, or nothing where that has to be made anew. One query more
        than theirs, where anything changed.
        """
        if not self.wide_key:
            return make()
        found = wide.get(self._wide(name))
        if found is not None and found.state == self.wide_key:
            return found.value
        now = time.monotonic()
        # Read before what they tell of: what is committed meanwhile is looked at twice.
        changes = ask(_each_change)
        keys = found and now - found.made_at < LONGEST_KEPT and changed_since(found, changes)
        value = mend(found.value, keys) if found and isinstance(keys, frozenset) else None
        made_at = found.made_at if found and value is not None else now
        value = make() if value is None else value
        known = frozenset((pk, token) for pk, token, _page in changes)
        wide.put(self._wide(name), Wide(self.wide_key, value, known, made_at))
        return value

    def _wide(self, name: str) -> bytes:
        return _digest(self.wide_name, name)

    def key_of(self, *part: str) -> bytes:
        """The key of one part, or of what was made of the list and of ``part``; empty: none."""
        return _digest(self.key, *part) if self.key else b""


def _digest(*parts: Any) -> bytes:
    return hashlib.blake2b(repr(parts).encode("utf-8", "replace")).digest()


def _once(
    kept: Pieces[tuple[Any, ...]], key: bytes, make: Callable[[], tuple[Any, ...]]
) -> tuple[Any, ...]:
    found = kept.get(key) if key else None
    if found is None:
        found = make()
        if key:
            kept.put(key, found)
    return found


def kept_list(
    page: Any, request: HttpRequest, model: Any, own: Any, fill: Callable[[], dict[str, Any]]
) -> KeptList:
    """The list on ``page`` of pages of ``model``, for the reader behind ``request``.

    ``own`` stands for what ``page`` itself says; ``fill`` works out what is shown. One query.
    """
    asked = Asked(request.path, request.GET)
    query = request.META.get("QUERY_STRING", "")
    preview = getattr(request, "is_preview", False)
    known = () if preview or not page.pk or len(query) > LONGEST_QUERY else stamp()
    if not known:
        return KeptList(b"", asked, fill)
    who = question(_seen, model, reader_for(request).standing)
    site = Site.find_for_request(request)
    # Links to another site are written out, so that each site has its own.
    place = (page.pk, page.path, page.get_url(request), request.path, query, site and site.pk)
    all_ways = _digest(who, page.pk, page.path)
    state = _digest(known, int(time.time() // LONGEST_KEPT), all_ways)
    return KeptList(_digest(state, place, get_language(), own), asked, fill, state, all_ways)


def stamp() -> tuple[Any, ...]:
    """What is another after every change of a guide; empty where none was ever made. One query."""
    rows = ask(_changes)
    return rows[0] if rows else ()


def _changes() -> QuerySet[Any, Any]:
    rows = apps.get_model("km_pages", "GuideChange").objects.order_by()
    together = rows.annotate(km_every=Value(1)).values("km_every")
    numbers = {"km_last": Max("pk"), "km_number": Count("pk"), "km_sum": Sum("token")}
    return together.annotate(**numbers).values_list(*numbers)


def changed_since(before: Wide, changes: Sequence[Row]) -> frozenset[int] | None:
    """The keys of the pages that changed since ``before``, if ``changes`` tell of all of them.

    Nothing where more may have changed: one of the new changes is not of one page; there are many;
    one that was known is undone; or some may have been forgotten. (Where a hundred others are made
    while a transaction is open, the database may forget that one first: it then shows within five
    minutes. SQLite lets nobody else write meanwhile.)
    """
    known = {(pk, token) for pk, token, _page in changes}
    oldest = min((pk for pk, _token in known), default=0)
    undone = any(pk >= oldest for pk, _token in before.changes - known)
    if undone or not before.changes & known:
        return None
    new = [page for pk, token, page in changes if (pk, token) not in before.changes]
    if None in new or len(set(new)) > MOST_MENDED:
        return None
    return frozenset(new)


def _each_change() -> QuerySet[Any, Any]:
    rows = apps.get_model("km_pages", "GuideChange").objects.order_by()
    return rows.values_list("pk", "token", "page_key")


def _seen(model: Any, reader: Standing) -> QuerySet[Any, Any]:
    return visible_to(model._default_manager.order_by(), reader).values_list("pk")


def forget() -> None:
    """Have all be made again. What was rendered of it is kept by the tags."""
    made.clear()
    wide.clear()
