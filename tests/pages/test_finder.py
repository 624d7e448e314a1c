"""The finder's page: what fits in words, few queries, nothing that the reader may not see."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from km_pages.models import TechniquePage
from tests.factories import (
    ActivityPageFactory,
    GoalFactory,
    PhaseFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
)

pytestmark = pytest.mark.django_db
PAGE = "/finder/"
SHORT = {"minutes_min": 15, "minutes_max": 30, "people_min": 3, "people_max": 12}


def technique(title: str, **fields: Any) -> TechniquePage:
    page = TechniquePageFactory(title=title, **fields)
    TechniqueFormatFactory(technique=page, **SHORT)
    return page


def titles(answer: Any) -> list[str]:
    return [each.candidate.title for each in answer.context["found"][0].answer.offers]


@pytest.mark.postgres_too
def test_a_ward_team_with_thirty_minutes_that_just_finished_gets_the_few_with_reasons(
    client: Client,
) -> None:
    after = PhaseFactory(slug="after", name="Learn after")
    technique("Look back", primary_phase=after)
    technique("Look ahead", primary_phase=PhaseFactory(slug="before", name="Learn before"))
    answer = client.get(f"{PAGE}?minutes=30&people=6&moment=after")
    assert titles(answer) == ["Look back"]
    page = answer.content.decode()
    for words in ("takes 15 to 30 minutes", "3 to 12 people", "for this moment: just finished"):
        assert words in page
    near = client.get(f"{PAGE}?minutes=10&people=6&moment=after").content.decode()
    assert "it takes at least 15 minutes: 5 more than you have" in near


def test_an_editor_says_what_is_the_wrong_tool_and_the_finder_passes_it_on(client: Client) -> None:
    after, before = PhaseFactory(slug="after"), PhaseFactory(slug="before")
    right = technique("Look back", primary_phase=after)
    case = {"situation": "It is over.", "instead": right, "instead_text": "Four questions.",
            "moment": "after"}  # fmt: skip
    technique("Look ahead", primary_phase=before, when_not_to_use=[("case", case)])
    page = client.get(f"{PAGE}?minutes=20&moment=after").content.decode()
    assert "Not “Look ahead”" in page
    assert "It is over." in page
    assert "Four questions." in page


def test_drafts_are_never_offered_and_an_odd_address_is_answered(client: Client) -> None:
    technique("Not yet", live=False)
    assert titles(client.get(f"{PAGE}?minutes=20")) == []
    answer = client.get(f"{PAGE}?minutes=x&people=-3&moment=no&setting=%00&goal=no&weeks=9999")
    assert answer.status_code == 200
    assert client.get(PAGE).context["found"] == []


def test_a_number_that_cannot_be_is_said_and_not_called_no_question(client: Client) -> None:
    technique("Review")
    for minutes in ("-3", "abc", "0", "99999999999"):
        text = client.get(f"{PAGE}?minutes={minutes}").content.decode()
        assert "Write a whole number from 1 to 100" in text
        assert "Mend what is marked in red above" in text
        assert "You have not asked for anything yet" not in text
    both = client.get(f"{PAGE}?minutes=abc&people=6")
    assert titles(both) == ["Review"]
    assert "What is marked in red above was left out." in both.content.decode()
    assert "You have not asked for anything yet" in client.get(PAGE).content.decode()


def queries(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(f"{PAGE}?minutes=20&people=5&moment=leaving&weeks=3")
    return len(asked)


def test_the_finder_asks_the_database_the_same_for_one_technique_and_for_twenty(
    client: Client,
) -> None:
    goal = GoalFactory()
    technique("First", primary_phase=PhaseFactory()).goals.add(goal)
    queries(client)
    one = queries(client)
    for number in range(19):
        technique(f"Number {number}", primary_phase=PhaseFactory())
    assert queries(client) == one


def test_who_is_losing_someone_gets_activities_for_which_it_is_not_too_late(
    client: Client,
) -> None:
    technique("Interview", for_leaving=True)
    technique("Look back")
    ActivityPageFactory(
        title="Still time", weeks_earliest=6, weeks_latest=2, minutes_min=30, minutes_max=60
    )
    ActivityPageFactory(title="Too late", weeks_earliest=8, weeks_latest=4)
    answer = client.get(f"{PAGE}?minutes=30&moment=leaving&weeks=2")
    assert titles(answer) == ["Interview"]
    activities = answer.context["found"][1].answer
    assert [each.candidate.title for each in activities.offers] == ["Still time"]
    assert activities.offers[0].words[-1] == (
        "done 6 to 2 weeks before the last day: this is the last week for it"
    )
    page = " ".join(answer.content.decode().split())
    assert "In full: 30 to 60 minutes" in page


def test_who_counts_weeks_is_losing_someone_and_after_the_last_day_no_technique_is_named(
    client: Client,
) -> None:
    technique("Interview", for_leaving=True)
    technique("Look back")
    ActivityPageFactory(title="Call them", weeks_earliest=-2, weeks_latest=-12)
    assert titles(client.get(f"{PAGE}?weeks=3")) == ["Interview"]
    late = client.get(f"{PAGE}?moment=leaving&weeks=-3").context["found"]
    assert [[offer.candidate.title for offer in each.answer.offers] for each in late] == [
        ["Call them"]
    ]


def test_with_weeks_left_what_is_due_now_comes_before_what_can_be_planned(client: Client) -> None:
    ActivityPageFactory(title="Due now", weeks_earliest=4, weeks_latest=0)
    ActivityPageFactory(title="Later on", weeks_earliest=2, weeks_latest=1)
    activities = client.get(f"{PAGE}?weeks=3").context["found"][1].answer
    assert [each.candidate.title for each in activities.offers] == ["Due now", "Later on"]
    assert activities.offers[0].words == [
        "done from 4 weeks before, up to the last day: now is the time"
    ]
    assert activities.offers[1].words == [
        "done 2 to 1 weeks before the last day: you can plan it now"
    ]
