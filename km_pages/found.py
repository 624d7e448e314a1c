"""What a search answers with: typed objects that know nothing of requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from km_pages.search.requests import FoundBy

Sort = Literal["relevance", "newest", "verified"]
SORTS: tuple[Sort, ...] = get_args(Sort)
# Nobody reads further; a narrower question serves better.
MOST_HITS_SHOWN = 2_000
# What the one part of a file is called that has neither pages nor slides nor sheets.
WHOLE = "text"


@dataclass(frozen=True, slots=True)
class FoundHit:
    """One result. ``snippet`` is safe HTML with ``<mark>``; the rest is plain text.

    ``file_name``, ``file_label`` ("page 3") and ``file_number`` (3) say in which file and where the
    snippet stands, if in one.
    ``found_by`` has the names by which it was found where no text of it has the words.
    ``labels`` are those of :func:`km_pages.projection.facets.labels_of`.
    """

    page_id: int
    title: str
    url: str
    kind: str
    kind_name: str
    snippet: str
    labels: Mapping[str, str]
    file_id: str | None = None
    file_name: str | None = None
    file_label: str | None = None
    file_number: int | None = None
    found_by: tuple[FoundBy, ...] = ()

    @property
    def file_place(self) -> str:
        """Where in the file the words stand; empty where it is read as one whole."""
        return "" if self.file_label in (None, WHOLE) else str(self.file_label)

    @property
    def day(self) -> date | None:
        """When it was captured or published."""
        return _day(self.labels.get("date"))

    @property
    def checked_on(self) -> date | None:
        """When it was checked last."""
        return _day(self.labels.get("checked"))

    @property
    def review_due(self) -> date | None:
        """By when it is to be checked again."""
        return _day(self.labels.get("review_due"))


@dataclass(frozen=True, slots=True)
class FoundValue:
    """One value of a facet: what it is called, and how many documents it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FoundFacet:
    """One facet with the values that occur."""

    name: str
    label: str
    values: tuple[FoundValue, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    ``widened``: documents with only some of the words were added, because there were few with
    all (``strict_total`` of them). ``corrected``: the query that was searched instead of one whose
    words nobody wrote. ``also``: what was searched besides, because editors say that it means the
    same. ``unavailable``: the index cannot be asked; ``by_title``: only titles were searched then,
    in the database; ``late``: how many changes the
    index does not know yet, though it should. Counts and facets describe the set that is shown.
    """

    hits: tuple[FoundHit, ...] = ()
    total: int = 0
    page: int = 1
    page_size: int = 10
    facets: tuple[FoundFacet, ...] = ()
    widened: bool = False
    corrected: str | None = None
    strict_total: int = 0
    also: tuple[str, ...] = ()
    unavailable: bool = False
    by_title: bool = False
    catching_up: bool = False
    late: int = 0

    @property
    def pages(self) -> int:
        """How many pages of results there are, at least one."""
        shown = min(self.total, MOST_HITS_SHOWN)
        return max(1, -(-shown // self.page_size))

    @property
    def notice(self) -> str:
        """What the reader must know about the search itself; mostly empty."""
        if self.catching_up:
            return _(
                "The search is catching up with a large change. Until that is done, only titles "
                "are searched. Try again in a minute."
            )
        if self.by_title:
            return _(
                "The search is being mended. Until that is done, only titles are searched. "
                "Try again in a few minutes."
            )
        if self.unavailable:
            return _(
                "The search does not work at the moment. Nothing is lost: pages can be read and "
                "shared as usual. Try again in a few minutes."
            )
        if self.late:
            return ngettext(
                "The search is behind by %(number)s change. What was shared a moment ago may not "
                "be found yet.",
                "The search is behind by %(number)s changes. What was shared a moment ago may not "
                "be found yet.",
                self.late,
            ) % {"number": self.late}
        return ""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
