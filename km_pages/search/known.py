"""What searches learn about one state of an index, kept until the next."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from km_pages.search.requests import Scope, SearchRequest, SearchResult
from km_pages.search.synonyms import NO_THESAURUS

# How many scopes, and for each how many words, are remembered before all is forgotten.
MOST_SCOPES = 500
MOST_WORDS = 2_000
# How many words of the vocabulary stand ready for the next mistake.
MOST_VOCABULARY = 1_000_000
# How many answers to questions that nobody typed.
MOST_ANSWERS = 1_000


@dataclass
class Known:
    """Kept for one state: who reads a new one begins anew.

    ``vocabulary`` has words of the whole index by how they begin and by their length: only what
    is counted within a reader's scope may be told to them. ``found`` are the stems that do stand
    in a scope, ``commonest`` is that token of a scope which most documents of the whole index bear.
    ``answers`` are those to questions that nobody typed, such as what is like a page.
    """

    vocabulary: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    found: dict[Scope, set[str]] = field(default_factory=dict)
    commonest: dict[Scope, str] = field(default_factory=dict)
    answers: dict[Hashable, SearchResult] = field(default_factory=dict)

    def found_in(self, scope: Scope) -> set[str]:
        """The set for ``scope``, and for no other."""
        if len(self.found) > MOST_SCOPES:
            self.found.clear()
            self.commonest.clear()
        return self.found.setdefault(scope, set())

    def answer(self, request: SearchRequest, ask: Callable[[], SearchResult]) -> SearchResult:
        """What ``ask`` answers to ``request``; where that was asked before, what it answered.

        Only for questions that come again with every visit of a page: words alone, by which nothing
        is counted and no text is cut. The key is the whole question, and in it the scope.
        """
        key = _whole(request)
        if key is None:
            return ask()
        found = self.answers.get(key)
        if found is None:
            found = ask()
            if len(self.answers) >= MOST_ANSWERS:
                self.answers.clear()
            self.answers[key] = found
        return found

    def keep(self, beginning: str, words: dict[int, list[str]]) -> None:
        """Have ``words``, which begin so, ready by their length."""
        kept = sum(_number(each) for each in self.vocabulary.values())
        if kept + _number(words) > MOST_VOCABULARY:
            self.vocabulary.clear()
        self.vocabulary[beginning] = words


def _number(words: dict[int, list[str]]) -> int:
    return sum(map(len, words.values()))


def _whole(request: SearchRequest) -> Hashable | None:
    """All that ``request`` asks; nothing where its answer is not kept."""
    query = request.query
    typed = query.text or query.phrases or query.prefixes or query.excluded_prefixes
    if typed or query.excluded or request.snippets or request.facets:
        return None
    if request.thesaurus is not NO_THESAURUS:
        return None
    filters = tuple((name, tuple(values)) for name, values in request.filters.items())
    how = (request.sort, request.offset, request.limit, request.strict, request.correct)
    return (request.scope, tuple(query.words.items()), query.sequence, filters, how)
