"""Who has something to do in handovers, in words: read for many of them at once."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from km_toolkit.models import (
    ActionState,
    Agreed,
    Gap,
    Handover,
    HandoverState,
    Helping,
    HelpingState,
    Interview,
    InterviewState,
    KnowledgeOutput,
    TeamRequest,
    TransferAction,
)

SOON_DAYS = 7


@dataclass
class Pending:
    """What is open in one handover."""

    actions: list[TransferAction] = field(default_factory=list)
    helping: list[Helping] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unanswered: bool = False
    to_approve: bool = False
    written: bool = False


def pending_in(handovers: Iterable[Handover], today: datetime.date) -> dict[int, Pending]:
    """What is open in each of ``handovers``, by their keys. Six queries in all."""
    found = {each.pk: Pending() for each in handovers}
    keys = list(found)
    soon = today + datetime.timedelta(days=SOON_DAYS)
    planned = TransferAction.objects.filter(handover__in=keys, state=ActionState.PLANNED)
    for action in planned.filter(due__lte=soon).only("handover_id", "due", "title"):
        found[action.handover_id].actions.append(action)
    for helping in Helping.objects.filter(handover__in=keys).select_related("person"):
        found[helping.handover_id].helping.append(helping)
    for gap in Gap.objects.open().filter(handover__in=keys).only("handover_id", "to_manager"):
        found[gap.handover_id].gaps.append(gap)
    for key in _some(TeamRequest.objects.released().unanswered(), keys):
        found[key].unanswered = True
    for key in _some(Interview.objects.filter(state=InterviewState.READY), keys):
        found[key].to_approve = True
    for key in _some(KnowledgeOutput.objects.all(), keys):
        found[key].written = True
    return found


def _some(rows: Any, keys: list[int]) -> Any:
    """The handovers among ``keys`` that have some of ``rows``."""
    found = rows.filter(handover__in=keys).order_by()
    return found.values_list("handover_id", flat=True).distinct()


def asked_of_manager(handover: Handover) -> dict[str, datetime.date]:
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


def waiting_in(
    handover: Handover, today: datetime.date, pending: Pending | None = None
) -> dict[Any, list[str]]:
    """Who has to do what in ``handover`` now, in words. Nothing for a holder who is away.

    Without a query, where what is ``pending`` has been read.
    """
    pending = pending or pending_in([handover], today)[handover.pk]
    found: dict[Any, list[str]] = defaultdict(list)
    leaver = handover.line_manager if handover.holder_away else handover.leaver
    if handover.state == HandoverState.DRAFT:
        found[leaver].append(_("Say whether your team may know."))
        return _present(found)
    soon = today + datetime.timedelta(days=SOON_DAYS)
    found[leaver] += _waiting_for_leaver(handover, today, pending)
    asked = asked_of_manager(handover)
    words = {"priorities": _("Agree what comes first."), "plan": _("Agree the plan.")}
    managers = [handover.line_manager]
    if handover.deputy_asked_at is not None:
        managers.append(handover.deputy)
    for manager in managers:
        found[manager] += [words[each] for each in asked]
    for helping in pending.helping:
        if helping.state == HelpingState.ASKED:
            found[helping.person].append(_("Say whether you can help."))
        elif helping.state == HelpingState.VOLUNTEERED:
            found[leaver].append(_("Say yes to somebody who offers to help, or ask somebody else."))
    for gap in pending.gaps:
        person = handover.line_manager if gap.to_manager else leaver
        found[person].append(_("Answer what is still missing."))
    if handover.state == HandoverState.OPEN and handover.last_day <= soon:
        _waiting_at_the_end(handover, today, found)
    return _present(found)


def _waiting_for_leaver(handover: Handover, today: datetime.date, pending: Pending) -> list[str]:
    found = []
    for action in pending.actions:
        words = _("Overdue: %(what)s") if action.due < today else _("Due soon: %(what)s")
        found.append(words % {"what": action.title})
    closed = handover.questions_opened_at is not None and not handover.questions_are_open
    if closed and pending.unanswered:
        found.append(_("Answer what your team has asked, or put it to an area."))
    if pending.to_approve:
        found.append(_("Read and approve what was written down of your interview."))
    soon = today + datetime.timedelta(days=SOON_DAYS)
    if today <= handover.last_day <= soon and not pending.written:
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
