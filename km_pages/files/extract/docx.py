"""Word documents: body, tables, lists, boxes, headers, footers, notes and comments."""

from __future__ import annotations

import contextlib
import os
from typing import BinaryIO

from km_pages.files.compound import SIGNATURE
from km_pages.files.extract.answer import Answer, UnreadableError
from km_pages.files.extract.drawing import drawn_beside
from km_pages.files.extract.flow import Flow
from km_pages.files.extract.numbering import Numbering
from km_pages.files.extract.package import Package, Relation, properties

# Not on the page: properties, what has been deleted, field codes, the twin for older programs.
_SKIPPED = frozenset(
    [
        "pPr",
        "rPr",
        "sectPr",
        "tblPr",
        "tblGrid",
        "trPr",
        "tcPr",
        "sdtPr",
        "del",
        "moveFrom",
        "delText",
        "instrText",
        "Fallback",
    ]
)
_SPACES = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "den": "/"}
# Ticks, boxes and arrows of the font Wingdings, by the last two digits of their code.
_SYMBOLS = {
    "FC": "✓", "FB": "✗", "FE": "☑", "FD": "☒", "A8": "☐", "6F": "☐", "E0": "→", "E8": "→",
    "DF": "←", "B7": "•", "A7": "▪", "6C": "●", "4A": "☺", "4C": "☹",
}  # fmt: skip
_BESIDE = {
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "comments": "comments",
    "header": "headers and footers",
    "footer": "headers and footers",
}


def read(source: BinaryIO, answer: Answer) -> None:
    """Pages where Word has noted where they end, else one text; then what stands beside it."""
    refuse_locked(source)
    package = Package(source)
    main = package.main_part(otherwise="word/document.xml")
    about = describe(package, answer)
    answer.pages = _positive(about.get("Pages", ""))
    relations = package.relations(main)
    styles = _styles(package, relations)
    answer.describe(language=styles.language)
    body = _Body(styles.lists, _numbering(package, relations))
    complete = package.parse(main, body)
    body.add_to(answer)
    beside: dict[str, list[str]] = {}
    for relation in relations:
        if relation.kind in _BESIDE:
            text = _plain(package, relation.target)
            beside.setdefault(_BESIDE[relation.kind], []).append(text)
    for label, texts in beside.items():
        # A footer that is nothing but the page's number says nothing.
        worded = [text.strip() for text in texts if any(each.isalpha() for each in text)]
        answer.add(label, "\n".join(dict.fromkeys(worded)))
    answer.add("charts and diagrams", drawn_beside(package, relations))
    finish(answer, complete=complete)


def refuse_locked(source: BinaryIO) -> None:
    """Raise :class:`UnreadableError` for a compound file: Office keeps locked documents in one."""
    source.seek(0)
    if source.read(len(SIGNATURE)) == SIGNATURE:
        raise UnreadableError("protected")
    source.seek(0, os.SEEK_SET)


def describe(package: Package, answer: Answer) -> dict[str, str]:
    """Note title, author, language and dates; return all simple properties by name."""
    about = properties(package, "docProps/core.xml", "docProps/app.xml")
    answer.describe(
        title=about.get("title"),
        author=about.get("creator"),
        language=about.get("language"),
        created=about.get("created"),
        changed=about.get("modified"),
    )
    return about


def finish(answer: Answer, *, complete: bool) -> None:
    """Say that there is more, or that there is nothing, where the main part was damaged."""
    if not complete:
        answer.truncated = True
        if not answer.has_text:
            raise UnreadableError("damaged")


