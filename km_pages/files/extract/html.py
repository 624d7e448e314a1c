"""Web pages: what a browser would show, without running or loading anything."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import BinaryIO

from km_pages.files.extract.answer import Answer
from km_pages.files.extract.decoding import decode
from km_pages.files.extract.flow import MAX_DEPTH, Flow
from km_pages.files.extract.numbering import in_letters, whole

MAX_BYTES = 16 * 1024 * 1024
_STEP = 64 * 1024
# Shown by no browser, or not as text.
_HIDDEN = frozenset(
    ["script", "style", "template", "noscript", "svg", "math", "object", "iframe", "select", "head"]
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center dd details dialog dir div dl dt "
        "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p "
        "pre section summary table tbody tfoot thead tr ul",
    )
)
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.I)
_COUNTED = {
    "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
}  # fmt: skip
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{2,40})", re.I)
_LISTS = frozenset({"ol", "ul", "menu"})
_NOT_MARKUP = re.compile(r"<!--|<[!?]")
_UNENDED_TAG = re.compile(r"<(?![^<>]*>)")
# The number of a note leads to it, and is no part of the word before it.
_NOTE_MARK = re.compile(r"<a\b[^<>]{0,500}>\s?<sup\b|<sup\b[^<>]{0,500}>\s?<a\b", re.I)
_SPACE = re.compile(r"\s+")
# What stands before a point of a list, whose first paragraph begins in the same line.
_POINT = re.compile(r"^(?:•|\w{1,8}\.) $")


def read(source: BinaryIO, answer: Answer) -> None:
    """One text for the page."""
    data = source.read(MAX_BYTES + 1)
    declared = _CHARSET.search(data[:4096])
    html = decode(data[:MAX_BYTES], declared=declared[1].decode() if declared else "")
    answer.truncated = len(data) > MAX_BYTES
    page = Page()
    try:
        page.take(html)
    finally:
        # Also where the time ends in the middle.
        answer.describe(title=page.title, author=page.author, language=page.language)
        answer.add("text", page.text())


def text_of(html: str) -> str:
    """What a browser would show of ``html``."""
    page = Page()
    page.take(html[:MAX_BYTES])
    return page.text()


def _without_comments(html: str) -> str:
    """``html`` without comments and declarations; one without an end reaches to that of the file,
    as in a browser.
    """
    parts, position = [], 0
    while found := _NOT_MARKUP.search(html, position):
        parts.append(html[position : found.start()])
        ending = "-->" if found[0] == "<!--" else ">"
        end = html.find(ending, found.start() + 2)
        position = len(html) if end < 0 else end + len(ending)
    return "".join([*parts, html[position:]])


class Page(HTMLParser):
    """Collects the text of a page, a line for each block and each row of a table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = self.author = self.language = ""
        self._flow = Flow()
        self._hidden: list[str] = []
        self._in_title = False
        self._cells: list[str] = []
        self._preformatted = 0
        self._lists: list[tuple[str, int]] = []

    def take(self, html: str) -> None:
        """Take the page in, in steps, and without what HTMLParser would look for again and again:
        the ends of comments and tags that have none.
        """
        html = _UNENDED_TAG.sub("&lt;", _without_comments(html))
        html = _NOTE_MARK.sub(r" \g<0>", html)
        for start in range(0, len(html), _STEP):
            self.feed(html[start : start + _STEP])
        self.close()

    def text(self) -> str:
        """The text so far."""
        while self._cells:
            self._close_table_part(self._cells[-1])
        return self._flow.take()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        values = {name: value or "" for name, value in attrs}
        self._note_facts(tag, values)
        if tag == "body":
            # Whatever was left open in the head ends here.
            self._hidden = []
        if tag in _HIDDEN or "hidden" in values or _UNSEEN.search(values.get("style", "")):
            self._hide(tag)
        elif not self._hidden:
            self._open_shown(tag, values)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that ends at once; a browser only believes that of some."""
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self._in_title = self._in_title and tag != "title"
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.pop()
        elif tag in ("td", "th", "tr", "table"):
            self._close_table_part(tag)
        elif tag in _BLOCKS:
            self._flow.end_line()
            self._preformatted -= tag == "pre" and self._preformatted > 0
            if tag in _LISTS and self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._in_title:
            self.title += data
        elif not self._hidden and not self._is_between_cells(data):
            self._flow.write(data if self._preformatted else _SPACE.sub(" ", data))

    def _is_between_cells(self, data: str) -> bool:
        return bool(self._cells) and self._cells[-1] not in ("td", "th") and data.isspace()

    def _note_facts(self, tag: str, values: dict[str, str]) -> None:
        if tag == "html":
            self.language = values.get("lang", "")
        elif tag == "title" and not self.title and "svg" not in self._hidden:
            self._in_title = True
        elif tag == "meta" and values.get("name", "").lower() == "author":
            self.author = values.get("content", "")

    def _hide(self, tag: str) -> None:
        if len(self._hidden) < MAX_DEPTH and tag not in ("br", "img", "input", "hr", "meta"):
            self._hidden.append(tag)

    def _open_shown(self, tag: str, values: dict[str, str]) -> None:
        if tag in ("td", "th"):
            self._close_open("td", "th", until=("tr", "table"))
            self._open_table_part(tag)
        elif tag == "tr":
            self._close_open("td", "th", "tr", until=("table",))
            self._open_table_part(tag)
        elif tag == "table":
            self._flow.end_line()
            self._open_table_part(tag)
        elif tag == "br":
            self._flow.write("\n")
        elif tag in _BLOCKS:
            if not self._flow.is_at(_POINT):
                self._flow.end_line()
            self._preformatted += tag == "pre"
            self._take_list(tag, values)
        elif tag == "button":
            self._flow.write(" ")
        elif tag == "input" and values.get("type", "text") in ("text", "email", "tel", "date"):
            self._flow.write(f" {values.get('value', '')} ")

    def _take_list(self, tag: str, values: dict[str, str]) -> None:
        """Begin a list, or write what stands before its next point."""
        if tag in _LISTS and len(self._lists) < MAX_DEPTH:
            kind = _COUNTED.get(values.get("type", ""), "decimal") if tag == "ol" else "bullet"
            self._lists.append((kind, whole(values.get("start", ""), 1)))
        elif tag == "li":
            kind, next_number = self._lists[-1] if self._lists else ("bullet", 1)
            number = whole(values.get("value", ""), next_number)
            self._flow.write("• " if kind == "bullet" else f"{in_letters(number, kind)}. ")
            if self._lists:
                self._lists[-1] = (kind, number + 1)

    def _open_table_part(self, tag: str) -> None:
        """Nested deeper than real pages are, a table is read as running text."""
        if self._flow.depth + len(self._cells) >= MAX_DEPTH // 2:
            return
        if tag == "tr":
            self._flow.open_row()
        elif tag in ("td", "th"):
            if "tr" not in self._cells:
                self._flow.open_row()
                self._cells.append("tr")
            self._flow.open()
        self._cells.append(tag)

    def _close_open(self, *tags: str, until: tuple[str, ...]) -> None:
        """End the parts that may be left open: a cell ends where the next begins."""
        while self._cells and self._cells[-1] in tags and self._cells[-1] not in until:
            self._close_table_part(self._cells[-1])

    def _close_table_part(self, tag: str) -> None:
        alike = ("td", "th") if tag in ("td", "th") else (tag,)
        if not any(each in self._cells for each in alike):
            self._flow.end_line()
            return
        while self._cells:
            last = self._cells.pop()
            if last in ("td", "th"):
                self._flow.close_cell()
            elif last == "tr":
                self._flow.close_row()
            if last in alike:
                return
