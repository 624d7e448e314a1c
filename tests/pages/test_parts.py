"""Long lists: the newest first, whatever their length, and only what the reader may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils.timezone import make_aware

from km_pages.listings import parts
from km_pages.listings.cards import ItemRow, items
from km_pages.visibility import Visibility, as_reader
from tests.factories import KnowledgeAssetPageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def titles() -> list[str]:
    """Seven open items, the newest first; between them one for a team."""
    for day in (3, 6, 1, 7, 2, 5, 4, 8):
        open_to = Visibility.TEAM if day == 8 else Visibility.OPEN
        KnowledgeAssetPageFactory(
            title=f"Day {day}",
            visibility=open_to,
            first_published_at=make_aware(dt.datetime(2026, 3, day)),
        )
    return [f"Day {day}" for day in range(7, 0, -1)]


def part(wanted: str | None, size: int = 3) -> parts.ListedPart:
    return parts.newest_part(items, as_reader(None), wanted=wanted, size=size)


def shown(one: parts.ListedPart) -> list[str]:
    return [ItemRow(*each).title for each in one.object_list]


@pytest.mark.parametrize("counted", [100, 2])
def test_every_part_of_a_short_and_of_a_long_list(
    titles: list[str], counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MOST_COUNTED", counted)
    first, second, third = part(None), part("2"), part("3")
    assert shown(first) + shown(second) + shown(third) == titles
    assert [each.has_next for each in (first, second, third)] == [True, True, False]
    assert [each.has_previous for each in (first, second, third)] == [False, True, True]
    assert first.num_pages == (3 if counted == 100 else 0)
    for nonsense in ("999", "999999"):
        assert shown(part(nonsense)) == titles[6:], nonsense
    for nonsense in ("", "0", "-1", "x", "9" * 40, "\u0663"):
        assert shown(part(nonsense)) == titles[:3], nonsense
    nowhere = parts.newest_part(items, as_reader(None), inside="0009", size=3)
    assert (shown(nowhere), nowhere.has_other_pages) == ([], False)


@pytest.mark.parametrize("counted", [100, 2])
def test_a_part_makes_the_same_queries_however_long_the_list_is(
    titles: list[str],
    counted: int,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    monkeypatch.setattr(parts, "MOST_COUNTED", counted)
    part(None)
    for size in (1, 7):
        # One for the restrictions of the reader.
        with django_assert_max_num_queries(4):
            part("2" if size == 1 else None, size)
