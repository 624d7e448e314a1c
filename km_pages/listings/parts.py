"""Parts of long lists, also of lists too long to be counted or sorted as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import Page

from km_pages.numbers import whole
from km_pages.prepared import Row, ask, filled, given_keys
from km_pages.visibility import Reader, Standing, visible_to

# Beyond so many, "page 1 of 5,000" tells nobody anything.
MOST_COUNTED = 200

Shown = Callable[[], QuerySet[Any]]


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
    shown: Shown,
    reader: Reader,
    *,
    inside: str = "",
    wanted: str | None = None,
    size: int,
) -> ListedPart:
    """Part ``wanted`` (from an address; nonsense is the nearest there is) of a list of pages.

    The list is all pages of the model of ``shown()`` that ``reader`` may see, below the path
    ``inside`` where that is given, the newest first; ``shown`` says which columns to read of those
    in the part, their key first. Three queries, however long the list is.

    Few pages are sorted by the database. Of many it would read all to sort them; to go through
    the pages of the site from the newest on, and ask of each whether it is among them, finds the
    first after a few.
    """
    asked: tuple[Any, ...] = (shown().model, reader.standing, inside)
    counted = len(ask(_first_keys, *asked, MOST_COUNTED + 1))
    number, many = _number(wanted), counted > MOST_COUNTED
    pages = 0 if many else max(1, -(-counted // size))
    number = min(number, pages) if pages else number
    ids = _ids(asked, many, number, size) if counted else []
    if counted and not ids:
        number = min(number, -(-seen(*asked).count() // size))
        ids = _ids(asked, many, number, size)
    rows = _read(shown, ids[:size])
    return ListedPart(number, pages, object_list=rows, goes_on=len(ids) > size)


def newest(shown: Shown, reader: Reader, limit: int) -> list[Row]:
    """The ``limit`` newest of the pages that ``reader`` may see, read as ``shown`` says.

    Three queries.
    """
    return newest_part(shown, reader, size=limit).object_list


def seen(model: type[Page], reader: Standing, inside: str) -> QuerySet[Any]:
    """Pages of ``model`` that a reader may see below the path ``inside``, in no order."""
    rows = model._default_manager.order_by()
    return visible_to(rows.filter(path__startswith=inside) if inside else rows, reader)


def is_any_seen(model: Any, reader: Reader, inside: str) -> bool:
    """Whether ``reader`` may see any page of ``model`` below the path ``inside``. One query."""
    return bool(ask(_first_keys, model, reader.standing, inside, 1))


def _first_keys(model: type[Page], reader: Standing, inside: str, most: int) -> QuerySet[Any]:
    return seen(model, reader, inside).values_list("pk")[:most]


def _in_order(
    model: type[Page], reader: Standing, inside: str, many: bool, begin: int, end: int
) -> QuerySet[Any]:
    rows = seen(model, reader, inside)
    if many:
        rows = Page.objects.filter(Exists(rows.filter(pk=OuterRef("pk"))))
    return rows.order_by("-first_published_at", "-pk").values_list("pk")[begin:end]


def _ids(asked: tuple[Any, ...], many: bool, number: int, size: int) -> list[int]:
    """The keys of part ``number``, and one more where it goes on."""
    begin = (number - 1) * size
    return [pk for (pk,) in ask(_in_order, *asked, many, begin, begin + size + 1)]


def _read(shown: Shown, ids: list[int]) -> list[Row]:
    """The rows of the pages with the keys ``ids``, in their order."""
    if not ids:
        return []
    given = filled(ids)
    found = {row[0]: row for row in ask(_named, shown, len(given), **given)}
    return [found[pk] for pk in ids if pk in found]


def _named(shown: Shown, number: int) -> QuerySet[Any]:
    # By the key of the page: that of an item is a relation, which takes no given values.
    return shown().filter(id__in=given_keys(number)).order_by()


def _number(wanted: str | None) -> int:
    """What an address asks for; more digits than any list has parts are no number."""
    return max(1, whole(wanted, 6) or 1)
