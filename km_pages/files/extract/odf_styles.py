"""What styles of OpenDocument say: marks of lists, words that are hidden, the language."""

from __future__ import annotations

from dataclasses import dataclass, field

from km_pages.files.extract.numbering import in_letters, whole

MAX_DEPTH = 100
_KINDS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


@dataclass(slots=True)
class _Level:
    """How one level of a list is marked; ``kind`` is "" for a bullet."""

    kind: str = ""
    before: str = ""
    after: str = ""
    start: int = 1
    shown: int = 1


class Styles:
    """Collects the styles of ``styles.xml`` and of ``content.xml``, told of every element."""

    def __init__(self) -> None:
        self.language = ""
        self.unseen: set[str] = set()
        self.levels: dict[str, dict[int, _Level]] = {}
        self._style = ""
        self._list = ""
        self._in_default = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if tag == "default-style":
            self._in_default = True
        elif tag == "style":
            self._style = attributes.get("name", "")
        elif tag == "list-style":
            self._list = attributes.get("name", "")
            self.levels[self._list] = {}
        elif tag == "list-level-style-number" and self._list:
            self.levels[self._list][whole(attributes.get("level", ""), 1)] = _Level(
                kind=attributes.get("num-format", "1"),
                before=attributes.get("num-prefix", ""),
                after=attributes.get("num-suffix", ""),
                start=whole(attributes.get("start-value", ""), 1),
                shown=whole(attributes.get("display-levels", ""), 1),
            )
        elif tag == "text-properties":
            self._take_properties(attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "default-style":
            self._in_default = False
        elif tag == "style":
            self._style = ""
        elif tag == "list-style":
            self._list = ""

    def _take_properties(self, attributes: dict[str, str]) -> None:
        if self._style and attributes.get("display") == "none":
            self.unseen.add(self._style)
        language = attributes.get("language", "none")
        if self._in_default and not self.language and language not in ("none", "zxx"):
            country = attributes.get("country", "none")
            self.language = language if country == "none" else f"{language}-{country}"


@dataclass(slots=True)
class _Open:
    """A list that is open: its style, and the numbers of its levels so far."""

    style: str
    counts: dict[int, int]


@dataclass(slots=True)
class Lists:
    """Counts the points of lists as a person sees them. Use one for one document, from the top."""

    styles: Styles
    _open: list[_Open] = field(default_factory=list)
    _by_style: dict[str, dict[int, int]] = field(default_factory=dict)
    _by_id: dict[str, dict[int, int]] = field(default_factory=dict)
    _too_deep: int = 0

    def open(self, attributes: dict[str, str]) -> None:
        """A list begins, or one inside another: that goes on with the numbers of the other."""
        if len(self._open) >= MAX_DEPTH:
            self._too_deep += 1
            return
        if self._open:
            around = self._open[-1]
            style = attributes.get("style-name", around.style)
            self._open.append(_Open(style, around.counts))
            return
        style = attributes.get("style-name", "")
        counts: dict[int, int] = {}
        if before := self._by_id.get(attributes.get("continue-list", "")):
            counts = before
        elif attributes.get("continue-numbering") == "true":
            counts = self._by_style.get(style, counts)
        self._by_style[style] = counts
        if name := attributes.get("id", ""):
            self._by_id[name] = counts
        self._open.append(_Open(style, counts))

    def close(self) -> None:
        """The list ends."""
        if self._too_deep:
            self._too_deep -= 1
        elif self._open:
            self._open.pop()

    def marker(self, attributes: dict[str, str]) -> str:
        """What stands before the point that begins."""
        if not self._open:
            return "• "
        depth, current = len(self._open), self._open[-1]
        levels = self.styles.levels.get(current.style, {})
        level = levels.get(depth, _Level())
        counts = current.counts
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        counts[depth] = whole(
            attributes.get("start-value", ""), counts.get(depth, level.start - 1) + 1
        )
        if not level.kind:
            return "• "
        first = max(depth - level.shown + 1, 1)
        numbers = ".".join(
            in_letters(counts.get(each, 1), _KINDS.get(levels.get(each, level).kind, "decimal"))
            for each in range(first, depth + 1)
        )
        return f"{level.before}{numbers}{level.after} "
