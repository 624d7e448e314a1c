"""Mending the lines of a PDF, which knows places of letters but neither words nor paragraphs."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]{2,})*")
_HYPHEN_AT_END = re.compile(r"\b([^\W\d_]+)[-\u2010]\n([^\W\d_]+)")
_PAIR = re.compile(r"(?<!\w)([^\W\d_]+) (?=([^\W\d_]+)(?![\w-]))")
_SHORT = 4
# A long word seen once elsewhere is no accident, a short one might be.
_LONG = 7
# Words that often stand before or after another without belonging to it: "a way", "any one".
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at be by do for go he i if in is it me my no not o of off on one or "
        "our out over per so some the to under up us we with",
    )
)


def words_of(texts: list[str]) -> Counter[str]:
    """How often each word stands in ``texts``, in lower case; halves at line ends do not count."""
    found: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(_HYPHEN_AT_END.sub("", text).lower()):
            found.update({word, *word.split("-")})
    return found


def mend(text: str, words: Counter[str]) -> str:
    """``text`` with words joined that line ends or spaces inside have torn apart.

    ``words`` are those of the whole document: a word is only joined where it can be told from
    them, or where a hyphen at a line's end says so.
    """
    text = _HYPHEN_AT_END.sub(lambda halves: _unhyphenated(halves[1], halves[2], words), text)
    return _PAIR.sub(lambda pair: _joined(pair, words), text)


def _unhyphenated(left: str, right: str, words: Counter[str]) -> str:
    """One word, or a compound that keeps its hyphen: as elsewhere, or where both are words."""
    whole, compound = f"{left}{right}", f"{left}-{right}"
    if words[whole.lower()]:
        return whole
    both_are_words = words[left.lower()] and words[right.lower()]
    if words[compound.lower()] or both_are_words or not right[0].islower() or left.isupper():
        return compound
    return whole


def _joined(pair: re.Match[str], words: Counter[str]) -> str:
    """Justified text moves letters further apart than pypdf expects: "equiva lent", "fro m"."""
    left, right = pair[1].lower(), pair[2].lower()
    is_torn = (
        min(len(left), len(right)) <= _SHORT
        and words[left + right] >= (1 if len(left + right) >= _LONG else 2)
        and min(words[left], words[right]) <= 1
        and not {left, right} & _SMALL_WORDS
    )
    return pair[1] if is_torn else pair[0]
