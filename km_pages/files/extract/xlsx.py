"""Excel workbooks: the cells of each sheet as they are shown, streamed and never expanded.

Only cells that are there are met, so one cell in the last column of the last row is one cell.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import BinaryIO

from km_pages.files.extract.answer import Answer
from km_pages.files.extract.cleaning import row
from km_pages.files.extract.docx import describe, finish, refuse_locked
from km_pages.files.extract.drawing import drawing_text, drawn_beside
from km_pages.files.extract.number_format import BUILT_IN, general, shown
from km_pages.files.extract.package import Package

MAX_SHEETS = 500
MAX_CELLS = 2_000_000
# A few seconds; what comes after them is read as plain numbers rather than not at all.
MAX_FORMATTED = 200_000
MAX_SHARED_TEXTS = 2_000_000
_ON_PAPER = frozenset(
    ["oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"]
)
# What stands in headers and footers for fonts, colours, the date and the number of the page.
_PAPER_CODE = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|[A-JL-Za-z])')


def read(source: BinaryIO, answer: Answer) -> None:
    """One passage a sheet, a line a row; then its charts, boxes and comments."""
    refuse_locked(source)
    package = Package(source)
    main = package.main_part(otherwise="xl/workbook.xml")
    describe(package, answer)
    book = _Book()
    complete = package.parse(main, book)
    relations = package.relations(main)
    texts, formats = _SharedTexts(), _Formats()
    for each in relations:
        if each.kind == "sharedStrings":
            package.parse(each.target, texts)
        elif each.kind == "styles":
            package.parse(each.target, formats)
    parts = {each.id: each.target for each in relations if each.kind.endswith("sheet")}
    sheets = [(name, parts[link]) for name, link in book.sheets if link in parts]
    answer.pages = len(sheets) or None
    for name, part in sheets[:MAX_SHEETS]:
        sheet = _Sheet(texts.texts, formats, is_1904=book.is_1904)
        beside = ""
        try:
            complete = package.parse(part, sheet) and complete
            beside = _beside(package, part)
        finally:
            # Also where the time ends in the middle.
            answer.truncated = answer.truncated or sheet.cells > MAX_CELLS
            answer.add(f"sheet {name}", "\n".join([*sheet.lines, "", beside, *sheet.paper]))
    finish(answer, complete=complete)


def _beside(package: Package, part: str) -> str:
    found = []
    for each in package.relations(part):
        if each.kind == "drawing":
            found.append(drawing_text(package, each.target))
            found.append(drawn_beside(package, package.relations(each.target)))
        elif each.kind in ("comments", "threadedComment"):
            comments = _Comments()
            package.parse(each.target, comments)
            found += comments.texts
    return "\n".join(text.strip() for text in found if text.strip())


class _Book:
    """The sheets in their order, hidden ones too, and from which year days are counted."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.is_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.is_1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "sheet":
            hidden = " (hidden)" if attributes.get("state", "visible") != "visible" else ""
            self.sheets.append((attributes.get("name", "") + hidden, attributes.get("id", "")))

    def end(self, tag: str) -> None:
        return

    def data(self, text: str) -> None:
        return


class _SharedTexts:
    """The texts that cells refer to by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._writing = False
        self._phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "t":
            self._writing = not self._phonetic

    def end(self, tag: str) -> None:
        if tag == "t":
            self._writing = False
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si" and len(self.texts) < MAX_SHARED_TEXTS:
            self.texts.append("".join(self._parts))

    def data(self, text: str) -> None:
        if self._writing:
            self._parts.append(text)


class _Formats:
    """For each style of a cell, the code that says how its number is shown."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.left = MAX_FORMATTED
        self._own: dict[int, str] = {}
        self._in_cells = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt" and not self._in_cells:
            self._own[_whole(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._in_cells = True
        elif tag == "xf" and self._in_cells:
            number = _whole(attributes.get("numFmtId", ""))
            self.codes.append(self._own.get(number, BUILT_IN.get(number, "")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in_cells = False

    def data(self, text: str) -> None:
        return


class _Sheet:
    """The rows of one sheet."""

    def __init__(self, texts: list[str], formats: _Formats, *, is_1904: bool) -> None:
        self.lines: list[str] = []
        self.on_paper: list[str] = []
        self.cells = 0
        self._texts = texts
        self._formats = formats
        self._first_day = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)
        self._row: list[str] = []
        self._value: list[str] = []
        self._writing = False
        self._kind = ""
        self._style = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self.cells += 1
            self._kind = attributes.get("t", "n")
            self._style = _whole(attributes.get("s", ""))
            self._value = []
        elif tag in ("v", "t"):
            self._writing = self.cells <= MAX_CELLS
        elif tag in _ON_PAPER:
            self._value, self._writing = [], True

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._writing = False
        elif tag in _ON_PAPER:
            self._writing = False
            self.on_paper.append(_PAPER_CODE.sub(" ", "".join(self._value)).replace("&&", "&"))
        elif tag == "c" and self._value:
            self._row.append(self._shown("".join(self._value)))
        elif tag == "row":
            line = row(self._row)
            self._row = []
            if line:
                self.lines.append(line)

    def data(self, text: str) -> None:
        if self._writing:
            self._value.append(text)

    @property
    def paper(self) -> list[str]:
        """What stands above and below, but for a foot that is nothing but the page's number."""
        return [each for each in dict.fromkeys(self.on_paper) if any(map(str.isalpha, each))]

    def _shown(self, value: str) -> str:
        if self._kind == "s":
            place = _whole(value)
            return self._texts[place] if place < len(self._texts) else ""
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return self._number(value) if self._kind == "n" else value

    def _number(self, value: str) -> str:
        codes = self._formats.codes
        code = codes[self._style] if self._style < len(codes) else ""
        try:
            number = float(value)
            if not code or self._formats.left <= 0:
                return general(number)
            self._formats.left -= 1
            return shown(number, code, first_day=self._first_day)
        except (ValueError, OverflowError):
            return value


class _Comments:
    """The text of comments, old and threaded."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._writing = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("comment", "threadedComment"):
            self._parts = []
        self._writing = tag in ("t", "text")

    def end(self, tag: str) -> None:
        self._writing = False
        if tag in ("comment", "threadedComment"):
            self.texts.append("".join(self._parts))

    def data(self, text: str) -> None:
        if self._writing:
            self._parts.append(text)


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0
