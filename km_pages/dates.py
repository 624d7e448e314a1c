"""Dates for people's own calendars (iCalendar, RFC 5545)."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.utils import timezone

LINE = 75
FEBRUARY, LEAP_DAY = 2, 29


def calendar_text(name: str, events: Iterable[list[str]]) -> str:
    """An iCalendar text called ``name`` with ``events``, each the lines of a VEVENT."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Knowledge Mobilisation//Handover//EN"]
    lines += [f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT12H"]
    lines += chain.from_iterable(events)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def dated_entries(bodies: Iterable[Any]) -> list[Any]:
    """The entries of the "Dates to remember" in ``bodies`` that a calendar can place."""
    return [
        entry
        for body in bodies
        for block in body
        if block.block_type == "dates"
        for entry in block.value["entries"]
        if entry.get("date") or entry.get("month")
    ]


def events_of(entries: Iterable[Any], uid: str, link: str) -> Iterator[list[str]]:
    """Each of ``entries`` as an all-day event, coming back each year where it says so.

    One with a month and no day lasts that whole month. ``uid`` tells these events from all others,
    ``link`` leads to where they were written down.
    """
    for number, entry in enumerate(entries, start=1):
        first, after = _span(entry, timezone.localdate())
        words = " ".join(each for each in (entry.get("when_text"), entry.get("note")) if each)
        lines = [
            "BEGIN:VEVENT",
            f"UID:{uid}-{number}",
            f"DTSTAMP:{timezone.now():%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{after:%Y%m%d}",
            f"SUMMARY:{escaped(entry['what'])}",
        ]
        if entry.get("every_year"):
            lines.append(_every_year(first))
        if words:
            lines.append(f"DESCRIPTION:{escaped(words)}")
        yield [*lines, "TRANSP:TRANSPARENT", f"URL:{link}", "END:VEVENT"]


def _span(entry: Any, today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The first day, and the first day after it."""
    day: datetime.date | None = entry.get("date")
    if day:
        return day, day + datetime.timedelta(days=1)
    first = datetime.date(today.year, int(entry["month"]), 1)
    days = calendar.monthrange(first.year, first.month)[1]
    return first, first + datetime.timedelta(days=days)


def _every_year(first: datetime.date) -> str:
    # On 29 February by the letter, it would come back every fourth year.
    if (first.month, first.day) == (FEBRUARY, LEAP_DAY):
        return "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"
    return "RRULE:FREQ=YEARLY"


def escaped(text: Any) -> str:
    """Text as RFC 5545, section 3.3.11, wants it; no line break can begin a line of its own."""
    words = " ".join(str(text).split())
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def folded(line: str) -> Iterator[str]:
    """``line`` in parts of at most 75 bytes, never inside a character (section 3.1)."""
    part = ""
    for character in line:
        if len((part + character).encode()) > LINE:
            yield part
            part = " "
        part += character
    yield part