class _Body:
    """The events of a part of running text."""

    def __init__(self, styled: dict[str, tuple[str, int]], numbering: Numbering) -> None:
        self.flow = Flow()
        self.pages: list[str] = []
        self._styled = styled
        self._numbering = numbering
        self._skipped = 0
        self._within = ""
        self._writing = False
        self._hidden = False
        self._list = ("", 0)
        self._breaks = 0
        self._boxes: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._skipped:
            self._skipped += 1
            self._property(tag, attributes.get("val", ""))
        elif tag in _SKIPPED:
            self._skipped, self._within = 1, tag
            self._list = ("", 0) if tag == "pPr" else self._list
        elif tag == "t":
            self._writing = True
        elif tag == "r":
            self._hidden = False
        elif tag in _SPACES or tag == "sym":
            code = attributes.get("char", "").upper()[-2:]
            self.flow.write(_SPACES.get(tag) or _SYMBOLS.get(code, ""))
        elif tag == "lastRenderedPageBreak":
            self._breaks += 1
            self._turn_page()
        elif tag == "tr":
            self.flow.open_row()
        elif tag in ("tc", "txbxContent"):
            self.flow.open()

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
            if tag == "pPr" and not self._skipped:
                self.flow.write(self._numbering.marker(*self._list))
        elif tag == "t":
            self._writing = False
        elif tag == "p":
            self._end_paragraph()
        elif tag == "tc":
            self.flow.close_cell()
        elif tag == "tr":
            self.flow.close_row()
        elif tag == "txbxContent":
            self._boxes.append(self.flow.close())

    def data(self, text: str) -> None:
        """Text of an element."""
        if self._writing and not self._skipped and not self._hidden:
            self.flow.write(text)

    def add_to(self, answer: Answer) -> None:
        """Add the pages, or the text as a whole where Word's page ends do not fit its count."""
        self.pages.append(self.flow.take())
        if answer.pages and answer.pages > 1 and abs(answer.pages - self._breaks - 1) <= 1:
            for number, text in enumerate(self.pages, 1):
                answer.add(f"page {number}", text, number=number)
        else:
            answer.add("text", "".join(self.pages))

    def _end_paragraph(self) -> None:
        self.flow.end_line()
        if not self.flow.depth or len(self._boxes) > 1:
            for box in self._boxes:
                self.flow.write(f"{box}\n")
            self._boxes = []

    def _turn_page(self) -> None:
        """Inside a table the page is only turned after it: a row is never torn."""
        if not self.flow.depth:
            self.pages += [self.flow.take(), *[""] * (self._breaks - len(self.pages) - 1)]

    def _property(self, tag: str, value: str) -> None:
        if tag == "pStyle" and value in self._styled:
            self._list = self._styled[value]
        elif tag == "ilvl":
            self._list = (self._list[0], _positive(value) or 0)
        elif tag == "numId":
            self._list = (value, self._list[1])
        elif tag == "vanish" and self._within == "rPr":
            self._hidden = value not in ("0", "false", "off")


class _Styles:
    """Which paragraph styles make a list, and the language that all text is in unless marked."""

    def __init__(self) -> None:
        self.lists: dict[str, tuple[str, int]] = {}
        self.language = ""
        self._style = ""
        self._level = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style":
            self._style, self._level = attributes.get("styleId", ""), 0
        elif tag == "ilvl":
            self._level = _positive(attributes.get("val", "")) or 0
        elif tag == "numId":
            self.lists[self._style] = (attributes.get("val", ""), self._level)
        elif tag == "lang" and not self.language:
            self.language = attributes.get("val", "")

    def end(self, tag: str) -> None:
        return

    def data(self, text: str) -> None:
        return


def _styles(package: Package, relations: list[Relation]) -> _Styles:
    styles = _Styles()
    for each in relations:
        if each.kind == "styles":
            package.parse(each.target, styles)
    return styles


def _numbering(package: Package, relations: list[Relation]) -> Numbering:
    numbering = Numbering()
    for each in relations:
        if each.kind == "numbering":
            package.parse(each.target, numbering)
    return numbering


def _plain(package: Package, part: str) -> str:
    body = _Body({}, Numbering())
    package.parse(part, body)
    return "".join([*body.pages, body.flow.take()])


def _positive(text: str) -> int | None:
    with contextlib.suppress(ValueError):
        return int(text) if len(text) < 8 and int(text) > 0 else None
    return None
