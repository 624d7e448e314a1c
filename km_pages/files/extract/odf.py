"""OpenDocument: texts, workbooks and slides of LibreOffice and others."""

from __future__ import annotations

import re
from typing import BinaryIO

from km_pages.files.extract.answer import Answer, UnreadableError
from km_pages.files.extract.docx import finish
from km_pages.files.extract.flow import Flow
from km_pages.files.extract.package import Package, properties

_SKIPPED = frozenset(
    [
        "tracked-changes",
        "forms",
        "automatic-styles",
        "binary-data",
        "page-number",
        "note-citation",
    ]
)
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
    )
    counted = _PAGE_COUNT.search(package.read("meta.xml"))
    answer.pages = int(counted[1]) if counted else None
    content = _Content(kind.decode("ascii", "replace"))
    complete = package.parse("content.xml", content)
    content.add_to(answer)
    answer.add("headers and footers", _headers(package))
    finish(answer, complete=complete)


def _headers(package: Package) -> str:
    styles = _Headers()
    package.parse("styles.xml", styles)
    text = styles.flow.take()
    return text if any(each.isalpha() for each in text) else ""


class _Paragraphs:
    """Paragraphs, tables and lists, with notes and comments kept apart."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.beside: dict[str, list[str]] = {"footnotes": [], "comments": []}
        self._skipped = 0
        self._paragraphs = 0
        self._boxes: list[str] = []
        self._is_item = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._skipped or tag in _SKIPPED:
            self._skipped += 1
        elif tag in _PARAGRAPHS:
            self._paragraphs += 1
            self.flow.end_line()
            self.flow.write("• " if self._is_item else "")
            self._is_item = False
        elif tag == "s" or tag == "tab":
            self.flow.write(" ")
        elif tag == "line-break":
            self.flow.write("\n")
        elif tag == "list-item":
            self._is_item = True
        elif tag == "table-row":
            self.flow.open_row()
        elif tag in _CELLS or tag in ("note", "annotation", "text-box"):
            self.flow.open()

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
        elif tag in _PARAGRAPHS:
            self._paragraphs -= 1
            self.flow.end_line()
            self._place_boxes()
        elif tag == "list-item":
            self._is_item = False
        elif tag in _CELLS:
            self.flow.close_cell()
        elif tag == "table-row":
            self.flow.close_row()
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

    def _place_boxes(self) -> None:
        """A box that hangs on a paragraph comes after it."""
        if not self._paragraphs:
            for box in self._boxes:
                self.flow.end_line()
                self.flow.write(f"{box}\n")
            self._boxes = []


class _Content(_Paragraphs):
    """``content.xml`` of a ``text``, a ``spreadsheet`` or a ``presentation``."""

    def __init__(self, kind: str) -> None:
        super().__init__()
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

    def end(self, tag: str) -> None:
        """An element ends."""
        was_skipped = bool(self._skipped)
        super().end(tag)
        if was_skipped:
            return
        if tag == "notes":
            text = self.flow.close().strip()
            self.flow.write(f"\nNotes: {text}\n" if text else "")
        elif tag == self._part and not self.flow.depth:
            self._parts.append((self._name, self.flow.take()))

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
        for label, texts in self.beside.items():
            answer.add(label, "\n".join(texts))


class _Headers(_Paragraphs):
    """The headers and footers in ``styles.xml``, which stand in its master pages."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._inside or tag == "master-styles":
            self._inside += 1
            super().start(tag, attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._inside:
            self._inside -= 1
            super().end(tag)

    def data(self, text: str) -> None:
        """Text of an element."""
        if self._inside:
            super().data(text)
