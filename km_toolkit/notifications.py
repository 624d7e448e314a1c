"""Mails of the handover service: plain text, one link, nothing that was told in confidence.

A holder who cannot take part is never written to. Links only show; a button acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from km_pages.models import Job, OutgoingMail
from km_pages.notifications import (
    SEND_MAIL,
    queue_all,
    send,
    send_secret,
    site_address,
    written,
)
from km_toolkit.actions.stop_letters import letter_token
from km_toolkit.models import Handover, HandoverState, HelpingState, QuestionLink, who_wants
from km_toolkit.parts import INSIDE, parts_of
from km_toolkit.thanks import legacy_of


def _send(name: str, handover: Handover, people: Iterable[Any], view: str, **context: Any) -> None:
    away = handover.leaver_id if handover.holder_away else None
    reached = [each for each in people if each is not None and each.pk != away]
    keys = [] if view == "handovers" else [handover.pk]
    link = site_address(reverse(f"km_toolkit:{view}", args=keys))
    values = {"handover": handover, "post": handover.post, "link": link, **context}
    send(f"km_toolkit/email/{name}", reached, values)


def tell_started(handover: Handover, by: Any) -> None:
    """Tell whoever did not start it: the leaver, or the manager where the leaver has started it.

    The leaver is told first: a manager who has not started it hears of it with the team.
    """
    to_leaver = by != handover.leaver and not handover.holder_away
    person = handover.leaver if to_leaver else handover.line_manager
    if person != by:
        _send("started", handover, [person], "handover", by=by, to_leaver=to_leaver)


def tell_confirmed(handover: Handover, by: Any) -> None:
    """Tell a manager who knows nothing of it yet, and the successor if one is named already."""
    known = (handover.leaver_id, handover.line_manager_id, by.pk)
    if handover.started_by_id not in known and not handover.holder_away:
        tell_manager(handover, by)
    tell_successor(handover)


def tell_manager(handover: Handover, by: Any) -> None:
    """Tell the line manager that they are one in this handover."""
    _send("started", handover, [handover.line_manager], "handover", by=by, to_leaver=False)


def tell_successor(handover: Handover) -> None:
    """Tell the successor that they are named, once the team may know."""
    if handover.state in (HandoverState.OPEN, HandoverState.PROVISIONAL):
        _send("successor", handover, [handover.successor], "handover")


def tell_new_people(handover: Handover, by: Any, changed: Iterable[str]) -> None:
    """Tell those who have come into it: ``changed`` names the facts that have changed."""
    if "line_manager" in changed and handover.line_manager != by:
        tell_manager(handover, by)
    if "successor" in changed and handover.successor != by:
        tell_successor(handover)


def tell_withdrawn(handover: Handover, by: Any, told: Iterable[Any]) -> None:
    """Tell leaver, manager and ``told``, who had a part, that it does not take place."""
    people = {handover.leaver, handover.line_manager, *told} - {by, None}
    _send("withdrawn", handover, people, "handovers", by=by)


def tell_team_to_ask(handover: Handover, by: Any) -> None:
    """Ask the team what they want to know."""
    people = handover.post.team.people.exclude(pk__in=[by.pk, handover.leaver_id or 0])
    wanted = who_wants(people, "questions")
    _send("ask_team", handover, wanted, "ask", until=handover.questions_until)


def tell_guest(link: QuestionLink, secret: str) -> None:
    """Send a guest the link to the question page."""
    handover = link.handover
    context = {
        "handover": handover,
        "post": handover.post,
        "until": handover.questions_until,
        "link": site_address(reverse("km_toolkit:ask_by_link", args=[secret])),
    }
    send_secret("km_toolkit/email/ask_guest", link.email, context)


def ask_manager(handover: Handover, what: str) -> None:
    """Ask the line manager, and the deputy where they are asked, to agree ``what``."""
    _send(f"agree_{what}", handover, [handover.line_manager], what)
    if handover.deputy_asked_at is not None:
        ask_deputy(handover, what)


def ask_deputy(handover: Handover, what: str) -> None:
    """Ask whoever stands in for the line manager to agree ``what``."""
    _send(f"agree_{what}", handover, [handover.deputy], what, stands_in=True)


def ask_helper(handover: Handover, person: Any) -> None:
    """Ask somebody to help."""
    _send("ask_helper", handover, [person], "help")


def tell_helper_answered(handover: Handover, helping: Any) -> None:
    """Tell whose handover it is that somebody helps, offers to, or cannot."""
    people = who_wants([_whose(handover)], "news")
    state = str(helping.state)
    _send("helper_answered", handover, people, "help", person=helping.person, state=state)


def _whose(handover: Handover) -> Any:
    """The leaver, or the line manager where they act in the leaver's place."""
    return handover.line_manager if handover.holder_away else handover.leaver


