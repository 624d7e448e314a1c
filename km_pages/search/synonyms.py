"""Words that mean the same, as the engine uses them: sequences of stems and what to add to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from km_pages.search.analysis import is_stop_word, stems

Stems = tuple[str, ...]
# A word with more other words than this would make any query slow and any answer vague.
MOST_ALTERNATIVES = 12


@dataclass(frozen=True, slots=True)
class Meaning:
    """One entry: who searches for ``words`` finds ``also`` as well, ``both_ways`` or not."""

    words: str
    also: str
    both_ways: bool = True


@dataclass(frozen=True, slots=True)
class Expansion:
    """Some words of a query, from ``start`` to before ``end``, and what may stand instead."""

    start: int
    end: int
    also: tuple[str, ...]


@dataclass(frozen=True)
class Thesaurus:
    """All meanings: the texts that are searched as well, by the stems of what was asked for."""

    entries: dict[Stems, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 0

    @classmethod
    def of(cls, meanings: Iterable[Meaning]) -> Thesaurus:
        """Make it of ``meanings``; those without any letter are left out."""
        found: dict[Stems, dict[Stems, str]] = defaultdict(dict)
        for each in meanings:
            words, also = stems(each.words), stems(each.also)
            if words and also and words != also:
                found[words].setdefault(also, each.also)
                if each.both_ways:
                    found[also].setdefault(words, each.words)
        entries = {key: tuple(also.values())[:MOST_ALTERNATIVES] for key, also in found.items()}
        return cls(entries, max(map(len, entries), default=0))

    def knows(self, word: str) -> bool:
        """Whether ``word`` alone is an entry: it is no mistake then, though nobody wrote it."""
        return stems(word) in self.entries

    def expand(self, sequence: Sequence[str]) -> list[Expansion]:
        """Where entries stand in ``sequence`` (stems), the longest first, none over another."""
        found, place = [], 0
        while self.entries and place < len(sequence):
            step = 1
            for length in range(min(self.longest, len(sequence) - place), 0, -1):
                also = self.entries.get(tuple(sequence[place : place + length]))
                if also:
                    found.append(Expansion(place, place + length, also))
                    step = length
                    break
            place += step
        return found


NO_THESAURUS = Thesaurus()


def telling_stems(texts: Iterable[str]) -> frozenset[str]:
    """The stems of ``texts`` that are worth marking in a snippet."""
    return frozenset(each for text in texts for each in stems(text) if not is_stop_word(each))
