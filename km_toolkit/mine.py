"""The handovers somebody has a part in: one rule for their list, their page and their calendar."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from km_pages.models import Team
from km_pages.navigation import MyPart
from km_toolkit.models import Handover, HandoverState, Helping, HelpingState
from km_toolkit.parts import Part
from km_toolkit.standing import counts_of, next_for, steps_of

MOST = 50


def handovers_of(person: Any) -> QuerySet[Handover]:
    """Those in which ``person`` has a part of their own, whatever else they may see."""
    own = Q(leaver=person) | Q(line_manager=person) | Q(deputy=person) | Q(successor=person)
    helps = Helping.objects.filter(person=person, state=HelpingState.ACCEPTED)
    return Handover.objects.seen_by(person).filter(own | Q(pk__in=helps.values("handover")))


def asking(person: Any) -> list[Handover]:
    """Those whose team ``person`` is in, and which take questions now."""
    found = Handover.objects.open().filter(
        post__team__in=Team.objects.with_member(person),
        questions_opened_at__isnull=False,
        questions_closed_at=None,
    )
    others = found.exclude(leaver=person).select_related("post__team", "leaver")
    return [each for each in others[:MOST] if each.questions_are_open]


def asked_to_help(person: Any) -> list[Helping]:
    """Those who wait for a yes or no of ``person``."""
    asked = Helping.objects.filter(
        person=person, state=HelpingState.ASKED, handover__state=HandoverState.OPEN
    )
    return list(asked.select_related("handover__post__team")[:MOST])


def handovers_on_my_page(request: HttpRequest) -> list[MyPart]:
    """What waits for the reader in handovers, and their mails. A constant number of queries."""
    person = request.user
    rows = handovers_of(person).under_way().select_related("post").prefetch_related("skipped")
    listed = list(rows.order_by("last_day", "pk")[:MOST])
    counts = counts_of(listed)
    waiting = []
    for each in listed:
        step = next_for(each, steps_of(each, counts[each.pk]), _parts(each, person))
        if step is not None:
            words = _("%(post)s: %(step)s") % {"post": each.post.title, "step": step.title}
            waiting.append((words, reverse(f"km_toolkit:{step.page}", args=[each.pk])))
    for helping in asked_to_help(person):
        words = _("%(post)s: can you help?") % {"post": helping.handover.post.title}
        waiting.append((words, reverse("km_toolkit:help", args=[helping.handover_id])))
    for each in asking(person):
        words = _("%(post)s: what would you like to know?") % {"post": each.post.title}
        waiting.append((words, reverse("km_toolkit:ask", args=[each.pk])))
    text = "" if waiting else _("Nothing waits for you in a handover.")
    links = (
        (_("All my handovers"), reverse("km_toolkit:handovers")),
        (_("Mails and dates of handovers"), reverse("km_toolkit:mails")),
    )
    return [MyPart(_("Handovers"), text, links, tuple(waiting))]


def _parts(handover: Handover, person: Any) -> frozenset[Part]:
    """What ``person`` is in ``handover`` by name, read from the row alone."""
    managers = {handover.line_manager_id}
    if handover.deputy_asked_at is not None:
        managers.add(handover.deputy_id)
    if person.pk in managers:
        return frozenset({Part.MANAGER, *((Part.LEAVER,) if handover.holder_away else ())})
    if person.pk == handover.leaver_id:
        return frozenset({Part.LEAVER})
    comes_next = person.pk == handover.successor_id and handover.state == HandoverState.OPEN
    return frozenset({Part.SUCCESSOR} if comes_next else ())
