"""Dates of a handover for people's own calendars (RFC 5545)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.notifications import site_address
from km_toolkit.models import ActionState, Handover

LINE = 75


def calendar_of(handover: Handover, *, with_plan: bool) -> str:
    """An iCalendar text: the last day, the end of the questions and, ``with_plan``, due dates."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Knowledge Mobilisation//Handover//EN"]
    for uid, day, words in _days(handover, with_plan=with_plan):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}",
            f"DTSTAMP:{timezone.now():%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"SUMMARY:{_escaped(words)}",
            f"URL:{site_address(reverse('km_toolkit:handover', args=[handover.pk]))}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _days(handover: Handover, *, with_plan: bool) -> Iterator[tuple[str, datetime.date, str]]:
    post = handover.post.title
    key = f"handover-{handover.pk}"
    yield f"{key}-last-day", handover.last_day, _("Last day: %(post)s") % {"post": post}
    if handover.questions_until:
        words = _("Questions close: %(post)s") % {"post": post}
        yield f"{key}-questions", handover.questions_until, words
    if with_plan:
        for action in handover.actions.filter(state=ActionState.PLANNED):
            yield f"{key}-{action.key}", action.due, action.title


def _escaped(text: str) -> str:
    """Text as RFC 5545, section 3.3.11, wants it; no line break can begin a line of its own."""
    text = " ".join(text.split())
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """``line`` in parts of at most 75 bytes, never inside a character (section 3.1)."""
    part = ""
    for character in line:
        if len((part + character).encode()) > LINE:
            yield part
            part = " "
        part += character
    yield part
