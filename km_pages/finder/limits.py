"""The hard limits of one way of doing something, as data.

A list filters by them in the database and the finder weighs them in Python, so there is one rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: ``field`` of a format, the name of a look-up, and a value."""

    field: str
    lookup: str
    value: Any

    def holds(self, one: Any) -> bool:
        """Whether ``one`` passes; an empty field passes only where emptiness is asked for."""
        return LOOKUPS[self.lookup](getattr(one, self.field), self.value)


# All of the clauses must hold, and of each clause one test.
Clause = tuple[Test, ...]

LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda given, value: given == value,
    "isnull": lambda given, value: (given is None) == value,
    "lte": lambda given, value: given is not None and given <= value,
    "lt": lambda given, value: given is not None and given < value,
    "gte": lambda given, value: given is not None and given >= value,
}


def meets(one: Any, clauses: Sequence[Clause]) -> bool:
    """Whether ``one`` (an object with the fields of a format) meets all ``clauses``."""
    return all(any(test.holds(one) for test in clause) for clause in clauses)


def within(value: int, low: str, high: str) -> list[Clause]:
    """``value`` lies between two fields; a limit left empty is no limit."""
    return [
        (Test(low, "isnull", True), Test(low, "lte", value)),
        (Test(high, "isnull", True), Test(high, "gte", value)),
    ]


def minutes_limits(minutes: int) -> list[Clause]:
    """Something without a fixed length never matches on minutes."""
    return [
        (Test("ongoing", "exact", False),),
        (Test("minutes_min", "isnull", False),),
        *within(minutes, "minutes_min", "minutes_max"),
    ]


def weeks_limits(weeks: int) -> list[Clause]:
    """Not too late: after the last day only what is meant for then."""
    latest: list[Clause] = [
        (Test("weeks_latest", "isnull", True), Test("weeks_latest", "lte", weeks))
    ]
    return [*latest, (Test("weeks_latest", "lt", 0),)] if weeks < 0 else latest


def format_clauses(wishes: Mapping[str, Any]) -> list[Clause]:
    """What one format must meet for the minutes, people and setting of ``wishes``."""
    clauses: list[Clause] = []
    if minutes := wishes.get("minutes"):
        clauses += minutes_limits(minutes)
    if people := wishes.get("people"):
        clauses += within(people, "people_min", "people_max")
    if setting := wishes.get("setting"):
        clauses.append((Test("setting", "exact", setting),))
    return clauses


def best_clauses(name: str, value: int) -> list[Clause]:
    """``value`` of minutes or people is where a format works best, as far as that is known."""
    low, high = f"best_{name}_min", f"best_{name}_max"
    known = (Test(low, "isnull", False), Test(high, "isnull", False))
    return [known, *within(value, low, high)]
