"""Whole numbers in what people and programs send: keys of records, parts of lists, rows."""

from __future__ import annotations

from typing import Any

# Nineteen digits no longer fit into the keys of a database.
LONGEST_KEY = 18


def whole(value: Any, digits: int = LONGEST_KEY) -> int | None:
    """The number that ``value`` says with at most so many decimal ``digits``, else ``None``.

    Never raises: ``str.isdigit`` alone also takes signs such as "²", of which ``int`` makes an
    error, and numbers that no database takes.
    """
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def whole_ones(values: Any) -> list[int]:
    """The numbers among ``values``, in their order, each once."""
    numbers = (whole(each) for each in values)
    return list(dict.fromkeys(each for each in numbers if each is not None))
