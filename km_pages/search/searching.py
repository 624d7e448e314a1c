"""One search on one state of the embedded index.

**Widening.** The answer is the documents with all words. Where they are fewer than ``ENOUGH`` and
there are several words, documents with only some of them follow. Count and facets describe the set
that is shown. The score is BM25 over one field with the title three times in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tantivy import DocAddress, Document, Occur, Order, Query, Searcher

from km_pages.search.analysis import is_stop_word
from km_pages.search.asking import ALL_WORDS_FIRST, Asking, Unit, facet_clauses, scope_query
from km_pages.search.folder import Generation
from km_pages.search.query import ParsedQuery
from km_pages.search.requests import FacetValue, FoundBy, Hit, SearchRequest, SearchResult
from km_pages.search.schema import FACET_SEPARATOR, NOTHING, facet_field, unpack
from km_pages.search.snippets import Place, Snippet, best_snippet, marked
from km_pages.search.spelling import Vocabulary, corrections

ENOUGH = 10
# A word in more documents than this share of them all, and more than so many, is a common one: no
# answer by itself where rarer words find so many. With less of each, good answers were lost.
COMMON_SHARE = 0.1
COMMON_FROM = 2_000
ENOUGH_WITHOUT_COMMON = 300
MOST_FACET_VALUES = 2000
MOST_TAGS = 200
# Queries from this many telling words are not left without an answer by their quotation marks.
LOOSE_FROM = 3
# From so many words around a quotation it only counts extra.
TEXT_FROM = 8
SORT_FIELDS = {"newest": "date", "verified": "verified"}
# So many names of a document are told by which it was found.
MOST_NAMES = 3
NO_SNIPPET = Snippet("", Place(""))
# Among the best so many, scores that differ by less than this share are a tie.
TIES_AMONG = 50
TIE = 0.02

# Apart, because free tags are so many that they would push out the values of other facets.
COUNT_VALUES = {
    "facet": {"terms": {"field": "facet", "size": MOST_FACET_VALUES}},
    "tag": {"terms": {"field": "tag", "size": MOST_TAGS}},
}


Found = list[tuple[Any, DocAddress]]
# How many documents have which value, of each facet.
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Taken:
    """How many documents ``query`` finds, and the first of them or the wanted part."""

    query: Query
    total: int
    found: Found


class Search:
    """Answers one request. Raises what tantivy raises."""

    def __init__(self, generation: Generation, request: SearchRequest) -> None:
        self.request = request
        # Before the searcher: then nothing of an older state can come to what is kept of a newer.
        self.known = generation.known
        self.schema = generation.index.schema
        self.searcher: Searcher = generation.index.searcher()
        self.scope = scope_query(self.schema, request.scope)

    def run(self) -> SearchResult:
        """Search as asked; with mended words where one of them occurs nowhere."""
        asking = self._asking(self.request.query)
        taken = self._taken(asking.strict())
        # Where something has all words, none of them can be unknown.
        changes = {} if taken.total or not self.request.correct else self._corrections()
        if not changes:
            return self._answer(asking, taken)
        mended = self.request.query.with_words(changes)
        asking = self._asking(mended)
        answer = self._answer(asking, self._taken(asking.strict()))
        return replace(answer, corrected=mended.text)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.searcher, self.schema, self.request.scope, self.known)

    def _asking(self, query: ParsedQuery) -> Asking:
        return Asking(self.schema, query, self.request.thesaurus, self._vocabulary.has)

    def _corrections(self) -> dict[str, str]:
        known = self.request.thesaurus.knows
        words = [each for each in self.request.query.words if not known(each)]
        return corrections(words, self._vocabulary)

    def _answer(self, asking: Asking, strict: Taken) -> SearchResult:
        """The documents with all words, which are ``strict``, or more where those are few."""
        if self.request.strict:
            return self._result(strict, asking)
        if _is_text(asking.query):
            loose = self._asking(asking.query.loosened())
            text = self._taken(loose.wide(bonus=asking.exact()))
            return self._result(text, loose, strict_total=strict.total)
        taken = strict
        if asking.can_widen and strict.total < ENOUGH:
            taken = self._widened(asking, some_have_all=bool(strict.total))
        if _may_loosen(asking.query, taken.total):
            loose = self._asking(asking.query.loosened())
            wide = self._taken(loose.wide(first=taken.query))
            return self._result(wide, loose, strict_total=strict.total)
        return self._result(taken, asking, strict_total=strict.total)

    def _widened(self, asking: Asking, *, some_have_all: bool) -> Taken:
        """What has some of the words.

        One that has only words which stand nearly everywhere comes where there is not enough else.
        """
        common = [each for each in asking.units if self._is_common(each)]
        taken = self._taken(asking.wide(some_have_all=some_have_all, common=common))
        if common and taken.total < ENOUGH_WITHOUT_COMMON:
            taken = self._taken(asking.wide(some_have_all=some_have_all))
        return taken

    def _is_common(self, unit: Unit) -> bool:
        most = max(COMMON_FROM, self.searcher.num_docs * COMMON_SHARE)
        rarest = min(self.searcher.doc_freq("text", stem) for stem in unit.stems)
        return not unit.also and rarest > most

    def _result(
        self, taken: Taken, asking: Asking, *, strict_total: int | None = None
    ) -> SearchResult:
        """The answer by what was ``taken``. Only now values of facets are counted."""
        return SearchResult(
            hits=self._hits(taken, asking),
            total=taken.total,
            facets=self._facets(taken),
            widened=strict_total is not None and taken.total > strict_total,
            strict_total=taken.total if strict_total is None else strict_total,
            also=asking.also,
        )

    def _within(self, query: Query, *, without: str = "") -> Query:
        facets = facet_clauses(self.schema, self.request.filters, without=without)
        return Query.boolean_query([(Occur.Must, query), *self.scope, *facets])

    def _taken(self, query: Query) -> Taken:
        """What ``query`` finds, counted and put in order in one go."""
        by, begin, limit = self._sorted_by, self.request.offset, self.request.limit
        if not by and begin < TIES_AMONG:
            begin, limit = 0, max(begin + limit, TIES_AMONG)
        answer = self.searcher.search(
            self._within(query),
            limit=limit,
            offset=begin,
            count=True,
            order_by_field=by,
            order=Order.Desc,
        )
        return Taken(query, int(answer.count or 0), answer.hits)

    @property
    def _sorted_by(self) -> str | None:
        """The field to sort by; none where the scores say the order."""
        request = self.request
        sort = "newest" if request.sort == "relevance" and request.query.is_empty else request.sort
        return SORT_FIELDS.get(sort)

    def _hits(self, taken: Taken, asking: Asking) -> list[Hit]:
        """The wanted part; of those that score alike the fresher one stands first."""
        begin, end = self.request.offset, self.request.offset + self.request.limit
        found = taken.found
        if not self._sorted_by and begin < TIES_AMONG:
            best = self._with_ties_lifted(found[:TIES_AMONG], begin, end)
            found = [*best, *found[TIES_AMONG:]][begin:end]
        return [self._hit(score, address, asking) for score, address in found]

    def _counted(self, query: Query, *, without: str = "") -> Counts:
        """How many of what ``query`` finds have which value of the wanted facets."""
        fields = {facet_field(name) for name in self.request.facets}
        asked = {name: COUNT_VALUES[name] for name in fields}
        answer = self.searcher.aggregate(self._within(query, without=without), asked)
        values: dict[str, dict[str, int]] = {}
        for row in (row for name in fields for row in answer[name]["buckets"]):
            facet, _mark, value = row["key"].partition(FACET_SEPARATOR)
            values.setdefault(facet, {})[value] = int(row["doc_count"])
        return values

    def _with_ties_lifted(self, found: Found, begin: int, end: int) -> Found:
        """``found`` with those that score alike in the order of their last change or check.

        Scores are alike when they differ by less than ``TIE`` from the first of their group, so
        that nothing ever passes what matches clearly better. Only groups that reach into the part
        from ``begin`` to before ``end`` are put in order.
        """
        groups = [
            (first, after)
            for first, after in _tied(found)
            if after - first > 1 and first < end and after > begin
        ]
        if not groups:
            return found
        start, ordered = groups[0][0], list(found)
        fresh = self._days(found[start : groups[-1][1]])
        for first, after in groups:
            places = sorted(range(first, after), key=lambda place: -fresh[place - start])
            ordered[first:after] = [found[place] for place in places]
        return ordered

    def _days(self, found: Found) -> list[int]:
        """The day of the last change or check of each of ``found``, as a number."""
        addresses = [address for _score, address in found]
        dates, checks = (
            self.searcher.fast_field_values(name, addresses) for name in ("date", "verified")
        )
        return [max(day or 0, check or 0) for day, check in zip(dates, checks, strict=True)]

    def _hit(self, score: Any, address: DocAddress, asking: Asking) -> Hit:
        document = self.searcher.doc(address)
        head = unpack(document["head"][0])
        snippet = self._snippet(document, head, asking) if self.request.snippets else NO_SNIPPET
        return Hit(
            page_id=document["page_id"][0],
            score=float(score or 0),
            title=head["title"],
            kind=head["kind"],
            url=head["url"],
            labels=head["labels"],
            snippet=snippet.html,
            snippet_file=snippet.place.file_id,
            snippet_file_name=snippet.place.file_name,
            snippet_label=snippet.place.label,
            snippet_number=snippet.place.number,
            found_by=()
            if snippet.is_marked or not self.request.snippets
            else _found_by(head, asking),
        )

    @staticmethod
    def _snippet(document: Document, head: dict[str, Any], asking: Asking) -> Snippet:
        places = _places(document, head)
        return best_snippet(places, wanted=asking.wanted, prefixes=asking.query.prefixes)

    def _facets(self, taken: Taken) -> dict[str, list[FacetValue]]:
        """The wanted facets; one with chosen values is counted as if none were chosen of it."""
        names, query = self.request.facets, taken.query
        chosen = {name: values for name, values in self.request.filters.items() if values}
        counts = self._counted(query) if names and taken.total else {}
        return {name: self._values(name, query, counts, chosen.get(name, ())) for name in names}

    def _values(
        self, name: str, query: Query, counts: Counts, chosen: tuple[str, ...]
    ) -> list[FacetValue]:
        counts = self._counted(query, without=name) if chosen else counts
        values = dict(counts.get(name, {}))
        for value in chosen:
            if value not in values:
                # One of a thousand tags may be chosen without being among the most frequent.
                values[value] = self._count_value(query, name, value)
        rows = [FacetValue(value, count, value in chosen) for value, count in values.items()]
        return sorted(rows, key=lambda row: (-row.count, row.value))

    def _count_value(self, query: Query, name: str, value: str) -> int:
        clauses = facet_clauses(self.schema, {name: (value,)})
        within = Query.boolean_query([(Occur.Must, self._within(query, without=name)), *clauses])
        return int(self.searcher.search(within, limit=1, count=True).count or 0)


def _places(document: Document, head: dict[str, Any]) -> Iterator[Place]:
    """The texts of a document; those of its files are unpacked only where the page's do not do."""
    yield Place(head["summary"])
    yield Place(head["body"])
    raw = document["passages"][0]
    if raw == NOTHING:
        return
    for file_id, name, label, number, text in unpack(raw):
        yield Place(text, file_id, name, label, number)


