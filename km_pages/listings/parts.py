"""Parts of long lists, also of lists too long to be counted or sorted as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import Page

from km_pages.visibility import order_by_ids

# Beyond so many, "page 1 of 5,000" tells nobody anything.
MOST_COUNTED = 200


@dataclass(frozen=True)
class Part:
    """Which part of a list is shown, in the words of Django's paginator."""

    number: int
    num_pages: int

    @property
    def paginator(self) -> Part:
        """Itself: it knows the number of pages."""
        return self

    @property
    def has_other_pages(self) -> bool:
        """Whether there is more than this part."""
        return self.has_previous or self.has_next

    @property
    def has_previous(self) -> bool:
        """Whether there is a part before this."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a part after this."""
        return self.number < self.num_pages

    @property
    def previous_page_number(self) -> int:
        """The number of the part before this."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The number of the part after this."""
        return self.number + 1


@dataclass(frozen=True)
class ListedPart(Part):
    """A part with its rows. ``num_pages`` is 0 for a list so long that its parts are not known."""

    object_list: list[Any] = field(default_factory=list)
    goes_on: bool = False

    @property
    def has_next(self) -> bool:
        """Whether there is a part after this."""
        return self.goes_on


def newest_part(
    seen: QuerySet[Any], shown: QuerySet[Any], *, wanted: str | None, size: int
) -> ListedPart:
    """Part ``wanted`` (from an address; nonsense is the nearest there is) of ``seen``.

    ``seen`` are the pages of one model that a reader may see, ``shown`` is what to read of those
    in the part. The newest come first. Two queries for a short list, three for a long one.

    Few pages are read and sorted. Of many a database would read all to sort them; to go through
    the pages of the site from the newest on, and ask of each whether it is among them, finds the
    first after a few.
    """
    dated = seen.order_by().values_list("first_published_at", "pk")[: MOST_COUNTED + 1]
    rows = sorted(dated, key=lambda row: (row[0] is not None, *row), reverse=True)
    number = _number(wanted)
    if len(rows) <= MOST_COUNTED:
        pages = max(1, -(-len(rows) // size))
        number = min(number, pages)
        ids = [pk for _day, pk in rows[(number - 1) * size : number * size + 1]]
        return _part(shown, ids, number, size, pages)
    ids = _walked(seen, number, size)
    if not ids:
        number = min(number, -(-seen.order_by().count() // size))
        ids = _walked(seen, number, size)
    return _part(shown, ids, number, size, 0)


def newest(seen: QuerySet[Any], shown: QuerySet[Any], limit: int) -> list[Any]:
    """The ``limit`` newest of the pages ``seen``, read as ``shown``. At most three queries."""
    return newest_part(seen, shown, wanted=None, size=limit).object_list


def _number(wanted: str | None) -> int:
    """What an address asks for; more digits than any list has parts are no number."""
    given = wanted or ""
    plain = given.isascii() and given.isdigit() and len(given) <= 6
    return max(1, int(given)) if plain else 1


def _walked(seen: QuerySet[Any], number: int, size: int) -> list[int]:
    """The keys of part ``number``, and one more where it goes on."""
    among = Exists(seen.order_by().filter(pk=OuterRef("pk")))
    pages = Page.objects.filter(among).order_by("-first_published_at", "-pk")
    begin = (number - 1) * size
    return list(pages.values_list("pk", flat=True)[begin : begin + size + 1])


def _part(shown: QuerySet[Any], ids: list[int], number: int, size: int, pages: int) -> ListedPart:
    rows = order_by_ids(shown, ids[:size]) if ids else []
    return ListedPart(number, pages, object_list=rows, goes_on=len(ids) > size)
