"""What the address of the search page says, made harmless, and the addresses that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.http import QueryDict

from km_pages.finding import SORTS, Sort
from km_pages.numbers import whole
from km_pages.projection import FACETS

LONGEST_QUERY = 500
LONGEST_VALUE = 200
MOST_VALUES = 20
MOST_DIGITS = 6


@dataclass(frozen=True)
class SearchParams:
    """One state of the search page. Everything that cannot be understood is left out.

    ``more`` is the facet of which all values are shown. ``cut`` says that the query was longer
    than what is used of it.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    strict: bool = False
    exact: bool = False
    more: str = ""
    cut: bool = False

    @classmethod
    def read(cls, given: QueryDict) -> SearchParams:
        """The state that the query string ``given`` stands for. Raises nothing."""
        words = " ".join(_clean(given.get("q", "")).split())
        sort = given.get("sort", "")
        return cls(
            q=words[:LONGEST_QUERY],
            filters={name: found for name in FACETS if (found := _values(given, name))},
            sort=next((each for each in SORTS if each == sort), "relevance"),
            page=_number(given.get("page", "")),
            strict=given.get("all") == "1",
            exact=given.get("exact") == "1",
            more=next((each for each in FACETS if each == given.get("more")), ""),
            cut=len(words) > LONGEST_QUERY,
        )

    @property
    def asks(self) -> bool:
        """Whether there is anything to search for."""
        return bool(self.q or self.filters)

    @property
    def query_string(self) -> str:
        """The state as an address relative to the search page, without what is the default."""
        pairs: list[tuple[str, Any]] = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [("sort", self.sort)] if self.sort != "relevance" else []
        pairs += [("all", 1)] if self.strict else []
        pairs += [("exact", 1)] if self.exact else []
        pairs += [("more", self.more)] if self.more else []
        pairs += [("page", self.page)] if self.page > 1 else []
        return f"?{urlencode(pairs)}"

    def switched(self, facet: str, value: str) -> SearchParams:
        """The same search with one value of a facet chosen, or given up if it was; first page."""
        chosen = self.filters.get(facet, ())
        kept = tuple(each for each in chosen if each != value)
        values = kept if len(kept) < len(chosen) else (*chosen, value)
        return replace(self, page=1, filters={**self.filters, facet: values})

    def adding(self, facet: str) -> Callable[[str], str]:
        """What gives the query string of the same search with one more value of ``facet`` chosen.

        The same as that of :meth:`switched`, for a page with fifty such links.
        """
        names = [*self.filters, *([] if facet in self.filters else [facet])]
        place = names.index(facet) + 1
        first = {name: self.filters.get(name, ()) for name in names[:place]}
        begin = replace(self, page=1, filters=first, sort="relevance", strict=False, exact=False)
        begun = replace(begin, more="").query_string
        rest = {name: self.filters[name] for name in names[place:]}
        ended = replace(self, q="", page=1, filters=rest).query_string[1:]
        start = f"{begun}{'&' if len(begun) > 1 else ''}{facet}="
        end = f"&{ended}" if ended else ""
        return lambda value: f"{start}{quote_plus(value)}{end}"

    def but(self, **changes: Any) -> SearchParams:
        """The same search with other ``changes`` of its fields, from the first page."""
        return replace(self, **{"page": 1, **changes})


def _clean(text: str) -> str:
    """``text`` without control characters, which no index holds and some databases refuse."""
    if text.isprintable():
        return text
    return "".join(" " if ord(sign) < 32 or ord(sign) == 127 else sign for sign in text)


def _values(given: QueryDict, name: str) -> tuple[str, ...]:
    found = (_clean(each).strip()[:LONGEST_VALUE] for each in given.getlist(name)[:MOST_VALUES])
    return tuple(dict.fromkeys(filter(None, found)))


def _number(text: str) -> int:
    """A page number from 1; nonsense is the first page."""
    return max(1, whole(text, MOST_DIGITS) or 1)
