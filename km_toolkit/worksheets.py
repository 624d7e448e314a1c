"""Pages to fill in: the same fields on screen, on paper and as a Word file.

Nothing that is typed is stored: it goes back onto the screen, into a file for the person who typed
it, or on to the form that adds to the repository. Stands below the models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from km_pages.numbers import whole
from km_pages.xml_text import plain

ROWS = 3
# More columns than this do not fit beside each other, neither on a screen nor upright on paper.
UPRIGHT_COLUMNS = 4
MOST_ROWS = 40
LONGEST_LINE = 500
LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Cell:
    """One box of a table: ``label`` says column and row to those who do not see the table."""

    name: str
    column: str
    label: str
    value: str


@dataclass(frozen=True)
class SheetField:
    """One field with what was typed. ``rows`` are the rows of a table, else empty."""

    name: str
    label: str
    hint: str
    kind: str
    value: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()

    @property
    def filled_rows(self) -> list[tuple[Cell, ...]]:
        """The rows of a table in which something stands."""
        return [row for row in self.rows if any(cell.value for cell in row)]

    @property
    def is_wide(self) -> bool:
        """Whether this is a table of more columns than fit beside each other."""
        return len(self.columns) > UPRIGHT_COLUMNS

    @property
    def is_filled(self) -> bool:
        """Whether anything was typed."""
        return bool(self.value or self.filled_rows)


@dataclass(frozen=True)
class Worksheet:
    """A page to fill in, with what was typed so far."""

    fields: tuple[SheetField, ...]

    @property
    def is_filled(self) -> bool:
        """Whether anything was typed at all."""
        return any(each.is_filled for each in self.fields)

    def as_text(self) -> str:
        """What was typed as plain text, a paragraph for each field that is not empty."""
        return "\n\n".join(_in_words(each) for each in self.fields if each.is_filled)


def worksheet(
    blocks: Iterable[Any], typed: Mapping[str, str], *, prefix: str = "", rows: int = ROWS
) -> Worksheet:
    """The fields that ``blocks`` (a StreamField of ``FillInBlock``) describe, with what was typed.

    ``rows`` is how many rows a table has at least; ``typed`` may ask for more (``<name>-rows``).
    """
    return Worksheet(
        tuple(
            _field(f"{prefix}f{number}", block.value, typed, rows)
            for number, block in enumerate(blocks)
        )
    )


def _field(name: str, value: Any, typed: Mapping[str, str], rows: int) -> SheetField:
    kind, label = value.get("kind") or "text", value.get("label") or ""
    columns = tuple(str(each) for each in value.get("columns") or ()) if kind == "table" else ()
    longest = LONGEST_TEXT if kind == "text" else LONGEST_LINE
    return SheetField(
        name=name,
        label=label,
        hint=value.get("hint") or "",
        kind=kind if kind != "table" or columns else "text",
        value="" if columns else _typed(typed, name, longest),
        columns=columns,
        rows=tuple(
            _row(name, number, columns, typed) for number in range(_count(typed, name, rows))
        )
        if columns
        else (),
    )


def _row(name: str, number: int, columns: tuple[str, ...], typed: Any) -> tuple[Cell, ...]:
    cells = []
    for place, column in enumerate(columns):
        key = f"{name}-{number}-{place}"
        label = _("%(column)s, row %(number)d") % {"column": column, "number": number + 1}
        cells.append(Cell(key, column, label, _typed(typed, key, LONGEST_LINE)))
    return tuple(cells)


def _typed(typed: Mapping[str, str], name: str, longest: int) -> str:
    return plain(typed.get(name, "")).replace("\r\n", "\n").strip()[:longest]


def _count(typed: Mapping[str, str], name: str, rows: int) -> int:
    """How many rows a table has: as many as were shown, and more where they were asked for."""
    given = whole(typed.get(f"{name}-rows"), 3)
    shown = rows if given is None else given
    if typed.get("do") == f"more-{name}":
        shown += rows
    return max(1, min(shown, MOST_ROWS))


def _in_words(field: SheetField) -> str:
    if not field.columns:
        return f"{field.label}\n{field.value}"
    lines = [field.label]
    for row in field.filled_rows:
        lines.append("; ".join(f"{cell.column}: {cell.value}" for cell in row if cell.value))
    return "\n".join(lines)
