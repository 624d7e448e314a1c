"""From a parsed query and a scope to the engine's own queries."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from tantivy import Occur, Query, Schema

from km_pages.search.analysis import LONGEST_JOINED, is_stop_word, plain, stems
from km_pages.search.documents import WIDE_TOKENS
from km_pages.search.query import ParsedQuery
from km_pages.search.requests import Scope
from km_pages.search.schema import CLOSED, FACET_SEPARATOR, facet_field
from km_pages.search.synonyms import NO_THESAURUS, Stems, Thesaurus, telling_stems

# More than any sum of scores of single words: what has all of them stands first.
ALL_WORDS_FIRST = 10_000.0
FEW_TERMS = 16


@dataclass(frozen=True, slots=True)
class Typed:
    """One stem where it was typed, its word, how much it counts, and whether it counts at all."""

    stem: str
    word: str
    times: float
    telling: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """One word asked for, or several that mean one thing, and what may stand instead.

    ``also`` has the same meaning, ``joined`` are stems of it and its neighbours as one word.
    """

    stems: Stems
    times: float = 1
    also: tuple[str, ...] = ()
    joined: Stems = ()


def _nothing_is_written(_stem: str) -> bool:
    return False


class Asking:
    """Builds the queries of one search. ``schema`` is that of the index.

    ``is_written`` tells of a stem whether it stands in something that the reader may see.
    """

    def __init__(
        self,
        schema: Schema,
        query: ParsedQuery,
        thesaurus: Thesaurus = NO_THESAURUS,
        is_written: Callable[[str], bool] = _nothing_is_written,
    ) -> None:
        self.schema = schema
        self.query = query
        self.units = self._units(thesaurus, is_written)

    def _typed(self) -> list[Typed]:
        """The stems as typed. Stop words count only where there is nothing else."""
        words = self.query.in_order
        exact = self.query.phrases or self.query.prefixes
        all_count = not exact and all(is_stop_word(word) for word in words)
        often = Counter(words)
        return [
            Typed(
                stem,
                written,
                self.query.words[word] / often[word],
                all_count or not is_stop_word(word),
            )
            for word in words
            for stem, written in zip(stems(word), plain(word), strict=True)
        ]

    def _units(self, thesaurus: Thesaurus, is_written: Callable[[str], bool]) -> list[Unit]:
        typed = self._typed()
        joined = self._joined(typed, is_written)
        also: dict[int, tuple[Stems, tuple[str, ...]]] = {}
        for each in thesaurus.expand([one.stem for one in typed]):
            span = typed[each.start : each.end]
            own = tuple(one.stem for one in span if one.telling) or tuple(one.stem for one in span)
            also[each.start] = (own, each.also)
            for number in range(each.start + 1, each.end):
                also[number] = ((), ())
        found: dict[Stems, Unit] = {}
        for number, one in enumerate(typed):
            own, others = also.get(number, ((one.stem,) if one.telling else (), ()))
            if own:
                before = found.get(own, Unit(own, 0))
                as_one = (*before.joined, *joined.get(number, ())) if len(own) == 1 else ()
                found[own] = Unit(own, before.times + one.times, others, as_one)
        return list(found.values())

    def _joined(
        self, typed: list[Typed], is_written: Callable[[str], bool]
    ) -> dict[int, list[str]]:
        """Stems of neighbours that are also written as one word, by the places of both.

        A stop word does not begin such a word: else "in form" would ask for "inform".
        """
        found: dict[int, list[str]] = {}
        if not self.query.sequence:
            # Words that nobody typed have no neighbours.
            return found
        for number, (one, other) in enumerate(pairwise(typed)):
            if not one.telling or len(one.word) + len(other.word) > LONGEST_JOINED:
                continue
            for stem in stems(one.word + other.word):
                if is_written(stem):
                    found.setdefault(number, []).append(stem)
                    found.setdefault(number + 1, []).append(stem)
        return found

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The stems to mark in snippets."""
        quoted = (stem for phrase in self.query.phrases for stem in stems(phrase))
        own = (stem for unit in self.units for stem in unit.stems)
        joined = (stem for unit in self.units for stem in unit.joined)
        also = telling_stems(self.also)
        return frozenset((*own, *quoted, *joined, *also))

    @property
    def also(self) -> tuple[str, ...]:
        """What is searched besides the words themselves, because it means the same."""
        return tuple(dict.fromkeys(text for unit in self.units for text in unit.also))

    @property
    def can_widen(self) -> bool:
        """Whether there are several single words, of which a document may have some."""
        return len(self.units) > 1

    def strict(self) -> Query:
        """Documents with all words, phrases and prefixes."""
        parts = [self._unit(each) for each in self.units] + self.exact()
        return self._with_excluded([(Occur.Must, part) for part in parts])

    def wide(
        self,
        *,
        some_have_all: bool = True,
        common: Collection[Unit] = (),
        first: Query | None = None,
        bonus: Iterable[Query] = (),
    ) -> Query:
        """Documents with any of the words; ``first`` those it finds, and those with all words.

        What ``bonus`` finds scores that much more.

        Having nothing but ``common`` ones is not enough, unless there are no others. To say that
        none has all of them saves looking for such in each document.
        """
        telling = [each for each in self.units if each not in common] or self.units
        others = [each for each in self.units if each not in telling]
        anything = [(Occur.Should, self._unit(each, loose=True)) for each in telling]
        everything = Query.boolean_query([(Occur.Must, self._unit(each)) for each in self.units])
        parts = [(Occur.Must, Query.boolean_query(anything))]
        parts += [(Occur.Should, self._unit(each, loose=True)) for each in others]
        parts += [(Occur.Should, each) for each in bonus]
        for better in filter(None, (everything if some_have_all else None, first)):
            parts.append((Occur.Should, Query.const_score_query(better, ALL_WORDS_FIRST)))
        return self._with_excluded(parts + [(Occur.Must, part) for part in self.exact()])

    def exact(self) -> list[Query]:
        """What finds each of the phrases and prefixes."""
        return [
            *(self._phrase(stems(phrase)) for phrase in self.query.phrases),
            *(self._prefix(prefix) for prefix in self.query.prefixes),
        ]

    def _with_excluded(self, parts: list[tuple[Occur, Query]]) -> Query:
        if not parts:
            # Only without something, or nothing at all: everything. Else it has no letters.
            asked = self.query.words or self.query.phrases or self.query.prefixes
            nothing = self.query.text and self.query.is_empty
            every = Query.empty_query() if asked or nothing else Query.all_query()
            parts = [(Occur.Must, Query.const_score_query(every, 1.0))]
        without = [self._phrase(stems(text)) for text in self.query.excluded]
        without += [self._prefix(text) for text in self.query.excluded_prefixes]
        return Query.boolean_query(parts + [(Occur.MustNot, each) for each in without])

    def _unit(self, unit: Unit, *, loose: bool = False) -> Query:
        """A document has the words themselves (``loose``: any of them), or what means the same."""
        occur = Occur.Should if loose else Occur.Must
        terms = [self._term(stem, unit.times) for stem in unit.stems]
        own = terms[0] if len(terms) == 1 else Query.boolean_query([(occur, t) for t in terms])
        if not (unit.also or unit.joined):
            return own
        # The better of both and not their sum: an author who writes both says it only once.
        instead = [self._instead(text) for text in unit.also]
        # Half, as both neighbours give it.
        instead += [Query.boost_query(self._term(stem), 0.5) for stem in unit.joined]
        return Query.disjunction_max_query([own, *instead])

    def _instead(self, text: str) -> Query:
        """What means the same, counted as one word however many it has."""
        words = stems(text)
        phrase = self._phrase(words)
        return Query.boost_query(phrase, 1 / len(words)) if len(words) > 1 else phrase

    def _term(self, stem: str, times: float = 1) -> Query:
        term = Query.term_query(self.schema, "text", stem)
        # A word that was typed twice is meant more, but not twice as much.
        return Query.boost_query(term, math.sqrt(times)) if times > 1 else term

    def _phrase(self, words: Stems) -> Query:
        if not words:
            return Query.empty_query()
        if len(words) == 1:
            return self._term(words[0])
        return Query.phrase_query(self.schema, "text", list(words))

    def _prefix(self, prefix: str) -> Query:
        words = plain(prefix)
        if not words:
            return Query.empty_query()
        begin = Query.fuzzy_term_query(self.schema, "words", words[-1], distance=0, prefix=True)
        rest = [(Occur.Must, self._phrase(stems(" ".join(words[:-1]))))] if words[:-1] else []
        return Query.boolean_query([*rest, (Occur.Must, begin)])


