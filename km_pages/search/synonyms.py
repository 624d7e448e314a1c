"""Words that mean the same, as the engine uses them: sequences of stems and what to add to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from km_pages.search.analysis import is_stop_word, stems

Stems = tuple[str, ...]
# A word with more other words than this would make any query slow and any answer vague.
MOST_ALTERNATIVES = 12
BETWEEN = re.compile(r"\s*[,;]\s*")


def several(text: str) -> list[str]:
    """The words or phrases that commas divide in ``text``."""
    return [each for each in BETWEEN.split(text.strip()) if each]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One entry: who searches for ``words`` finds ``also`` as well, ``both_ways`` or not.

    Either may be several, divided by commas.
    """

    words: str
    also: str
    both_ways: bool = True

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each of ``words`` with each of ``also``, and the other way round where that counts."""
        for pair in product(several(self.words), several(self.also)):
            yield pair
            if self.both_ways:
                yield pair[::-1]


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
        for words, also in (pair for each in meanings for pair in each.pairs()):
            typed, meant = stems(words), stems(also)
            if typed and meant and typed != meant:
                found[typed].setdefault(meant, also)
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
