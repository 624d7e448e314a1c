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
# The rest of a word. An underscore stands between words, as in names of files: the index parts them
# there too.
LETTERS = re.compile(r"[^\W_]*")
NOT_PLAIN = re.compile(r"[^\x00-\x7f]")
# So many different ones are replaced one after the other; each passes over the whole text.
FEW_LETTERS = 30


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
    """Safe HTML, the place that it was cut from, and whether a word of the query is marked."""

    html: str
    place: Place
    is_marked: bool = False


def fold(text: str) -> str:
    """``text`` in small letters without accents, letter for letter of the same length."""
    if text.isascii():
        return text.lower()
    others = {each: _fold_letter(each) for each in set(NOT_PLAIN.findall(text))}
    changed = {each: folded for each, folded in others.items() if each != folded}
    if len(changed) > FEW_LETTERS:
        return "".join(map(_fold_letter, text))
    for each, folded in changed.items():
        text = text.replace(each, folded)
    return text.lower()


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1].lower()
    return base if len(base) == 1 else letter


def _begins(text: str, place: int) -> bool:
    """Whether a word begins at ``place`` of ``text``."""
    return place == 0 or not text[place - 1].isalnum()


@lru_cache(maxsize=256)
def _starts(wanted: frozenset[str], prefixes: tuple[str, ...]) -> frozenset[str]:
    """How words may begin that have one of the stems, or are begun by ``prefixes``."""
    starts = {stem[:-1] if len(stem) > 3 and stem.endswith("i") else stem for stem in wanted}
    # Folded as the text is: the engine keeps the marks of letters that are not Latin.
    return frozenset(filter(None, (fold(each) for each in (*starts, *prefixes))))


def best_snippet(
    places: Iterable[Place], *, wanted: frozenset[str], prefixes: tuple[str, ...] = ()
) -> Snippet:
    """The window of at most 240 letters with the most different words of the query.

    ``wanted`` are stems. Where no word stands in any of ``places`` it is the beginning of the
    first that has text; an earlier place wins a tie. No more ``places`` are asked for than needed.
    """
    starts = _starts(wanted, prefixes)
    rest = (place for place in places if place.text)
    kept: list[Place] = []
    best: tuple[int, Place, list[tuple[int, int]], int] | None = None
    left = MOST_LETTERS
    for place in rest:
        kept.append(place)
        if not starts:
            break
        matches = _matches(place.text[:left], starts, wanted, prefixes)
        left -= len(place.text)
        if matches:
            score, start = _window(matches)
            if best is None or score > best[0]:
                spans = [(a, b) for a, b, _stem in matches]
                best = (score, place, spans, start)
        if left <= 0 or (best and best[0] >= len(wanted) + len(prefixes)):
            break
    if best is None and starts and left <= 0:
        far = _far_place([*kept, *rest], wanted, prefixes)
        matches = _matches(far.text, starts, wanted, prefixes) if far else []
        if far and matches:
            best = (1, far, [(a, b) for a, b, _stem in matches], _window(matches)[1])
    if best is None:
        place = kept[0] if kept else Place("")
        return Snippet(_cut(place.text, 0, []), Place("") if place.file_id else place)
    return Snippet(_cut(best[1].text, best[3], best[2]), best[1], is_marked=True)


def marked(text: str, *, wanted: frozenset[str], prefixes: tuple[str, ...] = ()) -> str:
    """``text``, which is short, as safe HTML with the words of the query marked; empty if none."""
    matches = _matches(text, _starts(wanted, prefixes), wanted, prefixes)
    return _cut(text, 0, [(a, b) for a, b, _stem in matches]) if matches else ""


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
    text: str, starts: frozenset[str], wanted: frozenset[str], prefixes: tuple[str, ...]
) -> list[tuple[int, int, str]]:
    """Begin, end and stem of the first words of ``text`` that were asked for.

    Each beginning is looked for by itself: to make one expression of them all, for a question that
    nobody asked before, takes longer than to look through ten documents.
    """
    folded, found = fold(text), {}
    for start in starts:
        place, number = folded.find(start), 0
        while place >= 0 and number < MOST_MATCHES:
            end = LETTERS.match(folded, place).end()  # type: ignore[union-attr]
            if _begins(folded, place):
                stem = _stem(text[place:end], folded[place:end], wanted, prefixes)
                if stem:
                    found[place] = (place, end, stem)
                    number += 1
            place = folded.find(start, max(end, place + len(start)))
    return [found[place] for place in sorted(found)[:MOST_MATCHES]]


def _stem(written: str, word: str, wanted: frozenset[str], prefixes: tuple[str, ...]) -> str:
    """The stem by which the word counts; itself where it begins as one of ``prefixes``, or none."""
    for stem in stems(written):
        if stem in wanted:
            return stem
    return word if any(word.startswith(fold(each)) for each in prefixes) else ""


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
    for a, b in spans:
        if b > end:
            break
        if a >= place:
            pieces += [escape(text[place:a]), "<mark>", escape(text[a:b]), "</mark>"]
            place = b
    pieces.append(escape(text[place:end]))
    joined = " ".join("".join(pieces).split())
    return f"{'…' if begin else ''}{joined}{'…' if end < len(text) else ''}"
