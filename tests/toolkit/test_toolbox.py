"""The toolbox: what can still be done with the weeks, the minutes and the people there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from km_pages.templatetags.km_keep import lists
from tests.factories import ActivityPageFactory

pytestmark = pytest.mark.django_db

TOOLKIT = "/toolkit/"


def activity(title: str, first: int | None, last: int | None, **fields: Any) -> Any:
    return ActivityPageFactory(title=title, weeks_earliest=first, weeks_latest=last, **fields)


def titles(answer: Any) -> list[str]:
    return [each.title for each in answer.context["activities"]]


@pytest.mark.postgres_too
def test_two_weeks_before_the_last_day_what_can_wait_least_comes_first(client: Client) -> None:
    activity("Plan", 8, 4)
    activity("Interview", 4, 2)
    activity("Folder", 6, 1)
    activity("A call later", -2, -12)
    activity("Any time", None, None)
    assert titles(client.get(f"{TOOLKIT}?weeks=2")) == [
        "Interview", "Folder", "A call later", "Any time",
    ]  # fmt: skip
    assert titles(client.get(f"{TOOLKIT}?weeks=-3")) == ["A call later"]
    assert titles(client.get(TOOLKIT))[0] == "Plan"


def test_effort_kind_and_company_narrow_the_toolbox_and_choices_are_counted(
    client: Client,
) -> None:
    activity("Write", 4, 1, minutes_min=60, minutes_max=90, knowledge_type="written",
             together="alone", quick_minutes=15)  # fmt: skip
    activity("Talk", 4, 1, minutes_min=60, minutes_max=90, knowledge_type="heads",
             together="with_others", quick_minutes=45)  # fmt: skip
    activity("Map", 4, 1, knowledge_type="both", together="either", quick_minutes=60)
    assert titles(client.get(f"{TOOLKIT}?minutes=20")) == ["Map", "Write"]
    answer = client.get(f"{TOOLKIT}?kind=heads")
    assert titles(answer) == ["Map", "Talk"]
    ways = {str(k): str(v) for k, v in answer.context["filters"].fields["together"].choices}
    assert ways == {"": "Either", "alone": "On your own (1)", "with_others": "With others (2)"}


def test_where_nothing_fits_it_says_what_to_leave_out(client: Client) -> None:
    activity("Talk", 4, 3, knowledge_type="heads", together="with_others")
    answer = client.get(f"{TOOLKIT}?weeks=1&kind=heads")
    assert answer.context["count"] == 0
    (only,) = answer.context["looser"]
    assert (only.label, only.count) == ("Leave out “Weeks until the last day: 1”", 1)
    assert only.url == f"{TOOLKIT}?kind=heads#toolbox"
    assert titles(client.get(only.url)) == ["Talk"]


@pytest.mark.parametrize(
    "query", ["weeks=1e9", "weeks=x", "kind=%00", "together[]=1", "weeks=", "minutes=-1"]
)
def test_nonsense_in_the_address_is_answered_with_a_page(client: Client, query: str) -> None:
    """Case 19."""
    activity("Talk", 4, 3)
    assert client.get(f"{TOOLKIT}?{query}").status_code == 200


def test_a_long_toolbox_asks_no_more_questions_than_a_short_one(client: Client) -> None:
    activity("One", 4, 2)
    client.get(f"{TOOLKIT}?weeks=3")
    lists.clear()
    with CaptureQueriesContext(connection) as few:
        client.get(f"{TOOLKIT}?weeks=3")
    for number in range(19):
        activity(f"More {number}", 4, 2)
    with CaptureQueriesContext(connection) as many:
        assert len(titles(client.get(f"{TOOLKIT}?weeks=3"))) == 20
    assert len(many) <= len(few)