def scope_query(schema: Schema, scope: Scope) -> list[tuple[Occur, Query]]:
    """The clauses that keep a search within ``scope``; they add nothing to a score."""
    clauses: list[tuple[Occur, Query]] = []
    if scope.tokens is not None:
        clauses.append(_within_tokens(schema, scope.tokens))
    if scope.locale is not None:
        clauses.append(_filter(_any_of(schema, "locale", [scope.locale])))
    if scope.site_root is not None:
        clauses.append(_filter(_any_of(schema, "site_root", [scope.site_root])))
    if scope.excluded:
        clauses.append((Occur.MustNot, _any_of(schema, "ancestor", scope.excluded)))
    return clauses


def _within_tokens(schema: Schema, tokens: frozenset[str]) -> tuple[Occur, Query]:
    """What keeps a search among documents that bear one of ``tokens``.

    For who has the wide ones it is all but what is closed and bears none of the others. That is
    looked up for each document that has the words, while the documents of several tokens are
    first put together, whatever the words are. For a word in 2 % of them it takes a quarter less.
    """
    if not tokens >= WIDE_TOKENS:
        return _filter(_any_of(schema, "token", tokens))
    own = [(Occur.MustNot, each) for each in _each_of(schema, "token", tokens - WIDE_TOKENS)]
    closed = Query.term_query(schema, "token", CLOSED, index_option="basic")
    return Occur.MustNot, Query.boolean_query([(Occur.Must, closed), *own])


def facet_clauses(
    schema: Schema, filters: Mapping[str, tuple[str, ...]], *, without: str = ""
) -> list[tuple[Occur, Query]]:
    """The clauses of the chosen facets: any value of one, all facets together."""
    return [
        _filter(
            _any_of(
                schema, facet_field(name), [f"{name}{FACET_SEPARATOR}{value}" for value in values]
            )
        )
        for name, values in filters.items()
        if values and name != without
    ]


def _any_of(schema: Schema, field: str, values: Iterable[str | int]) -> Query:
    """What bears any of ``values``."""
    found = _each_of(schema, field, values)
    if len(found) < 2:
        return found[0] if found else Query.empty_query()
    return Query.boolean_query([(Occur.Should, each) for each in found])


def _each_of(schema: Schema, field: str, values: Iterable[str | int]) -> list[Query]:
    """Queries that together find what bears any of ``values``.

    A set of terms is looked up as a whole; of a few it is faster to ask for each.
    """
    given = sorted(values)  # type: ignore[type-var]
    if len(given) > FEW_TERMS:
        return [Query.term_set_query(schema, field, given)]
    return [Query.term_query(schema, field, each, index_option="basic") for each in given]


def _filter(query: Query) -> tuple[Occur, Query]:
    return Occur.Must, Query.const_score_query(query, 0.0)