def _found_by(head: dict[str, Any], asking: Asking) -> tuple[FoundBy, ...]:
    """The names by which a document was found none of whose texts has the words.

    None where the title, which stands there anyway, has one.
    """
    wanted, prefixes = asking.wanted, asking.query.prefixes
    if marked(head["title"], wanted=wanted, prefixes=prefixes):
        return ()
    names = ((kind, marked(name, wanted=wanted, prefixes=prefixes)) for kind, name in head["names"])
    return tuple(FoundBy(kind, html) for kind, html in names if html)[:MOST_NAMES]


def _may_loosen(query: ParsedQuery, found: int) -> bool:
    """Whether phrases and prefixes may be taken as words, because they leave nothing or little.

    Little is too little only for a sentence with a quotation in it: then what has the quotation
    still stands first. Who quotes two words and adds another wants nothing else.
    """
    if not (query.phrases or query.prefixes) or len(query.telling) < LOOSE_FROM:
        return False
    return not found or (found < ENOUGH and _words_around(query) >= LOOSE_FROM)


def _is_text(query: ParsedQuery) -> bool:
    """Whether it is a text with a quotation in it and not a search for the quotation."""
    return bool(query.phrases) and _words_around(query) >= TEXT_FROM


def _words_around(query: ParsedQuery) -> int:
    """How many words that tell something stand outside of quotation marks."""
    return sum(1 for word in query.words if not is_stop_word(word))


def _tied(found: Found) -> Iterator[tuple[int, int]]:
    """Where each group of documents that score alike begins in ``found``, and where it ends."""
    first, floor = 0, _tied_from(found[0][0]) if found else 0.0
    for number, (score, _address) in enumerate(found):
        if score < floor:
            yield first, number
            first, floor = number, _tied_from(score)
    yield first, len(found)


def _tied_from(best: float) -> float:
    """The lowest score that counts as equal to ``best``."""
    floor = ALL_WORDS_FIRST if best >= ALL_WORDS_FIRST else 0.0
    return floor + (best - floor) * (1 - TIE)
