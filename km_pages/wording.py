"""Figures in words, the same on every page, card, mail and print."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from km_pages.visibility import Visibility

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
KIBIBYTE = 1024
LONG_MINUTES = 120
MANY_NAMES = 4
# Lengths and groups are the same few all over a site; to look their words up takes longer.
MANY_FIGURES = 1_000


def minutes_in_words(low: int | None, high: int | None = None) -> str:
    """A length such as "20 to 45 minutes"; empty when neither limit is known.

    ``low`` and ``high`` are whole minutes; a missing one is an open end, not nought.
    """
    return _minutes(low, high, get_language())


@lru_cache(maxsize=MANY_FIGURES)
def _minutes(low: int | None, high: int | None, _language: str | None) -> str:
    if low is None:
        if high is None:
            return ""
        return _("up to %(high)s minutes") % {"high": number_format(high)}
    if high is None:
        return _("%(low)s minutes or more") % {"low": number_format(low)}
    if low == high:
        words = ngettext("%(number)s minute", "%(number)s minutes", low)
        return words % {"number": number_format(low)}
    both = {"low": number_format(low), "high": number_format(high)}
    return _("%(low)s to %(high)s minutes") % both


def person_name(person: Any) -> str:
    """How somebody is called on screen and in mails: their name, else what they sign in with."""
    return str(person.get_full_name() or person.get_username()) if person else ""


def time_in_words(minutes: int) -> str:
    """A length of time such as "2 hours 15 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": number_format(hours)})
    if rest or not hours:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", rest) % {"n": rest})
    return " ".join(parts)


def day_in_words(day: date) -> str:
    """A date such as "4 December 2026"."""
    return _day(day, get_language())


@lru_cache(maxsize=4_000)
def _day(day: date, _language: str | None) -> str:
    """Kept, because a list has twenty of them and Django takes as long for one as for a query."""
    return date_format(day, "j F Y")


def length_in_words(seconds: int | None) -> str:
    """How long a recording plays, such as "12:05 minutes" or "1:02:05 hours"; empty for none."""
    if not seconds:
        return ""
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return _("%(length)s minutes") % {"length": f"{minutes}:{rest:02}"}
    return _("%(length)s hours") % {"length": f"{minutes // 60}:{minutes % 60:02}:{rest:02}"}


def hours_in_words(low: int | None, high: int | None = None) -> str:
    """The same length in hours, such as "2 to 6 hours", to stand beside many minutes.

    Empty below two hours and for lengths that are no whole or half hours.
    """
    given = [each for each in (low, high) if each is not None]
    if not given or max(given) < LONG_MINUTES or any(each % 30 for each in given):
        return ""
    hours = [number_format(each / 60, 0 if each % 60 == 0 else 1) for each in given]
    if len(hours) == 1 or hours[0] == hours[1]:
        return _("%(number)s hours") % {"number": hours[0]}
    return _("%(low)s to %(high)s hours") % {"low": hours[0], "high": hours[1]}


def people_in_words(low: int | None, high: int | None = None) -> str:
    """A group such as "4 to 8 people"; "any number of people" when neither limit is known."""
    return _people(low, high, get_language())


@lru_cache(maxsize=MANY_FIGURES)
def _people(low: int | None, high: int | None, _language: str | None) -> str:
    if low is None:
        if high is None:
            return _("any number of people")
        return _("up to %(high)s people") % {"high": number_format(high)}
    if high is None:
        return _("%(low)s or more people") % {"low": number_format(low)}
    if low == high:
        words = ngettext("%(number)s person", "%(number)s people", low)
        return words % {"number": number_format(low)}
    both = {"low": number_format(low), "high": number_format(high)}
    return _("%(low)s to %(high)s people") % both


def size_in_words(size: int | None) -> str:
    """A file's size such as "240 kB" or "1.2 MB", from bytes; empty when unknown."""
    if size is None:
        return ""
    if size < KIBIBYTE:
        return ngettext("%(number)s byte", "%(number)s bytes", size) % {"number": size}
    kilobytes = size / KIBIBYTE
    if kilobytes < KIBIBYTE:
        return _("%(number)s kB") % {"number": number_format(round(kilobytes))}
    megabytes = kilobytes / KIBIBYTE
    if megabytes < KIBIBYTE:
        return _("%(number)s MB") % {"number": _short(megabytes)}
    return _("%(number)s GB") % {"number": _short(megabytes / KIBIBYTE)}


def _short(number: float) -> str:
    if number >= 10 or number == int(number):
        return number_format(round(number))
    return number_format(round(number, 1), 1)


SLIDES, SHEETS = ("pptx", "ppt", "odp"), ("xlsx", "xls", "ods")


def parts_in_words(name: str, number: int) -> str:
    """How many pages, slides or sheets a file has; ``name`` is its name or its ending."""
    ending = name.rpartition(".")[2].lower()
    if ending in SLIDES:
        words = ngettext("%(number)s slide", "%(number)s slides", number)
    elif ending in SHEETS:
        words = ngettext("%(number)s sheet", "%(number)s sheets", number)
    else:
        words = ngettext("%(number)s page", "%(number)s pages", number)
    return words % {"number": number_format(number)}


def who_sees(visibility: str, *, teams: Iterable[str] = (), people: int = 0) -> str:
    """Who sees something, as a sentence such as "Only Ward 7 and Outpatients see this".

    ``teams`` are the names of the home team and of those it is shared with; ``people`` is how
    many are named. Knows nothing of who asks.
    """
    if visibility == Visibility.OPEN:
        return _("Anyone can see this, also outside the organisation")
    if visibility == Visibility.ORGANISATION:
        return _("Everyone in the organisation sees this")
    if visibility == Visibility.NAMED:
        return _named_words(people)
    return _team_words([name for name in dict.fromkeys(teams) if name])


def _named_words(people: int) -> str:
    if not people:
        return _("Only the person who wrote it and its owner see this")
    words = ngettext(
        "Only its owner and %(number)s named person see this",
        "Only its owner and %(number)s named people see this",
        people,
    )
    return words % {"number": people}


def _team_words(names: list[str]) -> str:
    if not names:
        return _("Only its own team sees this")
    if len(names) == 1:
        return _("Only %(team)s sees this") % {"team": names[0]}
    if len(names) > MANY_NAMES:
        rest = len(names) - MANY_NAMES + 1
        more = ngettext("%(number)s more team", "%(number)s more teams", rest) % {"number": rest}
        names = [*names[: MANY_NAMES - 1], more]
    return _("Only %(teams)s see this") % {"teams": get_text_list(names, _("and"))}


def first_sentence(text: Any) -> str:
    """The first sentence of a plain text."""
    return SENTENCE_END.split(str(text or "").strip(), maxsplit=1)[0]
