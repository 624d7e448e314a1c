"""What somebody typed, taken apart: words, "phrases", -excluded, prefix*. Nothing raises."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from km_pages.search.analysis import ENDING, is_stop_word, normal

# Of words that tell something; words like "the" are free, as they are not searched.
MOST_WORDS = 32
MOST_PARTS = 400
LONGEST_TEXT = 8192
LONGEST_WORD = 60
PART = re.compile(r'(-?)"([^"]*)"|(\S+)')
QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The parts of a query, in small letters. ``words`` maps each word to how often it was typed.

    ``sequence`` are the single words as typed, for those who want to know what stood beside what;
    a query that was not typed may leave it out. ``excluded`` are words and phrases,
    ``excluded_prefixes`` beginnings of words. ``text`` is what was typed, cleaned, to be shown.
    """

    text: str = ""
    words: Mapping[str, int] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    excluded_prefixes: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()

    @property
    def in_order(self) -> tuple[str, ...]:
        """The single words, each once or as often and in the order that they were typed."""
        return self.sequence or tuple(self.words)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (
            self.words or self.phrases or self.prefixes or self.excluded or self.excluded_prefixes
        )

    @property
    def telling(self) -> tuple[str, ...]:
        """All words asked for that tell something, also those in quotation marks."""
        quoted = tuple(word for phrase in self.phrases for word in phrase.split())
        every = (*self.words, *quoted, *self.prefixes)
        return tuple(dict.fromkeys(each for each in every if not is_stop_word(each)))

    def with_words(self, changes: dict[str, str]) -> ParsedQuery:
        """The same query with single words replaced, also in the text that is shown.

        Instead of one there may be two, with a space between.
        """
        text = self.text
        for word, better in changes.items():
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", better, text, flags=re.IGNORECASE)
        mended = tuple(
            each for word in self.in_order for each in changes.get(word, word).split(" ")
        )
        return replace(self, text=text, words=dict(Counter(mended)), sequence=mended)

    def loosened(self) -> ParsedQuery:
        """The same query with the words of its phrases, and its prefixes, as single words."""
        quoted = (word for phrase in self.phrases for word in phrase.split())
        every = (*self.in_order, *quoted, *self.prefixes)
        words = dict(Counter(every))
        return replace(self, words=words, sequence=every, phrases=(), prefixes=())


def clean(text: str) -> str:
    """``text`` without control characters, of at most 8,192 letters, with single spaces."""
    short = normal(text[:LONGEST_TEXT]).translate(QUOTES)
    if short.isprintable():
        return " ".join(short.split())
    kept = (" " if unicodedata.category(each) in ("Cc", "Cs") else each for each in short)
    return " ".join("".join(kept).split())


@dataclass
class _Parts:
    """What was found so far, and how many more words count."""

    sequence: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    excluded_prefixes: list[str] = field(default_factory=list)
    counted: set[str] = field(default_factory=set)

    def has_room_for(self, word: str) -> bool:
        """Whether ``word`` is within the number of words that count; counts it."""
        if word not in self.counted and len(self.counted) >= MOST_WORDS:
            return False
        self.counted.add(word)
        return True

    def add_quoted(self, text: str, *, minus: bool) -> None:
        kept = " ".join(word for word in text.split() if self.has_room_for(word))
        if _has_letters(kept):
            (self.excluded if minus else self.phrases).append(kept)

    def add_word(self, given: str) -> None:
        minus, word = given.startswith("-"), given.replace('"', "").lstrip("-")
        if not _has_letters(word):
            return
        if word.endswith("*"):
            found = self.excluded_prefixes if minus else self.prefixes
            if self.has_room_for(word):
                found.append(word.rstrip("*"))
        elif minus:
            if not is_stop_word(word) and self.has_room_for(word):
                self.excluded.append(word)
        elif is_stop_word(word) or self.has_room_for(word):
            self.sequence.append(ENDING.sub("", word) or word)


def parse(text: str) -> ParsedQuery:
    """Take ``text`` apart; at most 32 telling words count. Never raises."""
    given = clean(text)
    parts = _Parts()
    for number, match in enumerate(PART.finditer(given)):
        if number >= MOST_PARTS:
            break
        minus, quoted, word = match.groups()
        if quoted is not None:
            parts.add_quoted(quoted.lower(), minus=bool(minus))
        else:
            parts.add_word(word.lower()[:LONGEST_WORD])
    return ParsedQuery(
        given,
        dict(Counter(parts.sequence)),
        tuple(parts.phrases),
        tuple(parts.excluded),
        tuple(parts.prefixes),
        tuple(parts.excluded_prefixes),
        tuple(parts.sequence),
    )


def _has_letters(text: str) -> bool:
    return any(each.isalnum() for each in text)
