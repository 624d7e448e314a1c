"""Putting running text, tables and boxes back together from a stream of elements."""

from __future__ import annotations

import re

from km_pages.files.extract.cleaning import row

MAX_DEPTH = 200


class TooDeepError(ValueError):
    """Elements are nested deeper than in any real document."""


class Flow:
    """Text as it is read from top to bottom, one line for a paragraph and for a table's row.

    What stands beside the text (a box, a note) is opened and closed as a text of its own.
    """

    def __init__(self) -> None:
        self._open: list[list[str]] = [[]]
        self._rows: list[list[str]] = []

    @property
    def depth(self) -> int:
        """How many texts are open inside the main one."""
        return len(self._open) - 1

    def write(self, text: str) -> None:
        """Add ``text`` where the flow stands."""
        self._open[-1].append(text)

    def end_line(self) -> None:
        """Begin a new line, unless there is one already."""
        current = self._open[-1]
        if current and not current[-1].endswith("\n"):
            current.append("\n")

    def is_at(self, written: re.Pattern[str]) -> bool:
        """Whether what was written last in this line, but for spaces, is as ``written`` says."""
        last = (each for each in reversed(self._open[-1]) if each.strip(" "))
        return bool(written.match(next(last, "")))

    def open(self) -> None:
        """Begin a text of its own. Raises :class:`TooDeepError`."""
        if len(self._open) > MAX_DEPTH:
            raise TooDeepError
        self._open.append([])

    def close(self) -> str:
        """End the text that was opened last and return it; "" where none is open."""
        return "".join(self._open.pop()) if self.depth else ""

    def open_row(self) -> None:
        """Begin a row of a table."""
        self._rows.append([])

    def close_cell(self) -> None:
        """End the text that was opened for a cell."""
        cell = self.close()
        if self._rows:
            self._rows[-1].append(cell)

    def close_row(self) -> None:
        """Write the row's cells in one line."""
        line = row(self._rows.pop()) if self._rows else ""
        if line:
            self.end_line()
            self.write(f"{line}\n")

    def take(self) -> str:
        """All of the main text so far; the flow goes on empty."""
        while self.depth:
            text = self.close()
            self.write(f"\n{text}\n")
        text = "".join(self._open[0])
        self._open[0] = []
        return text
