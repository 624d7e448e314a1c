"""How text becomes terms: small letters, accents folded, English stems; and stop words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tantivy import Filter, Index, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

LONGEST_TERM = 60
STEMS, PLAIN, INSIDE, EXACT = "km_stems", "km_plain", "km_inside", "raw"
INSIDE_LETTERS = 3

# Words that say nothing about a document's subject, and those with which people only ask. In
# questions they are left out unless quoted.
STOP_WORDS = frozenset(
    """a about above after again against all am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further
    had has have having he her here hers him his how i if in into is it its itself just me more
    most my no nor not of off on once only or other our out over own same she should so some such
    than that the their them then there these they this those through to too under until up very
    was we were what when where which while who whom why will with would you your
    anything interested like looking please something tell want wanted""".split()
)
# The endings after an apostrophe: what stands before them is the word.
ENDING = re.compile(r"[’'](?:s|re|ve|ll|d|m)$", re.IGNORECASE)
NEGATIVE = re.compile(r"n[’']t$", re.IGNORECASE)
# Words with hyphens in them, which many people write as one: "follow-up", "e-mail", "covid-19".
HYPHENATED = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)+")
HYPHEN = re.compile(r"[-\u2010\u2011]")
LONGEST_JOINED = 30
# Marks inside of words that nobody sees: soft hyphens, zero-width spaces, byte order marks.
INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF))


@lru_cache(maxsize=1)
def stems_analyzer() -> TextAnalyzer:
    """Terms that are compared: ``handovers`` and ``handover`` are one."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(LONGEST_TERM))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


@lru_cache(maxsize=1)
def plain_analyzer() -> TextAnalyzer:
    """Words as they are written, for prefixes and for spelling."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(LONGEST_TERM))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .build()
    )


@lru_cache(maxsize=1)
def inside_analyzer() -> TextAnalyzer:
    """All runs of three letters, to find what stands inside of words."""
    return (
        TextAnalyzerBuilder(Tokenizer.ngram(INSIDE_LETTERS, INSIDE_LETTERS))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .build()
    )


def normal(text: str) -> str:
    """``text`` with each letter and its accent as one sign, without marks that nobody sees.

    What is no text in any encoding (halves of signs) becomes a question mark.
    """
    if text.isascii():
        return text
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", whole).translate(INVISIBLE)


def joined(text: str) -> tuple[str, ...]:
    """The words of ``text`` that have hyphens, each once and written as one."""
    if text.isascii() and "-" not in text:
        return ()
    found = (HYPHEN.sub("", each) for each in HYPHENATED.findall(text))
    return tuple(
        dict.fromkeys(
            each for each in found if len(each) <= LONGEST_JOINED and not each.isdecimal()
        )
    )


def register(index: Index) -> None:
    """Make the analysers known to ``index``: needed each time it is opened."""
    index.register_tokenizer(STEMS, stems_analyzer())
    index.register_tokenizer(PLAIN, plain_analyzer())
    index.register_tokenizer(INSIDE, inside_analyzer())


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """The terms of ``text``, in order."""
    return tuple(stems_analyzer().analyze(text))


@lru_cache(maxsize=5_000)
def plain(text: str) -> tuple[str, ...]:
    """The words of ``text`` in small letters without accents, in order."""
    return tuple(plain_analyzer().analyze(text))


@lru_cache(maxsize=20_000)
def is_stop_word(word: str) -> bool:
    """Whether ``word`` is left out of questions."""
    if NEGATIVE.search(word):
        return True
    return all(each in STOP_WORDS for each in plain(ENDING.sub("", word)))
