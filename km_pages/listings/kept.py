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
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Count, Max, QuerySet, Sum, Value
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language
from wagtail.models import Site

from km_pages.pieces import Pieces
from km_pages.prepared import ask, question
from km_pages.visibility import Standing, reader_for, visible_to

# Bulk SQL by hand goes past every receiver: it shows after so many seconds.
LONGEST_KEPT = 300
# Less than a page shows, for each reader's way of seeing it.
MOST_MADE = 2_000
# What nobody types: such an address is worked out each time.
LONGEST_QUERY = 200

# Of ten thousand pages these are some megabytes.
MOST_WIDE = 8
made: Pieces[tuple[Any, ...]] = Pieces(MOST_MADE)
made_for_all_ways: Pieces[tuple[Any, ...]] = Pieces(MOST_WIDE)


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
    # As the key, for all addresses of the page and all ways of narrowing what stands on it.
    wide_key: bytes = b""

    @cached_property
    def filled(self) -> dict[str, Any]:
        """What is shown, worked out once for all parts of a page."""
        return self.fill()

    def once(self, name: str, make: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """What ``make`` gives, kept as the list is: nothing in it may be changed by who gets it."""
        return _once(made, self.key_of("once", name), make)

    def for_all_ways(self, name: str, make: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """As :meth:`once`, for what is the same in whatever way the list is narrowed and shown."""
        return _once(
            made_for_all_ways, _digest(self.wide_key, name) if self.wide_key else b"", make
        )

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
    wide = _digest(known, int(time.time() // LONGEST_KEPT), who, page.pk, page.path)
    return KeptList(_digest(wide, place, get_language(), own), asked, fill, wide)


def stamp() -> tuple[Any, ...]:
    """What is another after every change of a guide; empty where none was ever made. One query."""
    rows = ask(_changes)
    return rows[0] if rows else ()


def _changes() -> QuerySet[Any, Any]:
    rows = apps.get_model("km_pages", "GuideChange").objects.order_by()
    together = rows.annotate(km_every=Value(1)).values("km_every")
    numbers = {"km_last": Max("pk"), "km_number": Count("pk"), "km_sum": Sum("token")}
    return together.annotate(**numbers).values_list(*numbers)


def _seen(model: Any, reader: Standing) -> QuerySet[Any, Any]:
    return visible_to(model._default_manager.order_by(), reader).values_list("pk")


def forget() -> None:
    """Have all be made again. What was rendered of it is kept by the tags."""
    made.clear()
    made_for_all_ways.clear()
