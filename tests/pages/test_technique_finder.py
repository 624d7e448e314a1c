"""The list of techniques: what fits, best first, counts, what to relax, few queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from km_pages.listings.kept import forget
from km_pages.models import Framework, TechniquePage
from km_pages.templatetags.km_keep import lists
from tests.factories import (
    GoalFactory,
    PhaseFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/techniques/"


def technique(title: str, *formats: dict[str, Any], **fields: Any) -> TechniquePage:
    page = TechniquePageFactory(title=title, **fields)
    for each in formats:
        TechniqueFormatFactory(technique=page, **each)
    return page


def titles(answer: Any) -> list[str]:
    return [each.title for group in answer.context["groups"] for each in group.techniques]


def headings(answer: Any) -> list[str]:
    return [group.heading for group in answer.context["groups"]]


def choices(answer: Any, field: str) -> dict[str, str]:
    return {str(k): str(v) for k, v in answer.context["filters"].fields[field].choices}


@pytest.mark.postgres_too
def test_thirty_minutes_and_six_people_find_what_fits_in_one_format_the_best_first(
    client: Client,
) -> None:
    short = {"minutes_min": 15, "minutes_max": 30, "people_min": 3, "people_max": 12}
    technique("Possible", short)
    technique("At its best", {**short, "best_minutes_min": 20, "best_minutes_max": 30,
                              "best_people_min": 4, "best_people_max": 8})  # fmt: skip
    technique("Too long", {**short, "minutes_min": 60, "minutes_max": 90})
    technique(
        "Never both at once",
        {**short, "people_max": 4},
        {**short, "minutes_min": 60, "minutes_max": 90},
    )
    technique("Goes on", {**short, "ongoing": True})
    answer = client.get(f"{LIST}?minutes=30&people=6")
    assert titles(answer) == ["At its best", "Possible"]
    assert headings(answer) == ["Best fit"]
    assert "2 techniques fit" in answer.content.decode()


def test_a_card_speaks_of_the_format_that_fits_and_leads_to_it(client: Client) -> None:
    page = technique(
        "Review",
        {"label": "Planned review", "minutes_min": 60, "minutes_max": 120},
        {"label": "At the end of a shift", "minutes_min": 15, "minutes_max": 30},
    )
    answer = client.get(f"{LIST}?minutes=20")
    fits = page.formats.get(label="At the end of a shift")
    text = answer.content.decode()
    assert f'href="/techniques/review/?format={fits.pk}"' in text
    assert "At the end of a shift" in text
    assert "15 to 30 minutes" in text
    assert "15 to 120 minutes" not in text
    opened = client.get(f"/techniques/review/?format={fits.pk}")
    assert opened.context["chosen"] == fits


def test_what_somebody_typed_stays_text_on_a_card(client: Client) -> None:
    typed = 'A "way" <b onclick=x>&amp;'
    phase = PhaseFactory(name=f"P {typed}", slug="p", colour="")
    technique(f"T {typed}", {"label": f"L {typed}"}, strapline=f"S {typed}", primary_phase=phase)
    text = client.get(f"{LIST}?people=6").content.decode()
    for letter in "TLSP":
        assert f"{letter} A &quot;way&quot; &lt;b onclick=x&gt;&amp;amp;" in text
    assert "<b onclick" not in text
    assert "km-phase--none" in text


def test_a_long_list_is_shown_in_parts_of_24(client: Client) -> None:
    phase = PhaseFactory(name="Before")
    for number in range(30):
        technique(f"Way {number:02}", {}, primary_phase=phase)
    first, second = client.get(LIST), client.get(f"{LIST}?page=2")
    assert titles(first) == [f"Way {number:02}" for number in range(24)]
    assert titles(second) == [f"Way {number:02}" for number in range(24, 30)]
    assert "30 techniques" in first.content.decode()
    assert "Page 2 of 2" in second.content.decode()


def test_the_list_is_grouped_by_moment_by_goal_and_by_letter(client: Client) -> None:
    before, after = (
        PhaseFactory(name="Before", sort_order=0),
        PhaseFactory(name="After", sort_order=1),
    )
    goal = GoalFactory(name="Connect people")
    technique("Zebra walk", primary_phase=before, goals=[goal])
    technique("ant talk", primary_phase=after)
    assert headings(client.get(LIST)) == ["Before", "After"]
    assert headings(client.get(f"{LIST}?view=goal")) == ["Connect people", "Others"]
    by_letter = client.get(f"{LIST}?view=a-z")
    assert [each.label for each in by_letter.context["letters"]] == ["A", "Z"]
    assert titles(client.get(f"{LIST}?view=a-z&letter=z")) == ["Zebra walk"]


def test_each_choice_says_how_many_it_leaves_of_what_the_other_filters_leave(
    client: Client,
) -> None:
    before = PhaseFactory(slug="before", name="Before")
    after = PhaseFactory(slug="after", name="After")
    goal = GoalFactory(slug="share", name="Share")
    technique("One", {"minutes_min": 10, "minutes_max": 20}, primary_phase=before, goals=[goal])
    technique("Two", {"minutes_min": 10, "minutes_max": 20}, primary_phase=after, phases=[before])
    technique("Three", {"minutes_min": 60, "minutes_max": 90}, primary_phase=after, goals=[goal])
    technique("A draft", {}, primary_phase=before, live=False)
    answer = client.get(f"{LIST}?minutes=15&phase=before")
    assert choices(answer, "phase")["before"] == "Before (2)"
    assert choices(answer, "phase")["after"] == "After (1)"
    assert choices(answer, "goal")["share"] == "Share (1)"
    assert choices(answer, "setting")["in_person"] == "In person (2)"
    assert choices(answer, "setting")["online"] == "Online (0)"
    chips = {each.label: each.url for each in answer.context["chosen"]}
    assert chips["Minutes you have: 15"] == f"{LIST}?phase=before"


def test_where_nothing_fits_it_says_what_to_relax_and_what_comes_nearest(client: Client) -> None:
    goal = GoalFactory(slug="share", name="Share")
    technique("Far", {"minutes_min": 120, "minutes_max": 240}, goals=[goal])
    technique("Near", {"minutes_min": 45, "minutes_max": 60}, goals=[goal])
    answer = client.get(f"{LIST}?minutes=10&people=6&goal=share")
    assert answer.context["count"] == 0
    loose = [(each.label, each.count) for each in answer.context["looser"]]
    assert loose == [("Leave out “Minutes you have: 10”", 2)]
    assert [each.title for each in answer.context["nearest"]] == ["Near", "Far"]
    assert "Not in 10: 45 to 60 minutes" in answer.content.decode()
    assert client.get(answer.context["looser"][0].url).context["count"] == 2


@pytest.mark.parametrize(
    "query",
    ["minutes=-3", "minutes=1e99", "minutes=%00", "phase=nowhere", "view=__class__", "page=-1",
     "page=9999", "letter=%F0%9F%98%80&view=a-z", "filter[x]=1", "goal=%27", "people=99999999999"],
)  # fmt: skip
def test_nonsense_in_the_address_is_answered_with_a_page(client: Client, query: str) -> None:
    """Case 19."""
    technique("One", {})
    assert client.get(f"{LIST}?{query}").status_code == 200


def test_introductions_that_editors_wrote_stand_on_the_unfiltered_list_only(
    client: Client,
) -> None:
    phase = PhaseFactory(name="Before", slug="before", introduction="Somebody has done this.")
    Framework.objects.create(name="The framework", slug="f", introduction="A set of ways to learn.")
    technique("One", {}, primary_phase=phase)
    text = client.get(LIST).content.decode()
    assert "Somebody has done this." in text
    assert "A set of ways to learn." in text
    assert "A set of ways to learn." not in client.get(f"{LIST}?phase=before").content.decode()


@pytest.mark.parametrize("query", ["", "?view=goal", "?view=a-z", "?minutes=30&people=6"])
def test_a_long_list_asks_no_more_questions_than_a_short_one(client: Client, query: str) -> None:
    phase, goal = PhaseFactory(), GoalFactory()
    technique("First", {}, primary_phase=phase, goals=[goal])
    client.get(LIST + query)
    lists.clear()
    forget()
    with CaptureQueriesContext(connection) as few:
        client.get(LIST + query)
    for number in range(19):
        technique(f"Way {number}", {}, primary_phase=phase, goals=[goal])
    lists.clear()
    forget()
    with CaptureQueriesContext(connection) as many:
        assert len(titles(client.get(LIST + query))) == 20
    assert len(many) <= len(few)


def test_another_way_of_narrowing_counts_what_was_read_for_the_first(client: Client) -> None:
    goal = GoalFactory(slug="share", name="Share")
    technique("First", {"minutes_min": 10, "minutes_max": 20}, goals=[goal])
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"{LIST}?minutes=15&goal=share")
    linked = [each for each in queries if "km_pages_techniquepage_goals" in each["sql"]]
    assert (titles(answer), linked) == (["First"], [])
    technique("Second", {"minutes_min": 10, "minutes_max": 20}, goals=[goal])
    assert titles(client.get(f"{LIST}?minutes=15&goal=share&view=a-z")) == ["First", "Second"]


def test_a_technique_that_a_reader_may_not_see_is_counted_nowhere(client: Client) -> None:
    goal, phase = GoalFactory(slug="share", name="Share"), PhaseFactory(slug="b", name="Before")
    parts: dict[str, Any] = {"goals": [goal], "phases": [phase], "primary_phase": phase}
    technique("Open to all", {}, **parts)
    closed = technique("Zebra walk", {}, **parts)
    PageViewRestriction.objects.create(page=closed, restriction_type="login")

    def counted() -> tuple[Any, ...]:
        # What was rendered is made anew, of what was read for each way of seeing the list.
        lists.clear()
        answer = client.get(f"{LIST}?view=a-z")
        numbers = (("goal", "share"), ("phase", "b"), ("setting", "in_person"))
        letters = [each.label for each in answer.context["letters"]]
        return (*[choices(answer, name)[value] for name, value in numbers], letters)

    assert counted() == ("Share (1)", "Before (1)", "In person (1)", ["O"])
    client.force_login(UserFactory())
    assert counted() == ("Share (2)", "Before (2)", "In person (2)", ["O", "Z"])
    client.logout()
    assert counted() == ("Share (1)", "Before (1)", "In person (1)", ["O"])
