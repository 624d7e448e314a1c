"""What the log of a handover has noted of a change, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.wording import time_in_words
from km_toolkit.models import Handover, Priority, Reason, StepNumber

# Facts whose value is the key of a person: the name of the fact is enough.
PEOPLE = ("line_manager", "deputy", "successor")


def noted_in_words(data: Mapping[str, Any] | None, *, areas: bool) -> str:
    """What an entry's ``data`` says to a reader, such as "Night calls, High"; "" for nothing.

    Nothing about areas, unless the reader may read the ``areas``.
    """
    noted = data or {}
    if not areas and ("area" in noted or "title" in noted):
        return ""
    parts = [write(noted[name]) for name, write in WORDS.items() if noted.get(name)]
    parts += [_fact(name) for name in PEOPLE if name in noted]
    return ", ".join(each for each in parts if each)


def _fact(name: str) -> str:
    return str(Handover._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _reason(value: str) -> str:
    # Of a handover a reason is one of a list; of a step, a priority or a gap people write it.
    return str(Reason(value).label) if value in Reason.values else str(value)


def _day(value: str) -> str:
    day = parse_date(value)
    return _("last day %(day)s") % {"day": date_format(day, "j F Y")} if day else ""


def _rostered(value: int) -> str:
    return _("%(time)s rostered") % {"time": time_in_words(int(value))}


WORDS: dict[str, Callable[[Any], str]] = {
    "step": lambda value: str(StepNumber(int(value)).label),
    "title": str,
    "area": str,
    "priority": lambda value: str(Priority(value).label),
    "reason": _reason,
    "last_day": _day,
    "rostered_minutes": _rostered,
}
