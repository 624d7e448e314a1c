"""Mails of the handover service: plain text, one link, nothing that was told in confidence.

A holder who cannot take part is never written to. Links only show; a button acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from km_pages.models import Job, OutgoingMail
from km_pages.notifications import SEND_MAIL, send, send_secret, site_address, written
from km_toolkit.models import Handover, QuestionLink, who_wants
from km_toolkit.parts import INSIDE, parts_of
from km_toolkit.thanks import legacy_of


def _send(name: str, handover: Handover, people: Iterable[Any], view: str, **context: Any) -> None:
    away = handover.leaver_id if handover.holder_away else None
    reached = [each for each in people if each is not None and each.pk != away]
    link = site_address(reverse(f"km_toolkit:{view}", args=[handover.pk]))
    values = {"handover": handover, "post": handover.post, "link": link, **context}
    send(f"km_toolkit/email/{name}", reached, values)


def tell_started(handover: Handover, by: Any) -> None:
    """Tell whoever did not start it: the leaver first, and the manager if the leaver did."""
    others = [handover.leaver] if by != handover.leaver else [handover.line_manager]
    _send("started", handover, [each for each in others if each != by], "handover", by=by)


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
    people = [handover.line_manager]
    if handover.deputy_asked_at is not None:
        people.append(handover.deputy)
    _send(f"agree_{what}", handover, people, what)


def ask_helper(handover: Handover, person: Any) -> None:
    """Ask somebody to help."""
    _send("ask_helper", handover, [person], "help")


def tell_write_up_ready(handover: Handover) -> None:
    """Tell the holder that an interview waits for their word."""
    _send("write_up_ready", handover, [handover.leaver], "help")


def tell_gap(handover: Handover, gap: Any) -> None:
    """Ask the leaver, or the manager, what is still missing."""
    person = handover.line_manager if gap.to_manager else handover.leaver
    _send("gap", handover, [person], "accept", gap=gap)


def tell_accepted(handover: Handover) -> None:
    """Tell leaver and manager that the handover is accepted."""
    people = who_wants([handover.leaver, handover.line_manager], "news")
    _send("accepted", handover, people, "handover")


def remind(handover: Handover, person: Any, words: list[str]) -> None:
    """Tell somebody what waits for them, where they can do it."""
    # Whoever is only asked to help may not open the handover yet.
    view = "handover" if parts_of(handover, person) & INSIDE else "help"
    _send("reminder", handover, [person], view, words=words)


def write_after(handover: Handover) -> None:
    """Write to the address that the leaver has volunteered for after the last day."""
    opened = legacy_of(handover).opened if handover.thank_you else 0
    context = {"handover": handover, "post": handover.post, "opened": opened}
    context["link"] = site_address("/")
    subject, body = written("km_toolkit/email/afterwards", context)
    mail = OutgoingMail.objects.create(to=handover.email_afterwards, subject=subject, body=body)
    Job.objects.enqueue(SEND_MAIL, mail.pk)
