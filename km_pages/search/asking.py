"""From a parsed query and a scope to the engine's own queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tantivy import Occur, Query, Schema

from km_pages.search.analysis import is_stop_word, plain, stems
from km_pages.search.query import ParsedQuery
from km_pages.search.requests import Scope
from km_pages.search.schema import FACET_SEPARATOR

# More than any sum of scores of single words: what has all of them stands first.
ALL_WORDS_FIRST = 10_000.0


class Asking:
    """Builds the queries of one search. ``schema`` is that of the index."""

    def __init__(self, schema: Schema, query: ParsedQuery) -> None:
        self.schema = schema
        self.query = query
        self.terms = self._terms()

    def _terms(self) -> dict[str, int]:
        """The stems asked for, with how often; without stop words unless there is nothing else."""
        telling = {w: n for w, n in self.query.words.items() if not is_stop_word(w)}
        found: dict[str, int] = {}
        quoted = self.query.phrases or self.query.prefixes
        for word, times in (telling if telling or quoted else self.query.words).items():
            for stem in stems(word):
                found[stem] = found.get(stem, 0) + times
        return found

    @property
    def wanted(self) -> frozenset[str]:
        """The stems to mark in snippets."""
        quoted = (stem for phrase in self.query.phrases for stem in stems(phrase))
        return frozenset(self.terms) | frozenset(quoted)

    @property
    def can_widen(self) -> bool:
        """Whether there are several single words, of which a document may have some."""
        return len(self.terms) > 1

    def strict(self) -> Query:
        """Documents with all words, phrases and prefixes."""
        parts = [self._term(stem, times) for stem, times in self.terms.items()] + self._exact()
        return self._with_excluded([(Occur.Must, part) for part in parts])

    def wide(self) -> Query:
        """Documents with any of the words, those with all of them first."""
        terms = [self._term(stem, times) for stem, times in self.terms.items()]
        anything = Query.boolean_query([(Occur.Should, part) for part in terms])
        everything = Query.boolean_query([(Occur.Must, part) for part in terms])
        first = Query.const_score_query(everything, ALL_WORDS_FIRST)
        parts = [(Occur.Must, anything), (Occur.Should, first)]
        return self._with_excluded(parts + [(Occur.Must, part) for part in self._exact()])

    def _exact(self) -> list[Query]:
        return [
            *(self._phrase(phrase) for phrase in self.query.phrases),
            *(self._prefix(prefix) for prefix in self.query.prefixes),
        ]

    def _with_excluded(self, parts: list[tuple[Occur, Query]]) -> Query:
        if not parts:
            parts = [(Occur.Must, Query.const_score_query(Query.all_query(), 1.0))]
        without = [(Occur.MustNot, self._phrase(text)) for text in self.query.excluded]
        return Query.boolean_query(parts + without)

    def _term(self, stem: str, times: int = 1) -> Query:
        term = Query.term_query(self.schema, "text", stem)
        return Query.boost_query(term, float(times)) if times > 1 else term

    def _phrase(self, text: str) -> Query:
        words: list[str | tuple[int, str]] = list(stems(text))
        if not words:
            return Query.empty_query()
        if len(words) == 1:
            return self._term(str(words[0]))
        return Query.phrase_query(self.schema, "text", words)

    def _prefix(self, prefix: str) -> Query:
        words = plain(prefix)
        if not words:
            return Query.empty_query()
        begin = Query.fuzzy_term_query(self.schema, "words", words[-1], distance=0, prefix=True)
        rest = [(Occur.Must, self._phrase(" ".join(words[:-1])))] if words[:-1] else []
        return Query.boolean_query([*rest, (Occur.Must, begin)])


def scope_query(schema: Schema, scope: Scope) -> list[tuple[Occur, Query]]:
    """The clauses that keep a search within ``scope``; they add nothing to a score."""
    clauses: list[tuple[Occur, Query]] = []
    if scope.tokens is not None:
        clauses.append(_filter(_any_of(schema, "token", scope.tokens)))
    if scope.locale is not None:
        clauses.append(_filter(_any_of(schema, "locale", [scope.locale])))
    if scope.site_root is not None:
        clauses.append(_filter(_any_of(schema, "site_root", [scope.site_root])))
    if scope.excluded:
        clauses.append((Occur.MustNot, _any_of(schema, "ancestor", scope.excluded)))
    return clauses


def facet_clauses(
    schema: Schema, filters: Mapping[str, tuple[str, ...]], *, without: str = ""
) -> list[tuple[Occur, Query]]:
    """The clauses of the chosen facets: any value of one, all facets together."""
    return [
        _filter(_any_of(schema, "facet", [f"{name}{FACET_SEPARATOR}{value}" for value in values]))
        for name, values in filters.items()
        if values and name != without
    ]


def _any_of(schema: Schema, field: str, values: Iterable[str | int]) -> Query:
    given = list(values)
    return Query.term_set_query(schema, field, given) if given else Query.empty_query()


def _filter(query: Query) -> tuple[Occur, Query]:
    return Occur.Must, Query.const_score_query(query, 0.0)
