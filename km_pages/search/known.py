"""What searches learn about one state of an index, kept until the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from km_pages.search.requests import Scope

# How many scopes, and for each how many words, are remembered before all is forgotten.
MOST_SCOPES = 500
MOST_WORDS = 2_000
# How many words of the vocabulary stand ready for the next mistake.
MOST_VOCABULARY = 1_000_000


@dataclass
class Known:
    """Kept for one state: who reads a new one begins anew.

    ``vocabulary`` has words of the whole index by how they begin: only what is counted within a
    reader's scope may be told to them. ``found`` are the stems that do stand in a scope.
    """

    vocabulary: dict[str, list[str]] = field(default_factory=dict)
    found: dict[Scope, set[str]] = field(default_factory=dict)

    def found_in(self, scope: Scope) -> set[str]:
        """The set for ``scope``, and for no other."""
        if len(self.found) > MOST_SCOPES:
            self.found.clear()
        return self.found.setdefault(scope, set())

    def keep(self, beginning: str, words: list[str]) -> None:
        """Have ``words``, which begin so, ready."""
        if sum(map(len, self.vocabulary.values())) + len(words) > MOST_VOCABULARY:
            self.vocabulary.clear()
        self.vocabulary[beginning] = words
