"""Finding: the one way by which pages, feeds, the API and mails ask the search.

:func:`find` answers with typed objects that know nothing of requests. What a reader may not see is
in no hit, no count and no facet: the engine is asked within the reader's scope, and what it
returns is looked up in the database once more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Locale, Page, Site

from km_pages.conf import conf
from km_pages.naming import FACET_NAMES, kind_name, plain_name, value_names
from km_pages.outbox import Pending, pending
from km_pages.projection import FACETS
from km_pages.search import EngineUnavailable, get_engine
from km_pages.search.query import ParsedQuery, parse
from km_pages.search.requests import FacetValue, Hit, Scope, SearchRequest, SearchResult
from km_pages.search.synonyms import NO_THESAURUS, Thesaurus
from km_pages.thesaurus import thesaurus
from km_pages.visibility import Reader, as_reader, visible_to

if TYPE_CHECKING:
    from km_pages.visibility import AnyUser

logger = logging.getLogger(__name__)

Sort = Literal["relevance", "newest", "verified"]
SORTS: tuple[Sort, ...] = get_args(Sort)
# Nobody reads further; a narrower question serves better.
MOST_HITS_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class FoundHit:
    """One result. ``snippet`` is safe HTML with ``<mark>``; the rest is plain text.

    ``file_name`` and ``file_label`` ("page 3") say in which file the snippet stands, if in one.
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
    same. ``unavailable``: nothing can be found now; ``late``: how many changes the
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
            return _("The search is catching up with a large change. Try again in a minute.")
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
) -> Found:
    """What ``reader`` finds for ``query``, among what they may see now.

    ``filters`` are wanted values of facets: any of several within one facet, all facets together.
    Without words in ``query`` it is everything that fits the filters, the newest first. ``page``
    counts from 1; beyond the last it is the last. ``strict`` finds only documents with all words,
    ``correct=False`` leaves the words as they are. ``site`` limits to the pages of one site.

    Raises nothing when the search is out of order: see :attr:`Found.unavailable`. Queries: those
    of the reader (at most six), and at most seven more, however many hits there are.
    """
    known = as_reader(reader)
    waiting = pending()
    size = page_size or conf().search_page_size
    if waiting.too_many:
        return Found(page_size=size, unavailable=True, catching_up=True, late=waiting.late)
    question = _Question(
        parsed=parse(query) if isinstance(query, str) else query,
        scope=scope_of(known, waiting=waiting, site=site),
        filters={name: tuple(values) for name, values in (filters or {}).items() if values},
        sort=sort,
        strict=strict,
        correct=correct,
        facets=tuple(facets),
        thesaurus=thesaurus(),
    )
    try:
        number, result = _part(question, page, size)
    except EngineUnavailable:
        # A new index may have been put in place just then.
        try:
            number, result = _part(question, page, size)
        except EngineUnavailable as fault:
            logger.error("The search cannot answer: %s", fault)
            return Found(page_size=size, unavailable=True, late=waiting.late)
    return _found(result, known, page=number, page_size=size, late=waiting.late)


def scope_of(reader: Reader, *, waiting: Pending, site: Site | None = None) -> Scope:
    """The part of the index in which ``reader`` may look, in terms of the engine."""
    translated = getattr(settings, "WAGTAIL_I18N_ENABLED", False)
    locale = Locale.get_active().language_code if translated else None
    return Scope(
        tokens=reader.tokens,
        excluded=reader.refused_ids | waiting.narrowing,
        locale=locale,
        site_root=site.root_page_id if site else None,
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
    return Found(
        hits=tuple(_hit(each) for each in hits),
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
    pages = Page.objects.filter(pk__in=[each.page_id for each in hits])
    seen = set(visible_to(pages, reader).order_by().values_list("pk", flat=True)) if hits else set()
    return [each for each in hits if each.page_id in seen]


def _hit(hit: Hit) -> FoundHit:
    return FoundHit(
        page_id=hit.page_id,
        title=hit.title,
        url=hit.url,
        kind=hit.kind,
        kind_name=kind_name(hit.kind),
        snippet=hit.snippet,
        labels=hit.labels,
        file_id=hit.snippet_file,
        file_name=hit.snippet_file_name,
        file_label=hit.snippet_label,
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


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
