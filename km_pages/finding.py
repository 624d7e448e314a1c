"""Finding: the one way by which pages, feeds, the API and mails ask the search.

:func:`find` answers with typed objects that know nothing of requests. What a reader may not see is
in no hit, no count and no facet: the engine is asked within the reader's scope, and what it
returns is looked up in the database once more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from wagtail.models import Locale, Site

from km_pages.by_title import find_by_title
from km_pages.conf import conf
from km_pages.found import (
    MOST_HITS_SHOWN,
    SORTS,
    Found,
    FoundFacet,
    FoundHit,
    FoundValue,
    Sort,
)
from km_pages.naming import FACET_NAMES, kind_name, plain_name, value_names
from km_pages.outbox import Pending, pending
from km_pages.projection import FACETS
from km_pages.search import EngineUnavailable, get_engine
from km_pages.search.query import ParsedQuery, parse
from km_pages.search.requests import FacetValue, Hit, Scope, SearchRequest, SearchResult
from km_pages.search.synonyms import NO_THESAURUS, Thesaurus
from km_pages.thesaurus import thesaurus
from km_pages.visibility import Reader, as_reader, tokens_for, visible_ids

if TYPE_CHECKING:
    from km_pages.visibility import AnyUser

logger = logging.getLogger(__name__)

__all__ = [
    "MOST_HITS_SHOWN",
    "SORTS",
    "Found",
    "FoundFacet",
    "FoundHit",
    "FoundValue",
    "Sort",
    "find",
    "scope_of",
]


@dataclass(frozen=True)
class _Question:
    """Everything that one search asks, besides which part of the hits."""

    parsed: ParsedQuery
    scope: Scope
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    strict: bool = False
    correct: bool = True
    facets: tuple[str, ...] = FACETS
    thesaurus: Thesaurus = NO_THESAURUS
    snippets: bool = True

    def ask(self, page: int, size: int) -> SearchResult:
        """The hits of page number ``page``. Raises ``EngineUnavailable``."""
        request = SearchRequest(
            query=self.parsed,
            scope=self.scope,
            filters=self.filters,
            sort=self.sort,
            offset=(page - 1) * size,
            limit=size,
            facets=self.facets,
            strict=self.strict,
            correct=self.correct,
            thesaurus=self.thesaurus,
            snippets=self.snippets,
        )
        return get_engine().search(request)


def find(
    query: str | ParsedQuery,
    *,
    reader: Reader | AnyUser | None,
    filters: Mapping[str, Sequence[str]] | None = None,
    sort: Sort = "relevance",
    page: int = 1,
    page_size: int | None = None,
    site: Site | None = None,
    strict: bool = False,
    correct: bool = True,
    facets: Sequence[str] = FACETS,
    titles_only: bool = False,
) -> Found:
    """What ``reader`` finds for ``query``, among what they may see now.

    ``filters`` are wanted values of facets: any of several within one facet, all facets together.
    Without words in ``query`` it is everything that fits the filters, the newest first. ``page``
    counts from 1; beyond the last it is the last. ``strict`` finds only documents with all words,
    ``correct=False`` leaves the words as they are. ``site`` limits to the pages of one site.
    ``titles_only`` is for words that nobody typed: hits have no snippets, and only these words are
    searched, no others that mean the same.

    Raises nothing when the search is out of order: see :attr:`Found.by_title`. Queries: those
    of the reader (at most six), and at most nine more, however many hits there are.
    """
    known = as_reader(reader)
    waiting = pending()
    size = page_size or conf().search_page_size
    question = _Question(
        parsed=parse(query) if isinstance(query, str) else query,
        scope=scope_of(known, waiting=waiting, site=site),
        filters={name: tuple(values) for name, values in (filters or {}).items() if values},
        sort=sort,
        strict=strict,
        correct=correct,
        facets=tuple(facets),
        thesaurus=NO_THESAURUS if titles_only else thesaurus(),
        snippets=not titles_only,
    )
    if waiting.too_many:
        # More is hidden than a question to the index can leave out; the database knows.
        by_title = _by_title(question, known, page, size, site)
        return replace(by_title, catching_up=True, late=waiting.late)
    try:
        number, result = _part(question, page, size)
    except EngineUnavailable:
        # A new index may have been put in place just then.
        try:
            number, result = _part(question, page, size)
        except EngineUnavailable as fault:
            logger.error("The search cannot answer, so that only titles are searched: %s", fault)
            return _by_title(question, known, page, size, site)
    return _found(result, known, page=number, page_size=size, late=waiting.late)


def _by_title(
    question: _Question, reader: Reader, page: int, size: int, site: Site | None
) -> Found:
    return find_by_title(
        question.parsed, reader, filters=question.filters, page=page, page_size=size, site=site
    )


def scope_of(reader: Reader, *, waiting: Pending, site: Site | None = None) -> Scope:
    """The part of the index in which ``reader`` may look, in terms of the engine."""
    translated = getattr(settings, "WAGTAIL_I18N_ENABLED", False)
    locale = Locale.get_active().language_code if translated else None
    return Scope(
        tokens=tokens_for(reader),
        excluded=reader.refused_ids | waiting.narrowing,
        locale=locale,
        # Where there is one site, everything is of it: that need not be asked of each document.
        site_root=site.root_page_id if site and len(Site.get_site_root_paths()) > 1 else None,
    )


def _part(question: _Question, page: int, size: int) -> tuple[int, SearchResult]:
    """The wanted part of the hits, or the last there is, with its number."""
    last = max(1, MOST_HITS_SHOWN // size)
    number = min(max(page, 1), last)
    result = question.ask(number, size)
    if not result.hits and number > 1:
        shown = min(result.total, MOST_HITS_SHOWN)
        number = max(1, -(-shown // size))
        result = question.ask(number, size)
    return number, result


def _found(result: SearchResult, reader: Reader, **facts: Any) -> Found:
    hits = _still_visible(result.hits, reader)
    kinds = {kind: kind_name(kind) for kind in {each.kind for each in hits}}
    return Found(
        hits=tuple(_hit(each, kinds[each.kind]) for each in hits),
        total=result.total - (len(result.hits) - len(hits)),
        facets=_facets(result.facets),
        widened=result.widened,
        corrected=result.corrected,
        strict_total=result.strict_total,
        also=result.also,
        **facts,
    )


def _still_visible(hits: Sequence[Hit], reader: Reader) -> list[Hit]:
    """Those of ``hits`` that the database lets the reader see at this moment. One query."""
    seen = visible_ids([each.page_id for each in hits], reader)
    return [each for each in hits if each.page_id in seen]


def _hit(hit: Hit, kind: str) -> FoundHit:
    return FoundHit(
        page_id=hit.page_id,
        title=hit.title,
        url=hit.url,
        kind=hit.kind,
        kind_name=kind,
        snippet=hit.snippet,
        labels=hit.labels,
        file_id=hit.snippet_file,
        file_name=hit.snippet_file_name,
        file_label=hit.snippet_label,
        file_number=hit.snippet_number,
        found_by=hit.found_by,
    )


def _facets(counted: Mapping[str, Sequence[FacetValue]]) -> tuple[FoundFacet, ...]:
    present = {
        name: [each.value for each in values if each.count]
        for name, values in counted.items()
        if name in FACET_NAMES
    }
    names = value_names(present)
    made = []
    for name, values in counted.items():
        rows = [
            FoundValue(value, names.get((name, value)) or plain_name(name, value), count, chosen)
            for value, count, chosen in ((each.value, each.count, each.chosen) for each in values)
            if count or chosen
        ]
        if rows and name in FACET_NAMES:
            made.append(FoundFacet(name, str(FACET_NAMES[name]), tuple(rows)))
    return tuple(made)
