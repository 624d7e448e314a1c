"""Numbers of what teams learn: never from fewer than five people, not even by subtraction."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given as for_all
from hypothesis import strategies as st

from km_toolkit.models import LearningCount, LearningEntry, LearningQuarter
from km_toolkit.record_counts import FEWEST, after, count_quarters, quarter_of, told
from tests.factories import (
    StandardPageFactory,
    TeamFactory,
    TechniquePageFactory,
    UserFactory,
)
from tests.toolkit.recording import SECRET, entry_of

sizes = st.lists(st.integers(0, 9), max_size=7)
crowds = st.lists(st.sets(st.integers(0, 14), max_size=9), max_size=6)


def check(parts: Mapping[int, set[int]]) -> None:
    shown, whole = told(dict(parts))
    everybody = set[int]().union(*parts.values())
    assert all(len(parts[each]) >= FEWEST for each in shown)
    assert whole is (len(everybody) >= FEWEST)
    # Whatever is taken off the sum: what is left comes from nobody or from five at least.
    if whole:
        left = set[int]().union(*(parts[each] for each in parts if each not in shown))
        assert not left or len(left) >= FEWEST


@for_all(sizes)
def test_no_number_of_fewer_than_five_can_be_had_by_subtraction(counts: list[int]) -> None:
    start, parts = 0, {}
    for key, size in enumerate(counts):
        parts[key] = set(range(start, start + size))
        start += size
    check(parts)
    # Of people who count in one part only, the same holds for each sum of parts that is told.
    shown, whole = told(dict(parts))
    for number in range(len(shown) + 1):
        for some in combinations(sorted(shown), number) if whole else ():
            left = start - sum(counts[each] for each in some)
            assert left == 0 or left >= FEWEST


@for_all(crowds)
def test_nor_where_people_stand_behind_several_numbers(crowd: list[set[int]]) -> None:
    check(dict(enumerate(crowd)))


def test_quarters_follow_each_other() -> None:
    day = datetime.date(2026, 11, 30)
    assert quarter_of(day) == datetime.date(2026, 10, 1)
    assert after(quarter_of(day)) == datetime.date(2027, 1, 1)
    assert after(datetime.date(2026, 1, 1)) == datetime.date(2026, 4, 1)


def last_quarter() -> datetime.date:
    return quarter_of(quarter_of(timezone.localdate()) - datetime.timedelta(days=1))


def recorded(people: list[Any], **given: Any) -> None:
    """Entries of ``people`` as if they had been written in the last quarter."""
    when = datetime.datetime.combine(
        last_quarter(), datetime.time(12), tzinfo=timezone.get_current_timezone()
    )
    for each in people:
        made = entry_of(each, **given)
        LearningEntry.objects.filter(pk=made.pk).update(begun_at=when)


def client_of(person: Any) -> Client:
    made = Client()
    made.force_login(person)
    return made


def page(client: Client) -> str:
    return " ".join(client.get(reverse("km_record:counts")).content.decode().split())


@pytest.mark.django_db
@pytest.mark.postgres_too
class TestCounting:
    """What is counted, when, and who sees it."""

    def test_a_quarter_is_counted_once_and_small_teams_are_not_told(self) -> None:
        many = [UserFactory() for _n in range(6)]
        few = [UserFactory() for _n in range(4)]
        big, small = TeamFactory(name="Big", members=many), TeamFactory(name="Small", members=few)
        # Whoever is in both counts in the first.
        small.members_group.user_set.add(many[0])
        fishbowl = TechniquePageFactory(title="Fishbowl")
        recorded(many + few, minutes=10, participatory_minutes=0, page=fishbowl)
        for number, person in enumerate(many[:5]):
            key = f"module:{number}"
            recorded([person], activity="module", origin="module", origin_key=key, minutes=7,
                     participatory_minutes=0)  # fmt: skip
        assert count_quarters() == 1
        quarter = LearningQuarter.objects.get()
        assert quarter.starts == last_quarter()

        def value(**where: Any) -> Any:
            return LearningCount.objects.get(quarter=quarter, **where).value

        # Ten people in all, six of them in Big: four would be left over. So neither is told.
        assert value(kind="minutes", team=small) is None
        assert value(kind="minutes", team=big) is None
        assert value(kind="minutes", team=None, page=None) == 135
        assert value(kind="modules", team=big) == 5
        assert value(kind="uses", page=fishbowl) == 10
        # Nothing that comes later changes it.
        recorded(many, minutes=99)
        assert count_quarters() == 0
        assert value(kind="minutes", team=None, page=None) == 135

    def test_what_few_used_besides_techniques_is_no_difference_of_two_numbers(self) -> None:
        many = [UserFactory() for _n in range(8)]
        TeamFactory(name="Big", members=many)
        recorded(many, page=TechniquePageFactory(title="Fishbowl"))
        # An activity of the toolkit is no technique, and two people used it.
        recorded(many[:2], page=StandardPageFactory(title="Key contacts"))
        count_quarters()
        assert LearningCount.objects.get(kind="uses", team=None, page=None).value == 10
        assert LearningCount.objects.get(kind="uses", team=None, page__isnull=False).value is None

    def test_the_quarter_that_runs_is_not_told(self) -> None:
        for _n in range(6):
            entry_of(UserFactory())
        assert count_quarters() == 0
        assert "There are no numbers yet" in page(client_of(UserFactory()))

    def test_members_see_their_own_team_and_managers_all_and_nobody_a_reflection(self) -> None:
        one, two = [UserFactory() for _n in range(5)], [UserFactory() for _n in range(5)]
        TeamFactory(name="Ward seven", members=one)
        TeamFactory(name="Outpatients here", members=two)
        recorded(one + two, what="Quizzical otters")
        count_quarters()
        manager = UserFactory(is_superuser=True)
        seen = page(client_of(one[0]))
        assert "Ward seven" in seen
        assert "Outpatients here" not in seen
        everything = page(client_of(manager))
        assert "Ward seven" in everything
        assert "Outpatients here" in everything
        for each in (seen, everything):
            assert "otters" not in each
            assert SECRET not in each
            for person in one + two:
                assert person.username not in each

    def test_the_page_asks_as_often_for_one_team_as_for_ten(self) -> None:
        client = client_of(UserFactory(is_superuser=True))
        counts = []
        for teams in (1, 9):
            LearningQuarter.objects.all().delete()
            for _n in range(teams):
                people = [UserFactory() for _m in range(5)]
                TeamFactory(members=people)
                recorded(people, page=TechniquePageFactory())
            count_quarters()
            page(client)
            with CaptureQueriesContext(connection) as asked:
                page(client)
            counts.append(len(asked))
        assert counts[0] == counts[1]
