"""Words that fall as words of a language do: a few everywhere, most of them hardly ever.

Frequencies follow Zipf and Mandelbrot. The commonest words are English ones that join others;
the rest are made of syllables and come in families, so that stemming has its work: a made-up
"brelation" has "brelate" and "brelated" beside it. Everything follows from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

VOCABULARY = 120_000
EXPONENT, SHIFT = 1.07, 2.7
COMMON = (
    "the of and to in a is that for it as was with be by on not he this are or his from at which "
    "but have an had they you were their one all we can her has there been if more when will would "
    "who so no she other its may these what them than some him time into only do such my new about "
    "out also two any up first could our then most see me should after said your very between made "
    "many over like those did now even well where must people through how same work being because "
    "before ward team meeting patient care staff list form week day check"
).split()
ONSETS = "b br c ch cl cr d dr f fl fr g gr h j l m n p pl pr qu r s sc sh sp st t tr v w".split()
VOWELS = "a e i o u ai ea ee oa ou".split()
CODAS = ["", "", "", "l", "m", "n", "r", "s", "t", "ck", "nd", "nt", "st", "rt"]
ENDINGS = ("", "s", "ed", "ing", "er", "ation", "ly", "ment", "able", "ness")


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """All words, the commonest first."""
    chance = random.Random("vocabulary")
    words = dict.fromkeys(COMMON)
    while len(words) < VOCABULARY:
        # Rarer words are longer.
        syllables = 1 + (len(words) > 600) + (chance.random() < 0.4) + (chance.random() < 0.15)
        root = "".join(
            chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS)
            for _number in range(syllables)
        )
        for ending in chance.sample(ENDINGS, chance.randint(1, 4)):
            words.setdefault(root + ending)
    return tuple(words)[:VOCABULARY]


@lru_cache(maxsize=1)
def _weights() -> list[float]:
    return list(accumulate(1 / (rank + SHIFT) ** EXPONENT for rank in range(1, VOCABULARY + 1)))


def draw(chance: random.Random, number: int) -> list[str]:
    """``number`` words as they fall in running text."""
    return chance.choices(vocabulary(), cum_weights=_weights(), k=number)


def telling(chance: random.Random, number: int) -> list[str]:
    """``number`` words that say something: neither of the commonest nor of the rarest."""
    words = vocabulary()
    # Evenly over the logarithm of the rank, as the words of titles and of questions are.
    return [words[int(150 * (60_000 / 150) ** chance.random())] for _number in range(number)]


def prose(chance: random.Random, number: int, subjects: Sequence[str]) -> str:
    """About ``number`` words in sentences, in which words of ``subjects`` come again and again."""
    words = draw(chance, number)
    for place in range(chance.randint(0, 12), number, 14):
        words[place] = chance.choice(subjects)
    sentences, place = [], 0
    while place < number:
        end = place + chance.randint(7, 22)
        sentences.append(" ".join(words[place:end]).capitalize())
        place = end
    return ". ".join(sentences) + "."
