"""What the clock does in handovers: reminders, questions that close, managers who are silent.

One bounded run a day. Everything it does is written with a mark that keeps a second run, or a
worker that was killed in between, from doing it again.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.actions.errors import ActionError
from km_pages.models import Job, JobState
from km_toolkit import notifications
from km_toolkit.actions.agree import ProceedUnagreed
from km_toolkit.actions.ask_team import CloseQuestions
from km_toolkit.actions.base import CLOCK
from km_toolkit.actions.start_handover import AskDeputy
from km_toolkit.models import (
    ActionState,
    Agreed,
    Handover,
    HandoverState,
    HelpingState,
    InterviewState,
    MailChoice,
    Reminder,
    working_days,
)
from km_toolkit.silence import silent_days
from km_toolkit.standing import what_waits_for_manager

DAILY_JOB = "km_toolkit.daily"
FIRST_HOUR = 8
SOON_DAYS = 7
LETTERS = {"after_4": 4, "after_12": 12}
MOST_HANDOVERS = 20_000
WEEK = datetime.timedelta(days=7)
# Whoever has not answered so long after the last day is not helped by another mail.
LAST_REMINDER = datetime.timedelta(weeks=12)


def run_once_a_day(now: datetime.datetime | None = None) -> int:
    """Let the clock act, from eight in the morning, once a day. Returns how many mails it wrote.

    Called every hour by the worker.
    """
    local = timezone.localtime(now)
    today = local.date()
    if local.hour < FIRST_HOUR or Job.objects.filter(kind=DAILY_JOB, target=str(today)).exists():
        return 0
    written = let_the_clock_act(today)
    Job.objects.filter(kind=DAILY_JOB).delete()
    Job.objects.create(
        kind=DAILY_JOB, target=str(today), state=JobState.DONE, finished_at=timezone.now()
    )
    return written


def let_the_clock_act(today: datetime.date) -> int:
    """Close, ask deputies, go on unagreed, remind. Returns how many mails were written."""
    written = 0
    people = ("leaver", "line_manager", "deputy", "successor", "post__team")
    handovers = Handover.objects.under_way().select_related(*people).order_by("pk")
    for handover in handovers[:MOST_HANDOVERS].iterator(chunk_size=200):
        _close_questions(handover, today)
        _silent_manager(handover, today)
        written += remind(handover, today)
    return written + sum(_letters(today, kind, weeks) for kind, weeks in LETTERS.items())


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
    waits = _what_the_manager_was_asked(handover)
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


def _what_the_manager_was_asked(handover: Handover) -> dict[str, datetime.date]:
    """Since when the line manager has been asked for each of the two that they agree."""
    asked = {
        "priorities": (handover.priorities, handover.priorities_asked_at),
        "plan": (handover.plan, handover.plan_asked_at),
    }
    return {
        name: timezone.localdate(moment)
        for name, (agreed, moment) in asked.items()
        if moment is not None and agreed != Agreed.YES
    }


def waiting_in(handover: Handover, today: datetime.date) -> dict[Any, list[str]]:
    """Who has to do what in ``handover`` now, in words. Nothing for a holder who is away."""
    found: dict[Any, list[str]] = defaultdict(list)
    leaver = handover.line_manager if handover.holder_away else handover.leaver
    if handover.state == HandoverState.DRAFT:
        found[leaver].append(_("Say whether your team may know."))
        return _present(found)
    soon = today + datetime.timedelta(days=SOON_DAYS)
    found[leaver] += _waiting_for_leaver(handover, today, soon)
    asked = _what_the_manager_was_asked(handover)
    words = {"priorities": _("Agree what comes first."), "plan": _("Agree the plan.")}
    managers = [handover.line_manager]
    if handover.deputy_asked_at is not None:
        managers.append(handover.deputy)
    for manager in managers:
        found[manager] += [words[each] for each in asked]
    for helping in handover.helping.select_related("person"):
        if helping.state == HelpingState.ASKED:
            found[helping.person].append(_("Say whether you can help."))
        elif helping.state == HelpingState.VOLUNTEERED:
            found[leaver].append(_("Say yes to somebody who offers to help, or ask somebody else."))
    for gap in handover.gaps.open():
        person = handover.line_manager if gap.to_manager else leaver
        found[person].append(_("Answer what is still missing."))
    if handover.state == HandoverState.OPEN and handover.last_day <= soon:
        _waiting_at_the_end(handover, today, found)
    return _present(found)


def _waiting_for_leaver(handover: Handover, today: datetime.date, soon: datetime.date) -> list[str]:
    found = []
    for action in handover.actions.filter(state=ActionState.PLANNED, due__lte=soon):
        words = _("Overdue: %(what)s") if action.due < today else _("Due soon: %(what)s")
        found.append(words % {"what": action.title})
    closed = handover.questions_opened_at is not None and not handover.questions_are_open
    if closed and handover.requests.released().unanswered().exists():
        found.append(_("Answer what your team has asked, or put it to an area."))
    if handover.interviews.filter(state=InterviewState.READY).exists():
        found.append(_("Read and approve what was written down of your interview."))
    if handover.last_day >= today and handover.last_day <= soon and not handover.outputs.exists():
        found.append(_("Nothing is written down yet. Five questions take 15 minutes."))
    return found


def _waiting_at_the_end(
    handover: Handover, today: datetime.date, found: dict[Any, list[str]]
) -> None:
    """Who has to say that it is understood: the successor, or the manager while there is none."""
    if handover.successor is not None:
        found[handover.successor].append(_("Say what you have understood, and what is missing."))
    elif handover.last_day <= today:
        words = _("Say who comes next, or accept it for now for the team.")
        found[handover.line_manager].append(words)


def _present(found: dict[Any, list[str]]) -> dict[Any, list[str]]:
    return {
        person: list(dict.fromkeys(words))
        for person, words in found.items()
        if words and person is not None and person.is_active
    }


def remind(handover: Handover, today: datetime.date) -> int:
    """Write each person who has something to do one mail in seven days, unless they want none."""
    waiting = waiting_in(handover, today) if today <= handover.last_day + LAST_REMINDER else {}
    if not waiting:
        return 0
    no = MailChoice.objects.filter(person__in=list(waiting), reminders=False)
    refused = set(no.values_list("person_id", flat=True))
    lately = handover.reminders.filter(kind="weekly", week__gt=today - WEEK, week__lte=today)
    refused |= set(lately.values_list("person_id", flat=True))
    written = 0
    for person, words in waiting.items():
        if person.pk not in refused:
            written += _once(
                {"handover": handover, "person": person, "week": today},
                lambda person=person, words=words: notifications.remind(handover, person, words),
            )
    return written


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
