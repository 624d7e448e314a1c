"""Count what people learned, for teams and knowledge managers, so that nobody can be made out.

Three rules. A number that fewer than five people stand behind is not told, and not kept. Nor is
one from which such a number could be had by subtraction: where fewer than five people would be
left over between the whole and its parts, the next smallest part is left out as well. And a
quarter is counted once, after it is over, so that no difference from day to day tells what one
person did. Everybody counts in one team, the first of theirs: overlapping teams could be
subtracted from each other.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Min
from django.utils import timezone

from km_pages.models import Team, TechniquePage
from km_toolkit.models import (
    CountKind,
    LearningActivity,
    LearningCount,
    LearningEntry,
    LearningOrigin,
    LearningQuarter,
)

FEWEST = 5
MOST_QUARTERS = 12
USED = frozenset({LearningActivity.TOOK_PART, LearningActivity.FACILITATED})


@dataclass
class Pile:
    """A number and the people behind it."""

    value: int = 0
    people: set[int] = field(default_factory=set)

    def add(self, person: int, value: int) -> None:
        """Count ``value`` of ``person``."""
        self.value += value
        self.people.add(person)


def told(parts: Mapping[Hashable, AbstractSet[Any]]) -> tuple[set[Any], bool]:
    """Which of ``parts`` (who stands behind each) may be told, and whether their sum may.

    Nothing that is told, nor the sum less any of it, comes from fewer than five people, unless
    it comes from nobody at all.
    """
    ranked = sorted(parts, key=lambda part: (len(parts[part]), str(part)))
    shown = [part for part in ranked if len(parts[part]) >= FEWEST]
    hidden = set[Any]().union(*(parts[part] for part in ranked if part not in shown))
    while shown and 0 < len(hidden) < FEWEST:
        hidden |= parts[shown.pop(0)]
    everybody = set[Any]().union(*parts.values())
    return set(shown), len(everybody) >= FEWEST


def quarter_of(day: datetime.date) -> datetime.date:
    """The first day of the quarter of ``day``."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def after(quarter: datetime.date) -> datetime.date:
    """The first day of the quarter after ``quarter``."""
    return quarter_of(quarter + datetime.timedelta(days=100))


def count_quarters() -> int:
    """Count what is over and not counted yet; returns how many quarters. Safe to call again."""
    return sum(_count(quarter) for quarter in list(_uncounted()))


def _uncounted() -> Iterator[datetime.date]:
    first = LearningEntry.objects.aggregate(first=Min("begun_at"))["first"]
    if first is None:
        return
    now = quarter_of(timezone.localdate())
    quarter = max(quarter_of(timezone.localdate(first)), _years_before(now))
    known = set(LearningQuarter.objects.values_list("starts", flat=True))
    while quarter < now:
        if quarter not in known:
            yield quarter
        quarter = after(quarter)


