"""OpenDocument: texts, workbooks and slides of LibreOffice and others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from km_pages.files.extract.answer import Answer, UnreadableError
from km_pages.files.extract.docx import finish
from km_pages.files.extract.flow import Flow
from km_pages.files.extract.odf_styles import Lists, Styles
from km_pages.files.extract.package import Package, properties

_SKIPPED = frozenset(
    [
        "tracked-changes",
        "forms",
        "binary-data",
        "page-number",
        "note-citation",
    ]
)
MAX_OBJECTS = 200
_ASIDE = frozenset({"note", "annotation", "text-box"})
_DECLARED = frozenset({"footer-decl", "header-decl"})
_PLACES = frozenset({"title", "subtitle", "outline", "notes", "page", "object", "handout"})
# What a program puts in for each page: dates, names and numbers, here only examples of them.
_FILLED_IN = frozenset({"sheet-name", "date", "time", "file-name", "page-count"})
# What is left of a foot that is nothing but the page's number.
_ONLY_A_NUMBER = re.compile(r"^\W*(?:page)?[\W\d]*$", re.I)
_PAGE_COUNT = re.compile(rb':page-count="(\d{1,6})"')
_PARAGRAPHS = frozenset({"p", "h"})
_CELLS = frozenset({"table-cell", "covered-table-cell"})


def read(source: BinaryIO, answer: Answer) -> None:
    """One passage for the text, or one for each sheet or slide; then what stands beside it."""
    package = Package(source)
    if b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise UnreadableError("protected")
    kind = package.read("mimetype").rpartition(b".")[2]
    about = properties(package, "meta.xml")
    answer.describe(
        title=about.get("title"),
        author=about.get("initial-creator") or about.get("creator"),
        language=about.get("language"),
        created=about.get("creation-date") or about.get("date"),
        changed=about.get("date"),
    )
    counted = _PAGE_COUNT.search(package.read("meta.xml"))
    answer.pages = int(counted[1]) if counted else None
    styles = Styles()
    headers = _Headers(styles)
    package.parse("styles.xml", headers)
    answer.describe(language=styles.language)
    content = _Content(kind.decode("ascii", "replace"), styles, partial(_drawn, package))
    complete = package.parse("content.xml", content)
    content.add_to(answer)
    paper = "\n".join([headers.flow.take(), *content.on_slides])
    answer.add("headers and footers", "" if _ONLY_A_NUMBER.match(paper) else paper)
    finish(answer, complete=complete)


def _drawn(package: Package, link: str) -> str:
    """The words and figures of a chart, which is a document of its own inside."""
    part = posixpath.normpath(posixpath.join(link, "content.xml"))
    chart = _Paragraphs(Styles())
    package.parse(part, chart)
    return chart.flow.take().strip()


class _Paragraphs:
    """Paragraphs, tables and lists, with notes and comments kept apart."""

    def __init__(self, styles: Styles) -> None:
        self.flow = Flow()
        self.beside: dict[str, list[str]] = {"footnotes": [], "comments": []}
        self.styles = styles
        self._lists = Lists(styles)
        self._skipped = 0
        self._paragraphs = 0
        self._around: list[int] = []
        self._boxes: list[str] = []
        self._marker = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.styles.start(tag, attributes)
        if self._skipped or tag in _SKIPPED or self._is_unseen(tag, attributes):
            self._skipped += 1
        elif tag in _PARAGRAPHS:
            self._paragraphs += 1
            self.flow.end_line()
            self.flow.write(self._marker)
            self._marker = ""
        elif tag == "s" or tag == "tab":
            self.flow.write(" ")
        elif tag == "line-break":
            self.flow.write("\n")
        elif tag == "list":
            self._lists.open(attributes)
        elif tag == "list-item":
            self._marker = self._lists.marker(attributes)
        elif tag == "table-row":
            self.flow.open_row()
        elif tag in _CELLS or tag in _ASIDE:
            self.flow.open()
            # What a note says stands in paragraphs of its own; who wrote it and when does not.
            self._around.append(self._paragraphs)
            self._paragraphs = 0

    def end(self, tag: str) -> None:
        """An element ends."""
        self.styles.end(tag)
        if self._skipped:
            self._skipped -= 1
            return
        if tag in _PARAGRAPHS:
            self._paragraphs -= 1
            self.flow.end_line()
            self._place_boxes()
        elif tag == "list":
            self._lists.close()
        elif tag == "list-item":
            self._marker = ""
        elif tag == "table-row":
            self.flow.close_row()
        elif tag in _CELLS or tag in _ASIDE:
            self._paragraphs = self._around.pop() if self._around else 0
            self._end_aside(tag)

    def _end_aside(self, tag: str) -> None:
        if tag in _CELLS:
            self.flow.close_cell()
        elif tag == "note":
            self.beside["footnotes"].append(self.flow.close())
        elif tag == "annotation":
            self.beside["comments"].append(self.flow.close())
        elif tag == "text-box":
            self._boxes.append(self.flow.close())
            self._place_boxes()

    def data(self, text: str) -> None:
        """Text of an element: only that inside a paragraph is shown."""
        if self._paragraphs and not self._skipped:
            self.flow.write(text)

    def _is_unseen(self, tag: str, attributes: dict[str, str]) -> bool:
        return tag == "span" and attributes.get("style-name") in self.styles.unseen

    def _place_boxes(self) -> None:
        """A box that hangs on a paragraph comes after it."""
        if not self._paragraphs:
            for box in self._boxes:
                self.flow.end_line()
                self.flow.write(f"{box}\n")
            self._boxes = []


class _Content(_Paragraphs):
    """``content.xml`` of a ``text``, a ``spreadsheet`` or a ``presentation``."""

    def __init__(self, kind: str, styles: Styles, draw: Callable[[str], str]) -> None:
        super().__init__(styles)
        self.on_slides: list[str] = []
        self._draw = draw
        self._drawn: list[str] = []
        self._declared: list[str] | None = None
        self._part = {"spreadsheet": "table", "presentation": "page"}.get(kind, "")
        self._parts: list[tuple[str, str]] = []
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if tag == self._part and not self.flow.depth:
            self._name = attributes.get("name", "")
            self.flow.take()
        super().start(tag, attributes)
        if tag == "notes" and not self._skipped:
            self.flow.open()
        elif tag in _DECLARED:
            self._declared = []
        elif tag == "object" and not self._skipped and len(self._drawn) < MAX_OBJECTS:
            self._drawn.append(self._draw(attributes.get("href", "")))

    def end(self, tag: str) -> None:
        """An element ends."""
        was_skipped = bool(self._skipped)
        super().end(tag)
        if self._declared is not None:
            self.on_slides.append("".join(self._declared))
            self._declared = None
        if was_skipped:
            return
        if tag == "notes":
            text = self.flow.close().strip()
            self.flow.write(f"\nNotes: {text}\n" if text else "")
        elif tag == self._part and not self.flow.depth:
            text = "\n".join([self.flow.take(), *self._drawn])
            self._parts.append((self._name, text))
            self._drawn = []

    def data(self, text: str) -> None:
        """Text of an element; also what a presentation says once for the foot of its slides."""
        if self._declared is not None:
            self._declared.append(text)
        super().data(text)

    def add_to(self, answer: Answer) -> None:
        """Add the text, the sheets or the slides, and their notes and comments."""
        if self._part:
            answer.pages = len(self._parts) or None
        for number, (name, text) in enumerate(self._parts, 1):
            if self._part == "page":
                answer.add(f"slide {number}", text, number=number)
            else:
                answer.add(f"sheet {name}", text)
        answer.add("text", self.flow.take())
        answer.add("charts", "\n".join(self._drawn))
        for label, texts in self.beside.items():
            answer.add(label, "\n".join(texts))


class _Headers(_Paragraphs):
    """The headers and footers in ``styles.xml``, which stand in its master pages.

    Not the places for titles and points of slides: "Click to edit" is on no slide.
    """

    def __init__(self, styles: Styles) -> None:
        super().__init__(styles)
        self._inside = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._inside or tag == "master-styles":
            self._inside += 1
            super().start(tag, attributes)
        else:
            self.styles.start(tag, attributes)

    def _is_unseen(self, tag: str, attributes: dict[str, str]) -> bool:
        is_place = tag == "frame" and attributes.get("class", "") in _PLACES
        return is_place or tag in _FILLED_IN or super()._is_unseen(tag, attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._inside:
            self._inside -= 1
            super().end(tag)
        else:
            self.styles.end(tag)

    def data(self, text: str) -> None:
        """Text of an element."""
        if self._inside:
            super().data(text)
