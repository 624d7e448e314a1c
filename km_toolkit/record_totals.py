"""Totals of a learning record: by year, by scheme, and against what its owner wants to do.

Pure sums over rows that were read at once, so that a page asks the database as often for one entry
as for a thousand.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from km_toolkit.models import LearningEntry

WIDTH, ROW, LEFT, TOP = 400, 34, 52, 30
MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class Counted:
    """What of an entry counts: when, how long, and which schemes it names."""

    date: datetime.date
    minutes: int
    participatory: int
    schemes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Total:
    """A sum: how many entries, minutes, and minutes with other people."""

    entries: int = 0
    minutes: int = 0
    participatory: int = 0

    @property
    def words(self) -> str:
        """The time, as people say it."""
        return time_in_words(self.minutes)

    @property
    def participatory_words(self) -> str:
        """The time with other people, as people say it."""
        return time_in_words(self.participatory)


@dataclass(frozen=True)
class Totals:
    """All sums of a record. An entry that names two parts of a scheme counts once for it."""

    everything: Total = Total()
    years: dict[int, Total] = field(default_factory=dict)
    schemes: dict[int, Total] = field(default_factory=dict)


@dataclass(frozen=True)
class Gap:
    """How far a target is reached: ``done`` in its period, and what is left of both numbers."""

    target: Any
    done: Total

    @property
    def left(self) -> int:
        """Minutes that are still to do; never below 0."""
        return max(int(self.target.minutes) - self.done.minutes, 0)

    @property
    def participatory_left(self) -> int:
        """Of these with other people; never below 0."""
        return max(int(self.target.participatory_minutes) - self.done.participatory, 0)

    @property
    def reached(self) -> bool:
        """Whether nothing is left."""
        return not (self.left or self.participatory_left)

    @property
    def part(self) -> int:
        """How much of the minutes is done, in hundredths, at most 100."""
        return min(self.done.minutes * 100 // int(self.target.minutes), 100)

    @property
    def left_words(self) -> str:
        """What is left, in words."""
        if self.reached:
            return _("Reached")
        words = [time_in_words(self.left)] if self.left else []
        if self.participatory_left:
            time = time_in_words(self.participatory_left)
            words.append(_("%(time)s of it with other people") % {"time": time})
        return _("Still to do: %(what)s") % {"what": ", ".join(words)}


def counted(entries: Iterable[LearningEntry]) -> list[Counted]:
    """What counts of ``entries``, a queryset that is read here. Two queries."""
    rows = list(entries.order_by().values_list("pk", "date", "minutes", "participatory_minutes"))  # type: ignore[attr-defined]
    named: dict[int, set[int]] = {}
    through = LearningEntry.parts.through.objects.filter(
        learningentry__in=entries.order_by().values("pk")  # type: ignore[attr-defined]
    )
    for entry, scheme in through.values_list("learningentry_id", "schemepart__scheme_id"):
        named.setdefault(entry, set()).add(scheme)
    return [
        Counted(date, minutes, participatory, frozenset(named.get(pk, ())))
        for pk, date, minutes, participatory in rows
    ]


def sum_of(rows: Iterable[Counted]) -> Total:
    """One sum over ``rows``."""
    entries = minutes = participatory = 0
    for each in rows:
        entries += 1
        minutes += each.minutes
        participatory += each.participatory
    return Total(entries, minutes, participatory)


def totals_of(rows: Sequence[Counted]) -> Totals:
    """The sums of ``rows``: of all, of each year (newest first) and of each scheme."""
    years: dict[int, list[Counted]] = {}
    schemes: dict[int, list[Counted]] = {}
    for each in rows:
        years.setdefault(each.date.year, []).append(each)
        for scheme in each.schemes:
            schemes.setdefault(scheme, []).append(each)
    return Totals(
        everything=sum_of(rows),
        years={year: sum_of(years[year]) for year in sorted(years, reverse=True)},
        schemes={scheme: sum_of(schemes[scheme]) for scheme in schemes},
    )


def gap_of(target: Any, rows: Iterable[Counted]) -> Gap:
    """What of ``target`` is done by ``rows``: those in its period, and of its scheme if it has one.

    Days at both ends belong to the period.
    """
    inside = [
        each
        for each in rows
        if target.starts <= each.date <= target.ends
        and (target.scheme_id is None or target.scheme_id in each.schemes)
    ]
    return Gap(target, sum_of(inside))


def time_in_words(minutes: int) -> str:
    """Minutes as "45 minutes", "1 hour", "2 hours 5 minutes"."""
    hours, rest = divmod(minutes, 60)
    words = []
    if hours:
        words.append(ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours})
    if rest or not hours:
        words.append(ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest})
    return " ".join(words)


@dataclass(frozen=True)
class YearBar:
    """One year in the chart, in pixels: the whole time, and the part with other people."""

    year: int
    total: Total
    y: int
    text_y: int
    length: int
    participatory: int


@dataclass(frozen=True)
class YearChart:
    """Time by year as bars, the newest on top; the table beside it says the same."""

    bars: list[YearBar]
    width: int
    height: int
    left: int = LEFT


def chart_of(years: dict[int, Total]) -> YearChart:
    """Bars for at most the twelve newest years; the longest takes the whole width."""
    shown = list(years.items())[:MOST_BARS]
    most = max((total.minutes for _year, total in shown), default=1) or 1
    room = WIDTH - LEFT - 20
    bars = []
    for number, (year, total) in enumerate(shown):
        y = TOP + number * ROW
        bars.append(
            YearBar(
                year=year,
                total=total,
                y=y,
                text_y=y + 17,
                length=max(total.minutes * room // most, 2),
                participatory=total.participatory * room // most,
            )
        )
    return YearChart(bars=bars, width=WIDTH, height=TOP + len(bars) * ROW + 6)
