"""Figures in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override

from km_pages.wording import (
    hours_in_words,
    minutes_in_words,
    people_in_words,
    size_in_words,
    who_sees,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (20, 45, "20 to 45 minutes"),
        (45, 45, "45 minutes"),
        (1, 1, "1 minute"),
        (None, 45, "up to 45 minutes"),
        (20, None, "20 minutes or more"),
        (0, 15, "0 to 15 minutes"),
        (None, None, ""),
    ],
)
def test_minutes_are_said_as_a_range_with_open_ends(
    low: int | None, high: int | None, words: str
) -> None:
    assert minutes_in_words(low, high) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (120, 360, "2 to 6 hours"),
        (90, 240, "1.5 to 4 hours"),
        (180, 180, "3 hours"),
        (None, 240, "4 hours"),
        (60, 90, ""),
        (125, 240, ""),
        (None, None, ""),
    ],
)
def test_long_lengths_are_also_said_in_hours(low: int | None, high: int | None, words: str) -> None:
    assert hours_in_words(low, high) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (4, 8, "4 to 8 people"),
        (2, 2, "2 people"),
        (1, 1, "1 person"),
        (2, None, "2 or more people"),
        (None, 12, "up to 12 people"),
        (None, None, "any number of people"),
    ],
)
def test_groups_are_said_as_a_range_with_open_ends(
    low: int | None, high: int | None, words: str
) -> None:
    assert people_in_words(low, high) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, ""),
        (0, "0 bytes"),
        (1, "1 byte"),
        (900, "900 bytes"),
        (1024, "1 kB"),
        (245_000, "239 kB"),
        (1_450_000, "1.4 MB"),
        (100 * 1024 * 1024, "100 MB"),
    ],
)
def test_sizes_are_said_in_the_unit_that_fits(size: int | None, words: str) -> None:
    assert size_in_words(size) == words


def test_who_sees_a_team_item_names_the_teams() -> None:
    assert who_sees("team", teams=["Ward 7"]) == "Only Ward 7 sees this"
    assert (
        who_sees("team", teams=["Ward 7", "Outpatients"]) == "Only Ward 7 and Outpatients see this"
    )
    assert who_sees("team", teams=["Ward 7", "", "Ward 7"]) == "Only Ward 7 sees this"
    assert who_sees("team") == "Only its own team sees this"


def test_many_teams_are_counted_after_the_third() -> None:
    words = who_sees("team", teams=[f"Team {number}" for number in range(1, 8)])
    assert words == "Only Team 1, Team 2, Team 3 and 4 more teams see this"


def test_who_sees_says_each_other_reach_in_a_sentence() -> None:
    assert "Anyone" in who_sees("open")
    assert who_sees("organisation") == "Everyone in the organisation sees this"
    assert who_sees("named", people=1) == "Only its owner and 1 named person see this"
    assert who_sees("named", people=3) == "Only its owner and 3 named people see this"
    assert "owner" in who_sees("named")


def test_words_do_not_break_in_another_language() -> None:
    with override("de"):
        assert "20" in minutes_in_words(20, 45)


MAILS = sorted(ROOT.glob("km_*/templates/*/email/*.txt"))


@pytest.mark.parametrize("template", MAILS, ids=lambda each: each.stem)
def test_every_mail_says_why_somebody_gets_it(template: Path) -> None:
    words = template.read_text(encoding="utf-8")
    assert "You get this" in words or (template.stem == "invitation" and "invites you" in words)
