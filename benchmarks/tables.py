"""Tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

Cell = str | int | float | None


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print ``rows`` below ``heads``; numbers stand to the right, what was not measured is –."""
    lines = [[_text(cell) for cell in row] for row in rows]
    widths = [
        max(len(line[place]) for line in [list(heads), *lines]) for place in range(len(heads))
    ]
    print(f"\n{title}", flush=True)
    print(_line(heads, widths))
    print("  ".join("-" * width for width in widths))
    for line in lines:
        print(_line(line, widths), flush=True)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.2f}" if cell < 100 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
