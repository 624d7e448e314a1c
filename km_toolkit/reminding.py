"""What the clock does in handovers: reminders, questions that close, managers who are silent.

One bounded job a day, a hundred handovers at a time. Everything it does is written with a mark
that keeps a second run, or the next worker after one that was killed, from doing it again.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from km_pages.actions.errors import ActionError
from km_pages.models import Job, JobState
from km_toolkit import notifications
from km_toolkit.actions.agree import ProceedUnagreed
from km_toolkit.actions.ask_team import CloseQuestions
from km_toolkit.actions.base import CLOCK
from km_toolkit.actions.start_handover import AskDeputy
from km_toolkit.models import (
    Agreed,
    Handover,
    HandoverState,
    MailChoice,
    Reminder,
    working_days,
)
from km_toolkit.notifications import Waiting
from km_toolkit.silence import silent_days
from km_toolkit.standing import what_waits_for_manager
from km_toolkit.waiting import asked_of_manager, pending_in, waiting_in

DAILY_JOB = "km_toolkit.daily"
FIRST_HOUR = 8
CHUNK = 100
TRIES = 3
LETTERS = {"after_4": 4, "after_12": 12}
MOST_HANDOVERS = 20_000
WEEK = datetime.timedelta(days=7)
# Whoever has not answered so long after the last day is not helped by another mail.
LAST_REMINDER = datetime.timedelta(weeks=12)


def run_once_a_day(now: datetime.datetime | None = None) -> int:
    """Have the clock act, from eight in the morning, once a day. Returns how many jobs it made.

    Called every hour by the worker. The job has a lease: whoever takes it renews it while they
    work, and where they are killed another goes on.
    """
    local = timezone.localtime(now)
    today = str(local.date())
    if local.hour < FIRST_HOUR or Job.objects.filter(kind=DAILY_JOB, target=today).exists():
        return 0
    Job.objects.filter(kind=DAILY_JOB).exclude(state=JobState.RUNNING).delete()
    Job.objects.enqueue(DAILY_JOB, today)
    return 1


def act_on(day: str) -> None:
    """The daily job: let the clock act on ``day``, such as 2026-12-04."""
    let_the_clock_act(datetime.date.fromisoformat(day))


def daily_tasks() -> dict[str, Any]:
    """What the worker can do besides: see the hook ``km_tasks``."""
    return {DAILY_JOB: act_on}


def let_the_clock_act(today: datetime.date) -> int:
    """Close, ask deputies, go on unagreed, remind. Returns how many mails were written."""
    written = 0
    for handovers in _chunks():
        for handover in handovers:
            _close_questions(handover, today)
            _silent_manager(handover, today)
        written += _remind(handovers, today)
    return written + sum(_letters(today, kind, weeks) for kind, weeks in LETTERS.items())


def _chunks() -> Iterator[list[Handover]]:
    """Those under way, at most ``MOST_HANDOVERS``, a hundred at a time."""
    people = ("leaver", "line_manager", "deputy", "successor", "post__team")
    handovers = Handover.objects.under_way().select_related(*people).order_by("pk")
    last = 0
    for _number in range(0, MOST_HANDOVERS, CHUNK):
        chunk = list(handovers.filter(pk__gt=last)[:CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1].pk


def _close_questions(handover: Handover, today: datetime.date) -> None:
    until = handover.questions_until
    if until is not None and until < today and handover.questions_closed_at is None:
        _act(CloseQuestions, handover)


def _act(action: Any, handover: Handover) -> bool:
    try:
        action(handover=handover, by=CLOCK).execute()
    except ActionError:
        # Somebody was quicker, or it cannot be done any more: nothing is left to do.
        return False
    return True


def _silent_manager(handover: Handover, today: datetime.date) -> None:
    """Ask the deputy after some silence, and let work go on after as much again."""
    waits = asked_of_manager(handover)
    if handover.state != HandoverState.OPEN or not waits:
        return
    days = silent_days(handover, today)
    asked = min(waits.values())
    if handover.deputy_id and handover.deputy_asked_at is None:
        if working_days(asked, today) >= days:
            # Together, so that a worker that dies in between has asked nobody without a mail.
            with transaction.atomic():
                if _act(AskDeputy, handover):
                    notifications.ask_deputy(handover, what_waits_for_manager(handover))
        return
    # The plan goes on as it is: to ask for it has made it one that is proposed, not agreed.
    if handover.priorities not in (Agreed.NO, Agreed.REOPENED) or "priorities" not in waits:
        return
    since = waits["priorities"]
    if handover.deputy_asked_at is not None:
        since = max(since, timezone.localdate(handover.deputy_asked_at))
    if working_days(since, today) >= days:
        _act(ProceedUnagreed, handover)


def _remind(handovers: list[Handover], today: datetime.date) -> int:
    """Write each person who has something to do one mail in seven days, unless they want none.

    Read for all of ``handovers`` at once, and written in one transaction.
    """
    near = [each for each in handovers if today <= each.last_day + LAST_REMINDER]
    pending = pending_in(near, today)
    waiting = [
        Waiting(each, person, words)
        for each in near
        for person, words in waiting_in(each, today, pending[each.pk]).items()
    ]
    people = {each.person.pk for each in waiting}
    no = MailChoice.objects.filter(person__in=people, reminders=False)
    refused = set(no.values_list("person_id", flat=True))
    lately = _reminded(near, today)
    due = [each for each in waiting if each.person.pk not in refused and each.key not in lately]
    return _write(due, notifications.reminders(due), today) if due else 0


def _reminded(handovers: Iterable[Handover], today: datetime.date) -> set[tuple[int, Any]]:
    """Who has been written to in which of ``handovers`` in the last seven days."""
    lately = Reminder.objects.filter(kind="weekly", week__gt=today - WEEK, week__lte=today)
    rows = lately.filter(handover__in=list(handovers))
    return set(rows.values_list("handover_id", "person_id"))


def _write(due: list[Waiting], mails: list[Any], today: datetime.date) -> int:
    """Write ``mails`` together with their marks. Returns how many of ``due`` were not marked yet.

    Marks and mails are written or neither, so that a worker that is killed has sent nothing that
    the next does not know of. Of two workers at once the slower looks again at what is left.
    """
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                lately = _reminded((each.handover for each in due), today)
                left = [
                    (each, mail)
                    for each, mail in zip(due, mails, strict=True)
                    if each.key not in lately
                ]
                Reminder.objects.bulk_create(
                    [
                        Reminder(handover=each.handover, person=each.person, week=today)
                        for each, _mail in left
                    ]
                )
                notifications.queue([mail for _each, mail in left if mail is not None])
            return len(left)
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
    return 0


def _once(mark: dict[str, Any], write: Any) -> int:
    """Write a mail together with its mark, unless the mark is there. Returns 1 or 0."""
    if Reminder.objects.filter(**mark).exists():
        return 0
    try:
        with transaction.atomic():
            Reminder.objects.create(**mark)
            write()
    except IntegrityError:
        return 0
    return 1


def _letters(today: datetime.date, kind: str, weeks: int) -> int:
    """The letters after the last day, only to an address that the leaver has volunteered."""
    day = today - datetime.timedelta(weeks=weeks)
    written = 0
    due = Handover.objects.exclude(state=HandoverState.WITHDRAWN).exclude(email_afterwards="")
    # Whoever cannot take part any more is not written to, whatever they have offered before.
    due = due.filter(holder_away=False)
    # A worker that was off for some days writes a little later; nobody is written to for old ones.
    first = day - datetime.timedelta(days=14)
    for handover in due.filter(last_day__lte=day, last_day__gt=first).exclude(reminders__kind=kind):
        mark = {"handover": handover, "kind": kind, "week": today}
        written += _once(mark, lambda handover=handover: notifications.write_after(handover))
    return written
