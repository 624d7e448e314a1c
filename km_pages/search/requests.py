"""A question to the engine, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from km_pages.search.query import ParsedQuery
from km_pages.search.synonyms import NO_THESAURUS, Thesaurus

Sort = Literal["relevance", "newest", "verified"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a reader may look: documents that share a token and stand below no excluded page.

    ``tokens=None`` means every token. ``locale`` and ``site_root`` narrow it where given.
    """

    tokens: frozenset[str] | None
    excluded: frozenset[int] = frozenset()
    locale: str | None = None
    site_root: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One search. ``strict``: only documents with all words; ``correct``: mend unknown words.

    ``facets`` are those to count, ``thesaurus`` knows other words for the same.
    ``snippets=False`` is for those who want to know which documents, in which order: hits then
    have no text besides their title.
    """

    query: ParsedQuery
    scope: Scope
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 10
    facets: tuple[str, ...] = ()
    strict: bool = False
    correct: bool = True
    snippets: bool = True
    thesaurus: Thesaurus = NO_THESAURUS


@dataclass(frozen=True, slots=True)
class FoundBy:
    """A name by which a document was found: a "tag", another "name" for it, or that of a "file".

    ``html`` is the name as safe HTML with ``<mark>``.
    """

    kind: Literal["tag", "name", "file"]
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document that was found. ``snippet`` is safe HTML with ``<mark>``, at most 240 letters.

    ``snippet_file``, its name, ``snippet_number`` (3) and ``snippet_label`` ("page 3") say where
    the snippet stands. ``found_by`` says why it was found where no text of it has the words.
    """

    page_id: int
    score: float
    title: str
    kind: str
    url: str
    labels: Mapping[str, str]
    snippet: str
    snippet_file: str | None = None
    snippet_file_name: str | None = None
    snippet_label: str | None = None
    snippet_number: int | None = None
    found_by: tuple[FoundBy, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet: how many documents have it, counted as if it were not chosen."""

    value: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What was found; ``total`` and ``facets`` describe the set that is shown.

    ``widened``: documents with some of the words were added to the ``strict_total`` with all.
    ``corrected``: the query as it was searched, where words were mended. ``also``: what was
    searched besides, because it means the same.
    """

    hits: list[Hit]
    total: int
    facets: Mapping[str, list[FacetValue]]
    widened: bool = False
    corrected: str | None = None
    strict_total: int = 0
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody may mean who has typed so far: a document's title, or a value of a facet.

    ``facet`` is empty for a document, which has a ``page_id``, a ``kind``, a ``url`` and perhaps
    the name of its ``team``.
    """

    text: str
    page_id: int = 0
    kind: str = ""
    url: str = ""
    team: str = ""
    facet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """How the index stands; ``str()`` is a line for a person."""

    documents: int
    size_bytes: int
    generation: str
    healthy: bool
    reason: str = ""

    def __str__(self) -> str:
        state = "healthy" if self.healthy else f"not usable: {self.reason}"
        size = f"{self.size_bytes / 1_000_000:.1f} MB"
        return f"{self.documents} documents, {size}, generation {self.generation}, {state}"


@dataclass(frozen=True, slots=True)
class RebuildStats:
    """What a rebuild did: documents written, and the seconds it took."""

    documents: int
    seconds: float
