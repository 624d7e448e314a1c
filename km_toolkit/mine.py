"""The handovers somebody has a part in: one rule for their list, their page and their calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.models import Team
from km_pages.navigation import MyPart
from km_pages.prepared import fetch
from km_toolkit.models import MANAGE_HANDOVERS, Handover, HandoverState, Helping, HelpingState
from km_toolkit.parts import Part, given_person, groups_of_given_person
from km_toolkit.standing import Standing, Step, counts_of, days_in_words, next_for, steps_of

MOST = 50


@dataclass(frozen=True)
class Slip:
    """One handover in the list of somebody's own, with all that stands on it worked out."""

    handover: Handover
    steps: list[Step]

    @property
    def address(self) -> str:
        """Its task list."""
        return reverse("km_toolkit:handover", args=[self.handover.pk])

    @property
    def days(self) -> str:
        """How long there is."""
        return days_in_words(self.handover)

    @property
    def progress(self) -> list[tuple[str, str]]:
        """Of each step how it is drawn, and how far it is in words."""
        labels = {each.value: str(each.label) for each in Standing}
        return [
            (DRAWN.get(step.standing, "begun"), f"{step.title}: {labels[step.standing]}")
            for step in self.steps
        ]


DRAWN = {Standing.DONE: "done", Standing.SKIPPED: "skipped", Standing.NOT_STARTED: ""}


def handovers_of(person: Any) -> QuerySet[Handover]:
    """Those in which ``person`` has a part of their own, whatever else they may see."""
    return _with_part(Handover.objects.seen_by(person), person)


def _with_part(seen: QuerySet[Handover], person: Any) -> QuerySet[Handover]:
    own = Q(leaver=person) | Q(line_manager=person) | Q(deputy=person) | Q(successor=person)
    helps = Helping.objects.filter(person=person, state=HelpingState.ACCEPTED)
    return seen.filter(own | Q(pk__in=helps.values("handover")))


def listed_for(person: Any, *, under_way: bool = False) -> list[Handover]:
    """The first of :func:`handovers_of`, the nearest last day first, with post and team.

    One query.
    """
    if not person.is_authenticated or not person.is_active:
        return []
    whole = person.has_perm(MANAGE_HANDOVERS)
    return fetch(_listed, whole, under_way, person=person.pk)


def _listed(whole: bool, under_way: bool) -> QuerySet[Handover]:
    person = given_person()
    seen = Handover.objects.all() if whole else Handover.objects.inside_for(person)
    seen = seen.under_way() if under_way else seen
    found = _with_part(seen, person).select_related("post__team")
    return found.order_by("last_day", "pk")[:MOST]


@dataclass(frozen=True)
class Asking:
    """A handover in which one's team is asked, as the list shows it."""

    title: str
    address: str
    words: str

    @classmethod
    def of(cls, handover: Handover) -> Asking:
        """That of ``handover``."""
        day = date_format(handover.last_day, "j F Y")
        words = _("%(who)s, last day %(day)s") % {"who": handover.leaver_name, "day": day}
        address = reverse("km_toolkit:ask", args=[handover.pk])
        return cls(str(handover.post.title), address, words)


def asking(person: Any) -> list[Handover]:
    """Those whose team ``person`` is in, and which take questions now. One query."""
    return [each for each in fetch(_asking, person=person.pk) if each.questions_are_open]


def _asking() -> QuerySet[Handover]:
    found = Handover.objects.open().filter(
        post__team__in=Team.objects.with_one_of(groups_of_given_person()),
        questions_opened_at__isnull=False,
        questions_closed_at=None,
    )
    return found.exclude(leaver=given_person()).select_related("post")[:MOST]


def asked_to_help(person: Any) -> list[Helping]:
    """Those who wait for a yes or no of ``person``. One query."""
    return fetch(_asked_to_help, person=person.pk)


def _asked_to_help() -> QuerySet[Helping]:
    asked = Helping.objects.filter(
        person=given_person(), state=HelpingState.ASKED, handover__state=HandoverState.OPEN
    )
    return asked.select_related("handover__post")[:MOST]


def handovers_on_my_page(request: HttpRequest) -> list[MyPart]:
    """What waits for the reader in handovers, and their mails. A constant number of queries."""
    person = request.user
    listed = listed_for(person, under_way=True)
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
