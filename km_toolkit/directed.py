"""The handovers that somebody directs: narrowed, counted, read in parts, and what is at stake."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.core.validators import slug_re
from django.db.models import CharField, Count, F, Q, QuerySet, Value

from km_pages.models import Team
from km_pages.prepared import Given, ask, fetch
from km_toolkit.models import (
    MANAGE_HANDOVERS,
    Handover,
    HandoverState,
    KnowledgeArea,
    Priority,
    Reason,
)
from km_toolkit.parts import given_person

MOST_RISKS = 20
OVER = (HandoverState.ACCEPTED, HandoverState.WITHDRAWN)


@dataclass(frozen=True)
class Choice:
    """What the board is narrowed to; empty: everything that is under way."""

    state: str = ""
    team: str = ""
    reason: str = ""

    @classmethod
    def read(cls, given: Any) -> Choice:
        """From the query of an address; what is not known narrows nothing."""
        state, reason = given.get("state", ""), given.get("reason", "")
        team = given.get("team", "")[:80]
        return cls(
            state=state if state in HandoverState.values else "",
            # A slug: anything else, NUL above all, is no team, and PostgreSQL refuses to look.
            team=team if slug_re.match(team) else "",
            reason=reason if reason in Reason.values else "",
        )

    def narrow(self, handovers: Any) -> Any:
        """Those of ``handovers`` that are chosen, the nearest last day first."""
        wanted = Q()
        if self.team:
            wanted &= Q(post__team__slug=self.team)
        if self.reason:
            wanted &= Q(reason=self.reason)
        if self.state:
            wanted &= Q(state=self.state)
        else:
            handovers = handovers.under_way()
        return (
            handovers.filter(wanted)
            .select_related("post__team", "line_manager")
            .order_by("last_day", "pk")
        )


@dataclass(frozen=True)
class Direction:
    """The handovers somebody directs: all for knowledge managers, one's people's for managers."""

    person: Any
    whole: bool

    @classmethod
    def of(cls, user: Any) -> Direction:
        """That of the account ``user``, who is signed in."""
        return cls(person=user.pk, whole=user.has_perm(MANAGE_HANDOVERS))

    def all(self, choice: Choice) -> QuerySet[Handover]:
        """Those that ``choice`` narrows to, as a queryset."""
        return choice.narrow(_directed(self.person, self.whole))

    def chosen(self, choice: Choice) -> Any:
        """Those that ``choice`` narrows to, to be read in parts."""
        return Chosen(self, choice)

    def teams(self) -> list[tuple[Any, ...]]:
        """The teams that the board can be narrowed to, as (slug, name). One query."""
        return ask(_teams, self.whole, person=self.person)

    def risks(self) -> list[Risk]:
        """Shared areas that come first and of which nothing is shared yet, highest score first.

        Scores describe areas; no people are ranked by them, so no names stand beside them.
        One query.
        """
        return [Risk(*row) for row in ask(_risks, self.whole, person=self.person)]


@dataclass(frozen=True)
class Chosen:
    """The chosen handovers for a paginator. A query to count them, and one for each part."""

    direction: Direction
    choice: Choice

    def count(self) -> int:
        """How many there are."""
        return next(iter(ask(_how_many, *self._shape, **self._given)), (0,))[0]

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Handover]:
        """Those of one part."""
        return fetch(_part, *self._shape, part.start, part.stop, **self._given)

    @property
    def _shape(self) -> tuple[Choice, bool]:
        # Which team it is makes no other SQL.
        narrowed = replace(self.choice, team="given" if self.choice.team else "")
        return narrowed, self.direction.whole

    @property
    def _given(self) -> dict[str, Any]:
        return {"person": self.direction.person, "team": self.choice.team}


@dataclass(frozen=True)
class Risk:
    """An area at stake."""

    title: str
    post: str
    score: int


def _directed(person: Any, whole: bool) -> Any:
    if whole:
        return Handover.objects.all()
    return Handover.objects.inside_for(person).filter(Q(line_manager=person) | Q(deputy=person))


def _narrowed(choice: Choice, whole: bool) -> Any:
    team: Any = Given("team", CharField()) if choice.team else ""
    return replace(choice, team=team).narrow(_directed(given_person(), whole))


def _how_many(choice: Choice, whole: bool) -> Any:
    found = _narrowed(choice, whole).order_by().annotate(one=Value(1)).values("one")
    return found.annotate(number=Count("pk")).values_list("number")


def _part(choice: Choice, whole: bool, first: int, last: int) -> Any:
    return _narrowed(choice, whole)[first:last]


def _teams(whole: bool) -> Any:
    handovers = _directed(given_person(), whole).order_by()
    return Team.objects.filter(pk__in=handovers.values("post__team")).values_list("slug", "name")


def _risks(whole: bool) -> Any:
    # As the index km_areas_by_score has them, which is gone through until there are enough.
    areas = KnowledgeArea.objects.filter(told_in_person=False).exclude(priority=Priority.NOT_NOW)
    shared = areas.filter(handover__areas_shared_at__isnull=False)
    bare = shared.exclude(outputs__shared_at__isnull=False).exclude(handover__state__in=OVER)
    if not whole:
        bare = bare.filter(handover__in=_directed(given_person(), whole).values("pk"))
    found = bare.annotate(points=F("criticality") * F("uniqueness") * F("urgency"))
    shown = found.values_list("title", "handover__post__title", "points")
    return shown.order_by("-points", "sort_order", "pk")[:MOST_RISKS]
