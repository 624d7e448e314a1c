"""What managers see of many handovers at once: how far, who is waited for, what is at stake."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_toolkit.models import Handover, StepNumber
from km_toolkit.standing import Standing, Step, called, counts_of, days_in_words, steps_of

WIDTH, ROW, LEFT, TOP = 720, 26, 240, 24
WEEKS = 26


@dataclass(frozen=True)
class Row:
    """One handover on the board."""

    handover: Handover
    steps: list[Step]
    high: int
    outputs: int
    shared: int
    # For whom which step waits, how many are behind it, how much of what there is is shared.
    waiting: list[str]
    how_far: str
    how_much: str

    @property
    def address(self) -> str:
        """Its task list."""
        return reverse("km_toolkit:handover", args=[self.handover.pk])

    @property
    def day(self) -> str:
        """Its last day."""
        return date_format(self.handover.last_day, "j F Y")

    @property
    def days(self) -> str:
        """How long there is."""
        return days_in_words(self.handover)

    @property
    def done(self) -> int:
        """How many of the six steps are done or left out."""
        return _done(self.steps)


def _done(steps: list[Step]) -> int:
    return sum(step.standing in (Standing.DONE, Standing.SKIPPED) for step in steps)


def rows_of(handovers: Iterable[Handover]) -> list[Row]:
    """The rows of the board. A constant number of queries, and each word looked up once."""
    listed = list(handovers)
    counts = counts_of(listed)
    titles = {each: str(each.label) for each in StepNumber}
    far, much = _("%(n)s of 6"), _("%(shared)s of %(n)s")
    rows = []
    for each in listed:
        steps, made = steps_of(each, counts[each.pk]), counts[each.pk]
        rows.append(
            Row(
                handover=each,
                steps=steps,
                high=made.high,
                outputs=made.outputs,
                shared=made.shared,
                waiting=_waiting(each, steps, titles),
                how_far=far % {"n": _done(steps)},
                how_much=much % {"shared": made.shared, "n": made.outputs},
            )
        )
    return rows


def _waiting(handover: Handover, steps: list[Step], titles: dict[StepNumber, str]) -> list[str]:
    waits = [step for step in steps if step.standing == Standing.WAITING and step.who]
    words = _("%(step)s: %(who)s") if waits else ""
    return [
        words % {"step": titles[step.number], "who": called(step.who[0], handover)}
        for step in waits
    ]


@dataclass(frozen=True)
class Bar:
    """One line of the time line, in pixels: where it ends, and what it says."""

    label: str
    day: datetime.date
    y: int
    text_y: int
    length: int
    past: bool


@dataclass(frozen=True)
class Month:
    """Where on the time line a month begins, in pixels, and its name."""

    x: int
    words: str


@dataclass(frozen=True)
class Timeline:
    """Last days to come, as lines from today; the same stands in the table beside it."""

    bars: list[Bar]
    months: list[Month]
    width: int
    height: int
    left: int = LEFT


def timeline(rows: list[Row], today: datetime.date | None = None) -> Timeline:
    """Lines for at most 40 handovers over half a year."""
    day = today or timezone.localdate()
    bars = []
    for number, row in enumerate(rows[:40]):
        days = (row.handover.last_day - day).days
        y = TOP + number * ROW
        bars.append(
            Bar(
                label=str(row.handover.post.title)[:36],
                day=row.handover.last_day,
                y=y,
                text_y=y + 13,
                length=max(_pixels(days), 2),
                past=days < 0,
            )
        )
    height = TOP + len(bars) * ROW + 10
    return Timeline(bars=bars, months=_months(day), width=WIDTH, height=height)


def _pixels(days: int) -> int:
    """How far ``days`` from today are on the time line; what is later stands at its end."""
    return round(min(max(days, 0) / (WEEKS * 7), 1) * (WIDTH - LEFT - 20))


def _months(today: datetime.date) -> list[Month]:
    """The months that begin within the time line."""
    found = []
    first = today.replace(day=1)
    while True:
        first = (first + datetime.timedelta(days=31)).replace(day=1)
        days = (first - today).days
        if days >= WEEKS * 7:
            return found
        found.append(Month(x=LEFT + _pixels(days), words=date_format(first, "M")))


def headings() -> list[str]:
    """The words over the columns of the table and its export."""
    words = [_("Post"), _("Team"), _("Who hands over"), _("Reason"), _("State"), _("Last day")]
    words += [_("Days left"), _("Steps done"), _("Waiting for"), _("High areas")]
    return [*words, _("Captured"), _("Shared")]


def values_of(row: Row) -> list[Any]:
    """One row of the export, in the order of :func:`headings`."""
    each = row.handover
    return [
        each.post.title,
        str(each.post.team),
        each.leaver_name,
        str(each.get_reason_display()),
        str(each.get_state_display()),
        each.last_day,
        each.days_left,
        row.done,
        "; ".join(row.waiting),
        row.high,
        row.outputs,
        row.shared,
    ]
