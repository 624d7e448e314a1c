"""The best passage of a document for a query, as safe HTML with the words marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from km_pages.search.analysis import stems

LONGEST_SNIPPET = 240
# Letters of one document that are looked through with care; beyond that one place is chosen first.
MOST_LETTERS = 400_000
MOST_MATCHES = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A text to look in; without a file it is the page's own."""

    text: str
    file_id: str | None = None
    file_name: str | None = None
    label: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """Safe HTML, and the place that it was cut from."""

    html: str
    place: Place


def fold(text: str) -> str:
    """``text`` in small letters without accents, letter for letter of the same length."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_letter, text))


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1].lower()
    return base if len(base) == 1 else letter


@lru_cache(maxsize=256)
def pattern_of(wanted: frozenset[str], prefixes: tuple[str, ...]) -> re.Pattern[str] | None:
    """What finds words that may have one of the stems ``wanted`` or begin with ``prefixes``.

    It finds the ends of longer words as well. To look back at each letter whether a word begins
    there takes three times as long as to look before what was found: see :func:`_begins`.
    """
    starts = _starts(wanted, prefixes)
    if not starts:
        return None
    inner = "|".join(re.escape(each) for each in sorted(starts, key=len, reverse=True))
    # An underscore stands between words, as in names of files: the index parts them there too.
    return re.compile(rf"(?:{inner})[^\W_]*")


def _begins(text: str, place: int) -> bool:
    """Whether a word begins at ``place`` of ``text``."""
    return place == 0 or not text[place - 1].isalnum()


def _starts(wanted: frozenset[str], prefixes: tuple[str, ...]) -> set[str]:
    """How words may begin that have one of the stems, or are begun by ``prefixes``."""
    starts = {stem[:-1] if len(stem) > 3 and stem.endswith("i") else stem for stem in wanted}
    # Folded as the text is: the engine keeps the marks of letters that are not Latin.
    return {fold(each) for each in (*starts, *prefixes)}


def best_snippet(
    places: Iterable[Place], *, wanted: frozenset[str], prefixes: tuple[str, ...] = ()
) -> Snippet:
    """The window of at most 240 letters with the most different words of the query.

    ``wanted`` are stems. Where no word stands in any of ``places`` it is the beginning of the
    first that has text; an earlier place wins a tie. No more ``places`` are asked for than needed.
    """
    pattern = pattern_of(wanted, prefixes)
    rest = (place for place in places if place.text)
    kept: list[Place] = []
    best: tuple[int, Place, list[tuple[int, int]], int] | None = None
    left = MOST_LETTERS
    for place in rest:
        kept.append(place)
        if pattern is None:
            break
        matches = _matches(place.text[:left], pattern, wanted, prefixes)
        left -= len(place.text)
        if matches:
            score, start = _window(matches)
            if best is None or score > best[0]:
                spans = [(a, b) for a, b, _stem in matches]
                best = (score, place, spans, start)
        if left <= 0 or (best and best[0] >= len(wanted) + len(prefixes)):
            break
    if best is None and pattern and left <= 0:
        far = _far_place([*kept, *rest], wanted, prefixes)
        matches = _matches(far.text, pattern, wanted, prefixes) if far else []
        if far and matches:
            best = (1, far, [(a, b) for a, b, _stem in matches], _window(matches)[1])
    if best is None:
        place = kept[0] if kept else Place("")
        return Snippet(_cut(place.text, 0, []), Place("") if place.file_id else place)
    return Snippet(_cut(best[1].text, best[3], best[2]), best[1])


def _far_place(
    places: list[Place], wanted: frozenset[str], prefixes: tuple[str, ...]
) -> Place | None:
    """The first place beyond those looked through that has most of the words, by their letters."""
    starts, passed = _starts(wanted, prefixes), 0
    best: tuple[int, Place] | None = None
    for place in places:
        passed += len(place.text)
        if passed <= MOST_LETTERS:
            continue
        small = place.text.lower()
        number = sum(1 for each in starts if each in small)
        if number > (best[0] if best else 0):
            best = (number, place)
            if number == len(starts):
                break
    return best[1] if best else None


def _matches(
    text: str,
    pattern: re.Pattern[str],
    wanted: frozenset[str],
    prefixes: tuple[str, ...],
) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    folded = fold(text)
    for match in pattern.finditer(folded):
        if not _begins(folded, match.start()):
            continue
        word = match.group()
        written = text[match.start() : match.end()]
        stem = next((each for each in stems(written) if each in wanted), "")
        if not stem and any(word.startswith(fold(each)) for each in prefixes):
            stem = word
        if stem:
            found.append((match.start(), match.end(), stem))
            if len(found) >= MOST_MATCHES:
                break
    return found


def _window(matches: list[tuple[int, int, str]]) -> tuple[int, int]:
    """Most different stems within one snippet's length, and where that window begins."""
    best, where = 0, 0
    for number, (start, _end, _stem) in enumerate(matches):
        inside = {
            stem
            for a, b, stem in matches[number : number + 20]
            if b - start <= LONGEST_SNIPPET - 40
        }
        if len(inside) > best:
            best, where = len(inside), start
    return best, where


def _cut(text: str, start: int, spans: list[tuple[int, int]]) -> str:
    """The text around ``start``, cut at words, escaped, with ``spans`` marked."""
    begin = max(0, start - 60)
    if begin:
        space = text.find(" ", begin, start)
        begin = space + 1 if space >= 0 else begin
    room = LONGEST_SNIPPET - 2
    end = min(len(text), begin + room)
    if end < len(text):
        space = text.rfind(" ", max(begin, end - 40), end)
        end = space if space > begin else end
    pieces, place = [], begin
    for a, b in sorted(spans):
        if a >= place and b <= end:
            pieces += [escape(text[place:a]), "<mark>", escape(text[a:b]), "</mark>"]
            place = b
    pieces.append(escape(text[place:end]))
    joined = " ".join("".join(pieces).split())
    return f"{'…' if begin else ''}{joined}{'…' if end < len(text) else ''}"