def _years_before(quarter: datetime.date) -> datetime.date:
    return quarter.replace(year=quarter.year - MOST_QUARTERS // 4)


def _count(quarter: datetime.date) -> bool:
    """Count one quarter: what was first recorded in it and counts now. Six queries."""
    try:
        with transaction.atomic():
            row = LearningQuarter.objects.create(starts=quarter)
            LearningCount.objects.bulk_create(_counts_of(row))
    except IntegrityError:
        # Another worker was first.
        return False
    return True


def _counts_of(quarter: LearningQuarter) -> Iterator[LearningCount]:
    rows = list(_rows(quarter.starts))
    teams = team_of_each({row["owner_id"] for row in rows})
    by_team: dict[str, dict[Any, Pile]] = {kind: defaultdict(Pile) for kind in CountKind.values}
    by_page: dict[Any, Pile] = defaultdict(Pile)
    for row in rows:
        person, team = row["owner_id"], teams.get(row["owner_id"])
        by_team[CountKind.MINUTES][team].add(person, row["minutes"])
        if row["origin"] == LearningOrigin.MODULE:
            by_team[CountKind.MODULES][team].add(person, 1)
        if row["activity"] in USED and row["page_id"] is not None:
            by_team[CountKind.USES][team].add(person, 1)
            by_page[row["page_id"]].add(person, 1)
    for kind, piles in by_team.items():
        yield from _told(quarter, kind, piles, "team_id")
    yield from _told(quarter, CountKind.USES, _by_technique(by_page), "page_id", whole=False)


def _by_technique(by_page: Mapping[Any, Pile]) -> dict[Any, Pile]:
    """The piles of techniques; those of all other pages as one, without a name.

    The sum of all uses is told beside them. What is no technique is a part of it like any other:
    left out here, it could be had by subtraction.
    """
    techniques = set(TechniquePage.objects.filter(pk__in=by_page).values_list("pk", flat=True))
    piles: dict[Any, Pile] = {pk: pile for pk, pile in by_page.items() if pk in techniques}
    for pk in by_page.keys() - techniques:
        other = piles.setdefault(None, Pile())
        other.value += by_page[pk].value
        other.people |= by_page[pk].people
    return piles


def _told(
    quarter: LearningQuarter,
    kind: str,
    piles: Mapping[Any, Pile],
    name: str,
    *,
    whole: bool = True,
) -> Iterator[LearningCount]:
    """Rows for ``piles``, without a value where it may not be told; and for their sum."""
    shown, sum_shown = told({key: pile.people for key, pile in piles.items()})
    for key, pile in piles.items():
        if key is not None:
            value = pile.value if key in shown else None
            yield LearningCount(quarter=quarter, kind=kind, value=value, **{name: key})
    if whole and piles:
        value = sum(pile.value for pile in piles.values()) if sum_shown else None
        yield LearningCount(quarter=quarter, kind=kind, value=value)


def _rows(quarter: datetime.date) -> Any:
    """What was first recorded in ``quarter`` and counts."""
    zone = timezone.get_current_timezone()
    begin, end = (
        datetime.datetime.combine(day, datetime.time(), tzinfo=zone)
        for day in (quarter, after(quarter))
    )
    entries = LearningEntry.objects.current().filter(begun_at__gte=begin, begun_at__lt=end)
    return entries.order_by().values("owner_id", "minutes", "origin", "activity", "page_id")


def team_of_each(people: set[int]) -> dict[int, int]:
    """The one team in which each of ``people`` counts: the first of theirs. Two queries."""
    groups: dict[int, int] = {}
    for pk, members, stewards in Team.objects.order_by("-pk").values_list(
        "pk", "members_group", "stewards_group"
    ):
        groups[members] = groups[stewards] = pk
    user = get_user_model()
    inside = user._meta.get_field("groups").remote_field.through._default_manager
    found: dict[int, int] = {}
    for person, group in inside.filter(group__in=groups).values_list("user_id", "group_id"):
        if person in people:
            found[person] = min(groups[group], found.get(person, groups[group]))
    return found


@dataclass(frozen=True)
class CountTable:
    """One quarter as it is shown: rows of (name, modules, minutes, uses), and the techniques."""

    quarter: LearningQuarter
    teams: list[tuple[str, list[int | None]]]
    everybody: list[int | None]
    techniques: list[tuple[str, str, int | None]]


def table_of(quarter: LearningQuarter, teams: Any, techniques: Any) -> CountTable:
    """What is told of ``quarter`` about ``teams``, everybody, and those of ``techniques``.

    Querysets; three queries. A number that nobody stands behind and one that too few stand behind
    are both ``None``: which of them it is would tell something too.
    """
    rows = list(quarter.counts.all())
    by_place = {(row.team_id, row.kind): row.value for row in rows if row.page_id is None}
    used = {row.page_id: row.value for row in rows if row.page_id and row.value is not None}

    def line(team: int | None) -> list[int | None]:
        return [by_place.get((team, kind)) for kind in CountKind.values]

    named = sorted(
        techniques.filter(pk__in=used), key=lambda page: (-(used[page.pk] or 0), page.pk)
    )
    return CountTable(
        quarter=quarter,
        teams=[(each.name, line(each.pk)) for each in teams.order_by("name")],
        everybody=line(None),
        techniques=[(page.title, page.url or "", used[page.pk]) for page in named],
    )
