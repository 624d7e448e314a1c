"""The bullets and numbers of lists in Word, which are not in the text but counted on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PLACE = re.compile(r"%(\d)")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MAX_ROMAN = 3999


@dataclass(slots=True)
class Level:
    """How one level of a list is marked."""

    kind: str = "bullet"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """Collects ``numbering.xml``; then counts. Use one for one document, from top to bottom."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _abstract: str = ""
    _number: str = ""
    _level: Level = field(default_factory=Level)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element of ``numbering.xml`` begins."""
        value = attributes.get("val", "")
        if tag == "abstractNum":
            self._abstract = attributes.get("abstractNumId", "")
            self.levels[self._abstract] = {}
        elif tag == "num":
            self._number = attributes.get("numId", "")
        elif tag == "abstractNumId" and self._number:
            self.lists[self._number] = value
        elif tag == "lvl":
            self._level = Level()
            level = whole(attributes.get("ilvl", ""), 0)
            self.levels.setdefault(self._abstract, {})[level] = self._level
        elif tag == "numFmt":
            self._level.kind = value
        elif tag == "lvlText":
            self._level.text = value
        elif tag == "start":
            self._level.start = whole(value, 1)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "num":
            self._number = ""

    def data(self, text: str) -> None:
        """There is no text in ``numbering.xml``."""

    def marker(self, number: str, level: int) -> str:
        """What stands before the next paragraph of list ``number`` at ``level``; "" for nothing."""
        levels = self.levels.get(self.lists.get(number, ""), {})
        if number == "0" or level not in levels:
            return ""
        shape = levels[level]
        if shape.kind == "bullet":
            return "• "
        if shape.kind == "none":
            return ""
        counts = self._counts.setdefault(self.lists[number], {})
        counts[level] = counts.get(level, shape.start - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        text = _PLACE.sub(
            lambda found: self._counted(levels, counts, int(found[1]) - 1), shape.text
        )
        return f"{text} " if text else ""

    def _counted(self, levels: dict[int, Level], counts: dict[int, int], level: int) -> str:
        shape = levels.get(level, Level(kind="decimal"))
        return in_letters(counts.get(level, shape.start), shape.kind)


def in_letters(count: int, kind: str) -> str:
    """``count`` as a list of ``kind`` writes it: "c", "XIV", or in figures."""
    if kind in ("lowerLetter", "upperLetter") and count > 0:
        turn, place = divmod(count - 1, 26)
        text = chr(ord("a") + place) * min(turn + 1, 8)
    elif kind in ("lowerRoman", "upperRoman") and 0 < count <= _MAX_ROMAN:
        text = _roman(count)
    else:
        text = str(count)
    return text.upper() if kind.startswith("upper") else text


def _roman(count: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        while count >= value:
            text += letters
            count -= value
    return text


def whole(text: str, otherwise: int) -> int:
    """The number that ``text`` writes, or ``otherwise``."""
    return int(text) if text.isdigit() and len(text) < 6 else otherwise
