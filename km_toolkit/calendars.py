"""Dates of a handover for people's own calendars (RFC 5545)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.dates import calendar_text, escaped
from km_pages.notifications import site_address
from km_toolkit.mine import handovers_of
from km_toolkit.models import ActionState, Handover, Helping, HelpingState

MOST = 100


def calendar_of(handover: Handover, *, with_plan: bool) -> str:
    """An iCalendar text: the last day, the end of the questions and, ``with_plan``, due dates."""
    return _calendar(_events(handover, site_address(""), with_plan=with_plan))


def calendar_for(person: Any) -> str:
    """An iCalendar text with the dates of all handovers of ``person`` that are under way.

    Due dates stand in it where they may read the plan. A constant number of queries.
    """
    helps = set(
        Helping.objects.filter(person=person, state=HelpingState.ACCEPTED).values_list(
            "handover_id", flat=True
        )
    )
    near = (
        handovers_of(person)
        .under_way()
        .select_related("post")
        .prefetch_related("actions")
        .order_by("last_day", "pk")
    )
    site = site_address("")
    events = (
        _events(
            each,
            site,
            # Of those who see a handover, these read its areas before they are shared.
            with_plan=each.areas_shared_at is not None
            or each.leaver_id == person.pk
            or each.holder_away
            or each.pk in helps,
        )
        for each in near[:MOST]
    )
    return _calendar(chain.from_iterable(events))


def _calendar(events: Iterable[list[str]]) -> str:
    return calendar_text(_("Handovers"), events)


def _events(handover: Handover, site: str, *, with_plan: bool) -> Iterator[list[str]]:
    host = urlsplit(site).hostname or "localhost"
    for uid, day, words in _days(handover, with_plan=with_plan):
        yield [
            "BEGIN:VEVENT",
            f"UID:{uid}@{host}",
            f"DTSTAMP:{timezone.now():%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"SUMMARY:{escaped(words)}",
            "TRANSP:TRANSPARENT",
            f"URL:{site}{reverse('km_toolkit:handover', args=[handover.pk])}",
            "END:VEVENT",
        ]


def _days(handover: Handover, *, with_plan: bool) -> Iterator[tuple[str, datetime.date, str]]:
    post = handover.post.title
    key = f"handover-{handover.pk}"
    yield f"{key}-last-day", handover.last_day, _("Last day: %(post)s") % {"post": post}
    if handover.questions_until:
        words = _("Questions close: %(post)s") % {"post": post}
        yield f"{key}-questions", handover.questions_until, words
    if with_plan:
        for action in handover.actions.all():
            if action.state == ActionState.PLANNED:
                yield f"{key}-{action.key}", action.due, action.title
