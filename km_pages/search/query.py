"""What somebody typed, taken apart: words, "phrases", -excluded, prefix*. Nothing raises."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

MOST_WORDS = 32
LONGEST_TEXT = 8192
LONGEST_WORD = 60
PART = re.compile(r'(-?)"([^"]*)"|(\S+)')
QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The parts of a query, in small letters. ``words`` maps each word to how often it was typed.

    ``text`` is what was typed, cleaned, to be shown again.
    """

    text: str = ""
    words: dict[str, int] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.words or self.phrases or self.prefixes or self.excluded)

    def with_words(self, changes: dict[str, str]) -> ParsedQuery:
        """The same query with words replaced, also in the text that is shown."""
        words: Counter[str] = Counter()
        for word, times in self.words.items():
            words[changes.get(word, word)] += times
        text = self.text
        for word, better in changes.items():
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", better, text, flags=re.IGNORECASE)
        return ParsedQuery(text, dict(words), self.phrases, self.excluded, self.prefixes)


def clean(text: str) -> str:
    """``text`` without control characters, of at most 8,192 letters, with single spaces."""
    short = text[:LONGEST_TEXT].translate(QUOTES)
    kept = (" " if unicodedata.category(each) in ("Cc", "Cs") else each for each in short)
    return " ".join("".join(kept).split())


def parse(text: str) -> ParsedQuery:
    """Take ``text`` apart; at most 32 words count. Never raises."""
    given = clean(text)
    words: Counter[str] = Counter()
    phrases: list[str] = []
    excluded: list[str] = []
    prefixes: list[str] = []
    for number, match in enumerate(PART.finditer(given)):
        if number >= MOST_WORDS:
            break
        minus, quoted, word = match.groups()
        if quoted is not None:
            if _has_letters(quoted):
                (excluded if minus else phrases).append(quoted.lower()[:500])
        else:
            _sort_word(word.lower()[:LONGEST_WORD], words, excluded, prefixes)
    return ParsedQuery(given, dict(words), tuple(phrases), tuple(excluded), tuple(prefixes))


def _sort_word(word: str, words: Counter[str], excluded: list[str], prefixes: list[str]) -> None:
    word = word.replace('"', "")
    if not _has_letters(word):
        return
    if word.startswith("-"):
        excluded.append(word[1:])
    elif word.endswith("*"):
        prefixes.append(word.rstrip("*"))
    else:
        words[word] += 1


def _has_letters(text: str) -> bool:
    return any(each.isalnum() for each in text)
