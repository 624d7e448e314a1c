"""How far a handover has come: read from its records, so that nothing can differ from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet, TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.prepared import ask_each
from km_pages.wording import person_name
from km_toolkit.models import (
    Agreed,
    Handover,
    HandoverState,
    HelpingState,
    Priority,
    SkippedStep,
    StepNumber,
)
from km_toolkit.parts import Part


class Standing(TextChoices):
    """How far a step has come."""

    NOT_STARTED = "not_started", gettext_lazy("Not started")
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    WAITING = "waiting", gettext_lazy("Waiting")
    DONE = "done", gettext_lazy("Done")
    SKIPPED = "skipped", gettext_lazy("Left out")


PAGES = {
    StepNumber.AREAS: "areas",
    StepNumber.REQUESTS: "questions",
    StepNumber.PRIORITIES: "priorities",
    StepNumber.PLAN: "plan",
    StepNumber.HELPER: "help",
    StepNumber.CAPTURE: "capture",
}


TONES = {
    Standing.NOT_STARTED: "quiet",
    Standing.IN_PROGRESS: "kind",
    Standing.WAITING: "warn",
    Standing.DONE: "good",
    Standing.SKIPPED: "quiet",
}


@dataclass(frozen=True)
class Step:
    """One step of one handover: how far it is, who must act, and a line about it."""

    number: StepNumber
    standing: Standing
    who: tuple[Part, ...]
    # Words are looked up when they are shown: a board shows few of the many steps it reads.
    say: Callable[[], str] = str
    # Filled for one reader, see :func:`told_to`.
    status: str = ""

    @property
    def detail(self) -> str:
        """A line about it."""
        return self.say()

    @property
    def title(self) -> str:
        """The step in words."""
        return str(self.number.label)

    @property
    def tone(self) -> str:
        """The kind of tag that says its standing."""
        return TONES[self.standing]

    @property
    def page(self) -> str:
        """The name of the view where it is done."""
        return PAGES[self.number]


@dataclass(frozen=True)
class Counts:
    """How much there is of everything, and the reasons of steps that are left out; read at once."""

    areas: int
    without_priority: int
    high: int
    outputs: int
    shared: int
    questions: int
    helpers: int
    asked: int
    actions: int
    actions_done: int
    skipped: dict[int, str]


Keys = Sequence[Any]


def _areas_of(keys: Keys) -> QuerySet[Any, Any]:
    return (
        Handover.objects.filter(pk__in=keys)
        .order_by()
        .annotate(
            areas_n=Count("areas"),
            without=Count("areas", filter=Q(areas__priority="")),
            high=Count("areas", filter=Q(areas__priority=Priority.HIGH)),
        )
        .values_list("pk", "areas_n", "without", "high")
    )


def _made_of(keys: Keys) -> QuerySet[Any, Any]:
    return (
        Handover.objects.filter(pk__in=keys)
        .order_by()
        .annotate(
            outputs_n=Count("outputs", distinct=True),
            shared=Count("outputs", filter=Q(outputs__shared_at__isnull=False), distinct=True),
            # What is held back counts nowhere: a number that grows would tell when somebody asked.
            questions_n=Count("requests", filter=Q(requests__released=True), distinct=True),
            helpers=Count("helping", filter=Q(helping__state=HelpingState.ACCEPTED), distinct=True),
            asked=Count("helping", filter=Q(helping__state=HelpingState.ASKED), distinct=True),
        )
        .values_list("pk", "outputs_n", "shared", "questions_n", "helpers", "asked")
    )


def _planned_of(keys: Keys) -> QuerySet[Any, Any]:
    return (
        Handover.objects.filter(pk__in=keys)
        .order_by()
        .annotate(
            actions_n=Count("actions", filter=~Q(actions__state="dropped")),
            done=Count("actions", filter=Q(actions__state="done")),
        )
        .values_list("pk", "actions_n", "done")
    )


def _skipped_of(keys: Keys) -> QuerySet[Any, Any]:
    found = SkippedStep.objects.filter(handover__pk__in=keys).order_by("handover", "step")
    return found.values_list("handover", "step", "reason")


def _rows(make: Callable[[Keys], QuerySet[Any, Any]], keys: list[int]) -> list[Any]:
    return ask_each(make, Handover._meta.pk, keys)


def counts_of(handovers: Any) -> dict[int, Counts]:
    """The counts of each of ``handovers`` (a queryset or list of keys). Four queries in all."""
    keys = [getattr(each, "pk", each) for each in handovers]
    made, planned = _by_key(_rows(_made_of, keys)), _by_key(_rows(_planned_of, keys))
    skipped: dict[int, dict[int, str]] = {}
    for key, step, reason in _rows(_skipped_of, keys):
        skipped.setdefault(key, {})[step] = reason
    return {
        key: Counts(*areas, *made[key], *planned[key], skipped=skipped.get(key, {}))
        for key, areas in _by_key(_rows(_areas_of, keys)).items()
    }


def _by_key(rows: Any) -> dict[int, Any]:
    return {row[0]: row[1:] for row in rows}


def steps_of(handover: Handover, counts: Counts | None = None) -> list[Step]:
    """The six steps of ``handover``. Four queries, none where ``counts`` are given."""
    counts = counts or counts_of([handover])[handover.pk]
    skipped = counts.skipped
    steps = []
    for number, read in (
        (StepNumber.AREAS, _areas),
        (StepNumber.REQUESTS, _requests),
        (StepNumber.PRIORITIES, _priorities),
        (StepNumber.PLAN, _plan),
        (StepNumber.HELPER, _helper),
        (StepNumber.CAPTURE, _capture),
    ):
        standing, who, say = read(handover, counts)
        if number in skipped and standing != Standing.DONE:
            standing, who, say = Standing.SKIPPED, (), partial(str, skipped[number])
        steps.append(Step(number, standing, who, say))
    return steps


Read = tuple[Standing, tuple[Part, ...], Callable[[], str]]


def _nothing() -> str:
    return ""


def _areas(handover: Handover, counts: Counts) -> Read:
    if not counts.areas:
        return Standing.NOT_STARTED, (Part.LEAVER,), _nothing

    def named() -> str:
        return _("%(n)s named") % {"n": counts.areas}

    if handover.areas_shared_at is None:
        return Standing.IN_PROGRESS, (Part.LEAVER,), named
    return Standing.DONE, (), named


def _requests(handover: Handover, counts: Counts) -> Read:
    if handover.questions_opened_at is None:
        return Standing.NOT_STARTED, (Part.LEAVER,), _nothing

    def asked() -> str:
        return _("%(n)s questions") % {"n": counts.questions}

    if handover.questions_are_open:
        return Standing.WAITING, (Part.TEAM,), asked
    return Standing.DONE, (), asked


def _priorities(handover: Handover, counts: Counts) -> Read:
    if handover.priorities == Agreed.YES:
        return Standing.DONE, (), lambda: str(Agreed.YES.label)
    if handover.priorities_asked_at is not None:
        return Standing.WAITING, (Part.MANAGER,), lambda: str(handover.get_priorities_display())
    if counts.areas and counts.without_priority < counts.areas:
        return Standing.IN_PROGRESS, (Part.LEAVER,), _nothing
    return Standing.NOT_STARTED, (Part.LEAVER,), _nothing


def _plan(handover: Handover, counts: Counts) -> Read:

    def planned() -> str:
        return _("%(done)s of %(n)s done") % {"done": counts.actions_done, "n": counts.actions}

    if handover.plan == Agreed.YES:
        return Standing.DONE, (), planned
    if handover.plan_asked_at is not None:
        return Standing.WAITING, (Part.MANAGER,), planned
    if counts.actions:
        return Standing.IN_PROGRESS, (Part.LEAVER,), planned
    return Standing.NOT_STARTED, (Part.LEAVER,), _nothing


def _helper(handover: Handover, counts: Counts) -> Read:
    if counts.helpers:
        return Standing.DONE, (), _nothing
    if counts.asked:
        return Standing.WAITING, (Part.ASKED_TO_HELP,), _nothing
    return Standing.NOT_STARTED, (Part.MANAGER,), _nothing


def _capture(handover: Handover, counts: Counts) -> Read:
    if not counts.outputs:
        return Standing.NOT_STARTED, (Part.LEAVER,), _nothing

    def shared() -> str:
        return _("%(shared)s of %(n)s shared") % {"shared": counts.shared, "n": counts.outputs}

    if counts.shared == counts.outputs:
        return Standing.DONE, (), shared
    return Standing.IN_PROGRESS, (Part.LEAVER,), shared


def told_to(parts: frozenset[Part], handover: Handover, steps: list[Step]) -> list[Step]:
    """``steps`` with what stands beside each for a reader with ``parts``: who is waited for.

    People are named, and the reader is "you". No query, where leaver and manager are at hand.
    """
    return [replace(step, status=_status(step, parts, handover)) for step in steps]


def _status(step: Step, parts: frozenset[Part], handover: Handover) -> str:
    if not step.who:
        return str(step.standing.label)
    # Nobody alone is the team.
    mine = set(step.who) & (parts - {Part.TEAM})
    who = _("you") if mine else called(step.who[0], handover)
    if step.standing == Standing.WAITING:
        return _("Waiting for %(who)s") % {"who": who}
    return _("%(how)s: %(who)s") % {"how": step.standing.label, "who": who}


def called(part: Part, handover: Handover) -> str:
    """Who has ``part`` in ``handover``, by name where it is one person."""
    if part == Part.LEAVER and not handover.holder_away:
        return handover.leaver_name
    if part in (Part.LEAVER, Part.MANAGER):
        return person_name(handover.line_manager) or _("the line manager")
    return _("the team") if part == Part.TEAM else _("an answer")


@dataclass(frozen=True)
class Next:
    """What somebody can do now, in words, and the name of the view where it is done."""

    title: str
    page: str


def next_for(handover: Handover, steps: list[Step], parts: frozenset[Part]) -> Next | None:
    """The first thing that somebody with ``parts`` can do something about now.

    What waits for somebody by name comes before what waits for the whole team. Whoever comes next
    says what they understood as soon as something is shared.
    """
    if handover.state not in (HandoverState.DRAFT, HandoverState.OPEN):
        return None
    own = parts - {Part.TEAM}
    for step in steps:
        if set(step.who) & own:
            return Next(step.title, step.page)
    capture = steps[-1]
    shares = capture.number == StepNumber.CAPTURE and capture.standing != Standing.NOT_STARTED
    if Part.SUCCESSOR in parts and shares:
        return Next(_("Say what you have understood, and what is missing"), "accept")
    if Part.TEAM in parts and handover.questions_are_open:
        return Next(_("Ask what you would like to know"), "ask")
    return None


def what_waits_for_manager(handover: Handover) -> str:
    """The page on which the line manager is waited for: ``priorities`` or ``plan``."""
    asked = handover.plan_asked_at is not None and handover.plan != Agreed.YES
    return "plan" if asked and handover.priorities == Agreed.YES else "priorities"


def days_in_words(handover: Handover) -> str:
    """How long there is, as a sentence."""
    left, day = handover.days_left, date_format(handover.last_day, "j F Y")
    if left > 1:
        return _("%(n)s days left, until %(day)s.") % {"n": left, "day": day}
    if left == 1:
        return _("One day left: tomorrow is the last.")
    if left == 0:
        return _("Today is the last day.")
    return _("The last day was %(day)s.") % {"day": day}
