"""Words that occur nowhere the reader may look, mended from words that do."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from string import ascii_lowercase

from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Occur, Query, Schema, Searcher

from km_pages.search.analysis import is_stop_word, plain, stems
from km_pages.search.asking import scope_query
from km_pages.search.known import MOST_WORDS, Known
from km_pages.search.requests import Scope

SHORTEST_WORD = 4
# Length of a word from which two mistakes are forgiven instead of one.
LONG_WORD = 7
# Words that were run together: how long each of the two is at least, and the longer one.
SHORTEST_PART, SHORTEST_LONGER_PART = 2, 4
# How many similar words are looked up, until some are found that the reader may know of.
CANDIDATES = 40


def corrections(words: list[str], known: Vocabulary) -> dict[str, str]:
    """For each of ``words`` that nobody wrote, the nearest word that somebody did, or two words.

    The vocabulary ``known`` is that of documents within a scope, so that no correction can tell of
    a word in a document that the reader may not see; nor does it count how often a word occurs
    there. The only word of a question that tells something is not mended to one that tells nothing.
    """
    found = {}
    alone = sum(not is_stop_word(word) for word in words) < 2
    for word in words:
        written = plain(word)
        if len(written) != 1 or len(written[0]) < SHORTEST_WORD or is_stop_word(word):
            continue
        if not written[0].isalpha() or known.has(stems(word)[0]):
            continue
        better = known.apart(written[0]) or known.nearest(written[0], telling=alone)
        if better:
            found[word] = better
    return found


class Vocabulary:
    """The words that are written in documents within a scope.

    ``known``, and in it the stems of this scope, are kept for as long as the index is the same.
    """

    def __init__(self, searcher: Searcher, schema: Schema, scope: Scope, known: Known) -> None:
        self.searcher, self.schema = searcher, schema
        self.scope = scope
        self.known, self.found = known, known.found_in(scope)

    @cached_property
    def _clauses(self) -> list[tuple[Occur, Query]]:
        return scope_query(self.schema, self.scope)

    def has(self, stem: str) -> bool:
        """Whether ``stem`` stands in some document."""
        if stem in self.found:
            return True
        if not self.searcher.doc_freq("text", stem):
            return False
        if not (self._stands_at_once(stem) or self.count("text", stem)):
            return False
        if len(self.found) >= MOST_WORDS:
            self.found.clear()
        self.found.add(stem)
        return True

    def _stands_at_once(self, stem: str) -> bool:
        """Whether ``stem`` stands in what bears the commonest token of the scope.

        Nearly every word does, and one token takes a fifth of the time that all take together.
        """
        tokens = self.scope.tokens
        return bool(tokens and len(tokens) > 1 and self._number("text", stem, self._commonest))

    @cached_property
    def _commonest(self) -> list[tuple[Occur, Query]]:
        token = self.known.commonest.get(self.scope)
        if token is None:
            tokens = sorted(self.scope.tokens or ())
            token = max(tokens, key=lambda each: self.searcher.doc_freq("token", each))
            self.known.commonest[self.scope] = token
        return scope_query(self.schema, replace(self.scope, tokens=frozenset({token})))

    def count(self, field: str, term: str) -> int:
        """In how many documents ``term`` stands."""
        known = self.searcher.doc_freq(field, term)
        return self._number(field, term, self._clauses) if known else 0

    def _number(self, field: str, term: str, within: list[tuple[Occur, Query]]) -> int:
        wanted = Query.term_query(self.schema, field, term, index_option="basic")
        query = Query.boolean_query([(Occur.Must, wanted), *within])
        return int(self.searcher.search(query, limit=1, count=True).count or 0)

    def apart(self, word: str) -> str | None:
        """``word`` as two words that stand beside each other somewhere, if it is two."""
        for place in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            parts = word[:place], word[place:]
            if max(map(len, parts)) >= SHORTEST_LONGER_PART and self._stand_together(*parts):
                return " ".join(parts)
        return None

    def _stand_together(self, *words: str) -> bool:
        if not all(self.searcher.doc_freq("words", word) for word in words):
            return False
        phrase = Query.phrase_query(self.schema, "text", [stems(word)[0] for word in words])
        query = Query.boolean_query([(Occur.Must, phrase), *self._clauses])
        return bool(self.searcher.search(query, limit=1, count=False).hits)

    def nearest(self, word: str, *, telling: bool = False) -> str | None:
        """The word with the fewest differences; of several the most frequent, if there is any.

        None that tells nothing ("where") if it has to be ``telling``.
        """
        allowed = 2 if len(word) >= LONG_WORD else 1
        similar = self._similar_beginnings(word, allowed)
        found = self._nearest_of(similar, word, allowed, telling=telling)
        return found or self._nearest_of(self._other_beginnings(word), word, 1, telling=telling)

    def _nearest_of(
        self, choices: list[str], word: str, allowed: int, *, telling: bool
    ) -> str | None:
        near = process.extract(
            word, choices, scorer=OSA.distance, score_cutoff=allowed, limit=CANDIDATES
        )
        terms: dict[float, list[str]] = {}
        for term, distance, _place in near:
            if not (telling and is_stop_word(term)):
                terms.setdefault(distance, []).append(term)
        found = (self._most_frequent(terms[distance]) for distance in sorted(terms))
        return next(filter(None, found), None)

    def _most_frequent(self, terms: list[str]) -> str | None:
        """That of ``terms`` which stands in most documents, if any does; of several the first.

        No word stands in more documents of the scope than in all of them: the rest need no count.
        """
        everywhere = {each: self.searcher.doc_freq("words", each) for each in terms}
        best, most = None, 0
        for term in sorted(terms, key=lambda each: (-everywhere[each], each)):
            if everywhere[term] < most:
                break
            times = self.count("words", term)
            if times > most or (best and times == most and term < best):
                best, most = term, times
        return best

    def _similar_beginnings(self, word: str, allowed: int) -> list[str]:
        """Words of the whole index with the first letter of ``word``, or its first two swapped.

        People mistype the first letter of a word least. Of those that are longer or shorter than
        ``word`` by more letters than there are mistakes ``allowed``, none can be meant.
        """
        lengths = range(len(word) - allowed, len(word) + allowed + 1)
        beginnings = (word[0], word[1] + word[0])
        return [
            each
            for beginning in beginnings
            for length in lengths
            for each in self._beginning(beginning).get(length, ())
        ]

    def _other_beginnings(self, word: str) -> list[str]:
        """Words that are ``word`` with its first letter missing, added or another."""
        begins = {word[1:4]}
        for letter in ascii_lowercase:
            begins |= {letter + word[:3], letter + word[1:4]}
        # These ranges are small; to keep them would push out those of whole letters.
        return [
            each
            for begin in sorted(begins)
            for each, _count in self.searcher.terms_with_prefix("words", begin)
        ]

    def _beginning(self, letters: str) -> dict[int, list[str]]:
        """Words that begin with ``letters``, by how many letters they have."""
        words = self.known.vocabulary.get(letters)
        if words is None:
            words = {}
            for word, _count in self.searcher.terms_with_prefix("words", letters):
                words.setdefault(len(word), []).append(word)
            self.known.keep(letters, words)
        return words