def tell_write_up_ready(handover: Handover) -> None:
    """Tell the holder that an interview waits for their word."""
    _send("write_up_ready", handover, [handover.leaver], "help")


def tell_gap(handover: Handover, gap: Any) -> None:
    """Ask the leaver, or the manager, what is still missing."""
    person = handover.line_manager if gap.to_manager else handover.leaver
    _send("gap", handover, [person], "accept", gap=gap)


def tell_gap_settled(handover: Handover, gap: Any) -> None:
    """Tell whoever missed something that it is answered, or may stay open."""
    _send("gap_settled", handover, who_wants([gap.raised_by], "news"), "accept")


def tell_accepted(handover: Handover, by: Any) -> None:
    """Tell leaver, manager and helpers that the handover is accepted, for good or for now."""
    helpers = handover.helping.filter(state=HelpingState.ACCEPTED).select_related("person")
    people = [handover.leaver, handover.line_manager, *(each.person for each in helpers)]
    wanted = who_wants([each for each in people if each != by], "news")
    _send("accepted", handover, wanted, "handover")


@dataclass(frozen=True)
class Waiting:
    """What waits for one person in one handover, in words."""

    handover: Handover
    person: Any
    words: list[str]

    @property
    def key(self) -> tuple[int, Any]:
        """The keys of both."""
        return self.handover.pk, self.person.pk


def reminders(waiting: Iterable[Waiting]) -> list[OutgoingMail | None]:
    """A mail for each of ``waiting``, not sent yet; none where there is no address."""
    root = site_address("")
    return [_reminder(each, root) for each in waiting]


def _reminder(waiting: Waiting, root: str) -> OutgoingMail | None:
    handover, person = waiting.handover, waiting.person
    if not person.email or (handover.holder_away and person.pk == handover.leaver_id):
        return None
    # Whoever is only asked to help may not open the handover yet; the others it waits for may.
    named = {handover.line_manager_id, handover.leaver_id}
    named |= {handover.deputy_id, handover.successor_id}
    inside = person.pk in named or bool(parts_of(handover, person) & INSIDE)
    view = "handover" if inside else "help"
    link = root + reverse(f"km_toolkit:{view}", args=[handover.pk])
    values = {"handover": handover, "post": handover.post, "link": link, "words": waiting.words}
    subject, body = written("km_toolkit/email/reminder", values)
    return OutgoingMail(to=person.email, subject=subject, body=body)


def queue(mails: list[OutgoingMail]) -> None:
    """Have ``mails`` sent, if the transaction that is open is committed."""
    queue_all(mails)


def write_after(handover: Handover) -> None:
    """Write to the address that the leaver has volunteered for after the last day."""
    opened = legacy_of(handover).opened if handover.thank_you else 0
    context = {"handover": handover, "post": handover.post, "opened": opened}
    context["link"] = site_address(reverse("km_toolkit:letter", args=[letter_token(handover)]))
    subject, body = written("km_toolkit/email/afterwards", context)
    mail = OutgoingMail.objects.create(to=handover.email_afterwards, subject=subject, body=body)
    Job.objects.enqueue(SEND_MAIL, mail.pk)
