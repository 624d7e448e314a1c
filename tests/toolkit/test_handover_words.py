"""What the pages of a handover say: who is waited for, what was done, and nothing too much."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_toolkit.actions.accept import Accept, RaiseGap
from km_toolkit.actions.agree import SetPriority
from km_toolkit.actions.ask_team import AskQuestion, CloseQuestions, OpenQuestions
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from km_toolkit.models import Handover, TeamRequest
from km_toolkit.parts import parts_of
from km_toolkit.standing import next_for, steps_of, told_to
from tests.factories import PASSWORD, ActivityPageFactory, PostFactory
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ward() -> Cast:
    return cast()


def read(who: Any, page: str, handover: Handover) -> str:
    client = Client()
    client.force_login(who)
    answer = client.get(reverse(f"km_toolkit:{page}", args=[handover.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_held_back_tells_neither_number_nor_order(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    texts = [f"Question {number}" for number in range(12)]
    for text in texts:
        AskQuestion(handover=ward.handover, by=ward.member, text=text, named=False).execute()
    in_forms = set(TeamRequest.objects.values_list("pk", flat=True))
    [_areas, requests, *_rest] = steps_of(ward.handover)
    assert requests.detail == "0 questions"
    CloseQuestions(handover=ward.handover, by=ward.leaver).execute()
    released = TeamRequest.objects.released()
    assert sorted(each.text for each in released) == sorted(texts)
    assert not in_forms & {each.pk for each in released}, "no key of a form stays"
    stored = list(TeamRequest.objects.order_by().values_list("text", flat=True))
    assert stored != texts, "rows in the order in which people asked"


def test_accepting_brings_out_what_was_held_back(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    AskQuestion(handover=ward.handover, by=ward.member, text="Why?", named=False).execute()
    Accept(handover=ward.handover, by=ward.successor).execute()
    assert TeamRequest.objects.released().exists()


def test_each_is_told_who_a_step_waits_for(ward: Cast) -> None:
    made = ward.handover.areas.create(title="Nights", priority="high")
    ward.handover.helping.all().delete()
    ward.handover.actions.create(area=made, title="x", recipient="y", due=ward.handover.last_day)
    now = timezone.now()
    Handover.objects.update(priorities_asked_at=now, questions_opened_at=now)
    ward.handover.refresh_from_db()

    def said(who: Any) -> list[str]:
        steps = told_to(parts_of(ward.handover, who), ward.handover, steps_of(ward.handover))
        return [each.status for each in steps]

    leaver, manager = said(ward.leaver), said(ward.manager)
    assert leaver[1:5] == [
        "Waiting for the team",
        "Waiting for Manager Test",
        "In progress: you",
        "Not started: Manager Test",
    ]
    assert manager[2:4] == ["Waiting for you", "In progress: Leaver Test"]


def test_the_history_says_what_was_set_to_those_who_may_read_the_areas(ward: Cast) -> None:
    made = ward.handover.areas.create(title="Night calls")
    why = "Covered by bank staff"
    SetPriority(
        handover=ward.handover, by=ward.leaver, area=made, priority="not_now", reason=why
    ).execute()
    assert f"Set a priority: Night calls, Not now, {why}" in read(
        ward.leaver, "history", ward.handover
    )
    assert "Leaving for another job" in read(ward.leaver, "history", ward.handover)
    before = read(ward.manager, "history", ward.handover)
    assert "Set a priority" in before
    assert "Night calls" not in before, "the leaver has not shared the areas yet"
    Handover.objects.update(areas_shared_at=timezone.now())
    assert "Night calls" in read(ward.manager, "history", ward.handover)


def test_the_plan_adds_hours_and_takes_the_time_of_an_activity(ward: Cast) -> None:
    made = ward.handover.areas.create(title="Nights", priority="high")
    film = ActivityPageFactory(title="Screen walk-through", minutes_min=40, minutes_max=90)
    client = Client()
    client.force_login(ward.leaver)
    typed = {"area": made.pk, "activity": film.pk, "recipient": "Sam"}
    typed["due"] = ward.handover.last_day.isoformat()
    client.post(reverse("km_toolkit:add_action", args=[ward.handover.pk]), typed)
    about = {"area": made, "recipient": "Sam", "due": ward.handover.last_day}
    ward.handover.actions.create(title="Talk", minutes=45, **about)
    ward.handover.actions.create(title="Walk", **about)
    page = read(ward.leaver, "plan", ward.handover)
    assert "In all: 2 hours 15 minutes." in page
    assert "One more has no minutes yet." in page
    assert "or more" not in page


@pytest.mark.parametrize("page", ["ask", "handover", "help"])
def test_nothing_reads_as_if_a_holder_who_is_away_could_answer(ward: Cast, page: str) -> None:
    Handover.objects.update(holder_away=True, away_reason="Has died", reason="death")
    text = read(ward.manager, page, ward.handover)
    assert "from Leaver Test" not in text
    assert "Leaver Test hands over" not in text
    assert "days left" not in text


def test_areas_are_spoken_of_as_the_readers_own_to_the_leaver_alone(ward: Cast) -> None:
    ward.handover.areas.create(title="Nights")
    Handover.objects.update(areas_shared_at=timezone.now())
    mine, theirs = (read(who, "areas", ward.handover) for who in (ward.leaver, ward.manager))
    assert "You listed it" in mine
    assert "What you know that matters" in mine
    assert "Named by the leaver" in theirs
    assert "What matters about this post" in theirs
    for page in (mine, theirs):
        assert "How the score is reckoned" in page


def start(who: Any, post: Any, manager: Any, **more: Any) -> Any:
    client = Client()
    client.force_login(who)
    typed = {"post": post.pk, "line_manager": manager.pk, "reason": "leaving", **more}
    typed["last_day"] = (timezone.localdate() + datetime.timedelta(weeks=6)).isoformat()
    return client.post(reverse("km_toolkit:start_handover"), typed)


def test_a_post_that_nobody_is_known_to_hold_is_started_for_somebody(ward: Cast) -> None:
    empty = PostFactory(
        title="Rotating doctor", team=ward.handover.team, line_manager=ward.manager, holder=None
    )
    refused = start(ward.manager, empty, ward.manager)
    assert refused.status_code == 422
    assert "Who hands it over? Say who hands over" in refused.content.decode()
    assert start(ward.manager, empty, ward.manager, leaver=ward.member.pk).status_code == 302
    assert Handover.objects.get(post=empty).leaver == ward.member
    Handover.objects.filter(post=empty).delete()
    # Without it, a knowledge manager would have been taken for the one who leaves.
    assert start(ward.knowledge_manager, empty, ward.manager).status_code == 422
    assert not Handover.objects.filter(post=empty).exists()


def test_who_starts_their_own_handover_finds_post_and_manager_filled_in(ward: Cast) -> None:
    # A second post that may be theirs, as nobody is known to hold it.
    PostFactory(title="Rotating doctor", team=ward.handover.team, holder=None)
    client = Client()
    client.force_login(ward.leaver)
    form = client.get(reverse("km_toolkit:start_handover")).context["form"]
    assert set(form.fields) == {"post", "last_day", "line_manager", "reason"}
    assert "death" not in dict(form.fields["reason"].choices), "a manager starts that"
    assert form["post"].value() == ward.handover.post_id
    assert form["line_manager"].value() == ward.manager.pk


def test_a_question_without_a_name_is_kept_nowhere_when_the_sign_in_has_ended(
    ward: Cast, monkeypatch: Any
) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    address = reverse("km_toolkit:ask", args=[ward.handover.pk])
    client = Client()
    client.post(reverse("login"), {"username": ward.member.username, "password": PASSWORD})
    client.get(address)
    late = timezone.now().timestamp() + 31 * 60
    monkeypatch.setattr("km_pages.middleware.time.time", lambda: late)
    answer = client.post(address, {"text": "Who has the key?", "named": "no"})
    assert "km_typed" not in client.session
    assert not any("Who has" in str(each.get_decoded()) for each in Session.objects.all())
    assert "was not kept" in client.get(answer.headers["Location"]).content.decode()


def test_each_is_led_to_what_they_can_do_and_the_successor_to_what_is_shared(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()

    def led_to(who: Any) -> str:
        parts = parts_of(ward.handover, who)
        found = next_for(ward.handover, steps_of(ward.handover), parts)
        return found.page if found else ""

    assert led_to(ward.successor) == led_to(ward.helper) == "ask", "not to the leaver's own page"
    CaptureOutput(
        handover=ward.handover, by=ward.leaver, title="Keys", details={"summary": "In the drawer."}
    ).execute()
    assert led_to(ward.successor) == "accept"
    assert led_to(ward.leaver) == "areas"
    client = Client()
    client.force_login(ward.successor)
    mine = client.get(reverse("km_pages:my_page")).content.decode()
    assert reverse("km_toolkit:accept", args=[ward.handover.pk]) in mine


def test_whoever_says_back_finds_what_was_shared_and_whom_a_gap_waits_for(ward: Cast) -> None:
    Handover.objects.update(areas_shared_at=timezone.now())
    nights = ward.handover.areas.create(title="Nights", why="Nobody else knows", priority="high")
    ward.handover.areas.create(title="Keys", priority="high")
    given = {"title": "Whom to ring", "details": {"summary": "Ana first.", "area": nights}}
    output = CaptureOutput(handover=ward.handover, by=ward.leaver, **given).execute()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=output).execute()
    RaiseGap(handover=ward.handover, by=ward.successor, text="Which drawer?").execute()
    page = read(ward.successor, "accept", ward.handover)
    for words in ("Nobody else knows", "Whom to ring", "Nothing is shared about it yet."):
        assert words in page
    assert "Waits for Leaver Test." in page


def test_an_approved_write_up_leads_to_the_check_before_sharing(ward: Cast) -> None:
    talk = ward.handover.interviews.create(interviewer=ward.helper, state="ready")
    talk.answers.create(question="Why?", answer="So.")
    address = reverse("km_toolkit:interview", args=[ward.handover.pk, talk.pk])
    client = Client()
    client.force_login(ward.leaver)
    shown = client.get(address).content.decode()
    assert 'value="approve"' in shown
    assert 'value="ready"' not in shown, "one first button"
    answer = client.post(address, {"do": "approve"})
    output = ward.handover.outputs.get()
    assert answer.headers["Location"] == reverse(
        "km_toolkit:share_output", args=[ward.handover.pk, output.pk]
    )


def test_one_press_puts_what_would_fit_into_the_plan_once(ward: Cast) -> None:
    ward.handover.areas.create(title="Nights", priority="high", kind="heads")
    ActivityPageFactory(title="Three-way talk", minutes_min=60, minutes_max=90)
    client = Client()
    client.force_login(ward.leaver)
    page = client.get(reverse("km_toolkit:plan", args=[ward.handover.pk]))
    [(_area, [fit])] = page.context["suggested"]
    form = page.content.decode().partition("Three-way talk")[2].partition("</form>")[0]
    typed = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert typed["key"] == str(fit.key)
    for _twice in range(2):
        client.post(reverse("km_toolkit:add_action", args=[ward.handover.pk]), typed)
    action = ward.handover.actions.get()
    assert (action.title, action.recipient, action.minutes) == (
        "Three-way talk",
        "Successor Test",
        90,
    )
    assert action.due == ward.handover.last_day
