"""The mails of a handover, read as plain text: who is told what, and what each must say."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

import km_toolkit
from km_pages.models import OutgoingMail
from km_pages.notifications import written
from km_toolkit.actions.accept import RaiseGap
from km_toolkit.actions.agree import AskForPlan
from km_toolkit.actions.ask_team import AskQuestion, CloseQuestions, OpenQuestions
from km_toolkit.actions.helping import OfferToHelp
from km_toolkit.actions.stop_letters import letter_token
from km_toolkit.models import Agreed, Handover
from km_toolkit.reminding import let_the_clock_act, waiting_in
from tests.toolkit.handovers import Cast, cast, person

pytestmark = pytest.mark.django_db

FOLDER = Path(km_toolkit.__file__).parent / "templates" / "km_toolkit" / "email"
ABOUT_A_HANDOVER = sorted({each.stem for each in FOLDER.glob("*.txt")} - {"afterwards"})
LINK = re.compile(r"https?://\S+")


@pytest.fixture
def ward() -> Cast:
    made = cast()
    OutgoingMail.objects.all().delete()
    return made


def signed_in(somebody: Any) -> Client:
    client = Client()
    client.force_login(somebody)
    return client


def press(somebody: Any, page: str, handover: Handover, **typed: Any) -> None:
    address = reverse(f"km_toolkit:{page}", args=[handover.pk])
    answer = signed_in(somebody).post(address, typed)
    assert answer.status_code == 302, answer.content.decode()


def mails_to(somebody: Any) -> list[str]:
    """The subjects of what somebody was sent, in order."""
    found = OutgoingMail.objects.filter(to=somebody.email).order_by("pk")
    return list(found.values_list("subject", flat=True))


@pytest.mark.parametrize("away", [False, True], ids=["with the holder", "without the holder"])
@pytest.mark.parametrize("name", ABOUT_A_HANDOVER)
def test_each_mail_says_who_and_what_with_one_link_why_and_how_to_stop(
    ward: Cast, name: str, away: bool
) -> None:
    handover = ward.handover
    handover.holder_away = away
    subject, body = written(
        f"km_toolkit/email/{name}",
        {
            "handover": handover,
            "post": handover.post,
            "link": "https://example.org/handovers/1/",
            "by": ward.manager,
            "person": ward.helper,
            "words": ["Agree the plan."],
            "until": handover.last_day,
        },
    )
    assert "Ward sister" in subject
    assert len(LINK.findall(body)) == 1
    assert re.search(r"You get this because|We write", body)
    assert re.search(r"choose which mails|can stop them|only once", body)
    assert "<" not in body
    assert "&" not in body
    if away and name not in ("started",):
        assert "Leaver Test" not in subject + body, "nobody writes as if they could still answer"


def test_who_stands_in_is_written_to_when_somebody_asks_them_by_hand(ward: Cast) -> None:
    Handover.objects.update(priorities_asked_at=timezone.now())
    press(ward.leaver, "ask_deputy", ward.handover)
    [subject] = mails_to(ward.deputy)
    assert "agree what comes first" in subject
    assert "stand in" in OutgoingMail.objects.get(to=ward.deputy.email).body
    assert mails_to(ward.manager) == []
    press(ward.leaver, "ask_deputy", ward.handover)
    assert len(mails_to(ward.deputy)) == 1, "pressed twice, asked once"


def test_a_silent_manager_is_stood_in_for_with_the_plan_too(ward: Cast) -> None:
    area = ward.handover.areas.create(title="Nights", priority="high")
    ward.handover.actions.create(
        area=area, title="Talk", recipient="Sam", due=ward.handover.last_day
    )
    Handover.objects.update(
        areas_shared_at=timezone.now(),
        priorities=Agreed.YES,
        priorities_agreed_at=timezone.now(),
    )
    ward.handover.refresh_from_db()
    AskForPlan(handover=ward.handover, by=ward.leaver).execute()
    let_the_clock_act(timezone.localdate() + timedelta(days=7))
    ward.handover.refresh_from_db()
    assert ward.handover.deputy_asked_at is not None
    assert "agree the plan" in mails_to(ward.deputy)[0]
    assert ward.handover.priorities == Agreed.YES


def test_a_knowledge_manager_starts_and_the_manager_hears_of_it_after_the_leaver() -> None:
    ward = cast(confirmed=False)
    Handover.objects.update(started_by=ward.knowledge_manager, successor=ward.successor)
    OutgoingMail.objects.all().delete()
    press(ward.leaver, "confirm", ward.handover)
    assert mails_to(ward.manager) == ["Leaver Test has started a handover: Ward sister"]
    assert mails_to(ward.successor) == ["You come next: Ward sister"]
    assert mails_to(ward.member) == []


def test_a_new_line_manager_and_a_new_successor_are_told(ward: Cast) -> None:
    facts = {"last_day": ward.handover.last_day, "reason": "leaving", "deputy": ward.deputy.pk}
    facts |= {"line_manager": ward.member.pk, "successor": ward.helper.pk}
    press(ward.leaver, "facts", ward.handover, **facts)
    assert mails_to(ward.member) == ["Leaver Test has started a handover: Ward sister"]
    assert mails_to(ward.helper) == ["You come next: Ward sister"]
    press(ward.leaver, "facts", ward.handover, **facts)
    assert len(mails_to(ward.helper)) == 1


def test_a_successor_named_before_the_team_may_know_is_not_told() -> None:
    ward = cast(confirmed=False)
    OutgoingMail.objects.all().delete()
    facts = {"last_day": ward.handover.last_day, "reason": "leaving", "deputy": ward.deputy.pk}
    facts |= {"line_manager": ward.manager.pk, "successor": ward.successor.pk}
    press(ward.leaver, "facts", ward.handover, **facts)
    assert mails_to(ward.successor) == []


@pytest.mark.parametrize(("answer", "words"), [("yes", "helps with"), ("no", "cannot help with")])
def test_whoever_hands_over_is_told_what_the_one_asked_has_said(
    ward: Cast, answer: str, words: str
) -> None:
    press(ward.asked, "answer_help", ward.handover, do=answer)
    [subject] = mails_to(ward.leaver)
    assert subject == f"Asked Test {words} the handover: Ward sister"


def test_an_offer_to_help_is_told_once(ward: Cast) -> None:
    press(ward.member, "offer_help", ward.handover)
    press(ward.member, "offer_help", ward.handover)
    assert mails_to(ward.leaver) == ["Member Test offers to help with the handover: Ward sister"]


def test_those_with_a_part_are_told_that_it_is_withdrawn_and_the_team_is_not(ward: Cast) -> None:
    press(ward.leaver, "withdraw", ward.handover, reason="I stay")
    told = {each: mails_to(getattr(ward, each)) for each in ("manager", "helper", "successor")}
    assert set(map(tuple, told.values())) == {("Withdrawn: the handover of Ward sister",)}
    assert mails_to(ward.deputy) == mails_to(ward.member) == mails_to(ward.leaver) == []
    link = LINK.search(OutgoingMail.objects.get(to=ward.helper.email).body)
    assert link is not None
    assert signed_in(ward.helper).get("/" + link[0].split("/", 3)[3]).status_code == 200


def test_whoever_missed_something_is_told_of_the_answer_once(ward: Cast) -> None:
    gap = RaiseGap(handover=ward.handover, by=ward.successor, text="Where is it?").execute()
    address = reverse("km_toolkit:settle_gap", args=[ward.handover.pk, gap.pk])
    for _twice in range(2):
        signed_in(ward.leaver).post(address, {"do": "answer", "answer": "In the drawer."})
    assert mails_to(ward.successor) == ["Your question has an answer: Ward sister"]


def test_the_leaver_is_told_that_the_team_has_accepted_for_now(ward: Cast) -> None:
    Handover.objects.update(successor=None)
    press(ward.manager, "accept", ward.handover, do="for-now")
    assert mails_to(ward.leaver) == ["Accepted for now by the team: Ward sister"]
    assert mails_to(ward.manager) == []


def test_the_reminder_names_what_waits_for_leaver_and_successor(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    AskQuestion(handover=ward.handover, by=ward.member, text="Why?").execute()
    OfferToHelp(handover=ward.handover, by=ward.member).execute()
    ward.handover.interviews.create(interviewer=ward.helper, state="ready")
    CloseQuestions(handover=ward.handover, by=ward.leaver).execute()
    found = waiting_in(ward.handover, ward.handover.last_day)
    words = " ".join(found[ward.leaver])
    for each in ("Answer what your team has asked", "offers to help", "Read and approve"):
        assert each in words
    assert "what you have understood" in " ".join(found[ward.successor])
    ward.handover.successor = None
    assert "who comes next" in " ".join(
        waiting_in(ward.handover, ward.handover.last_day)[ward.manager]
    )


def test_a_holder_who_dies_after_offering_an_address_is_not_written_to(ward: Cast) -> None:
    Handover.objects.update(
        email_afterwards="me@example.net", holder_away=True, away_reason="Has died", reason="death"
    )
    ward.handover.refresh_from_db()
    let_the_clock_act(ward.handover.last_day + timedelta(weeks=4))
    assert not OutgoingMail.objects.filter(to="me@example.net").exists()


def test_somebody_without_a_name_is_called_by_what_they_sign_in_with(ward: Cast) -> None:
    nameless = person("bare")
    nameless.first_name = nameless.last_name = ""
    context = {"handover": ward.handover, "post": ward.handover.post, "by": nameless}
    subject, _body = written("km_toolkit/email/started", context)
    assert subject.startswith("bare@example.org has started")


def test_whoever_gets_a_letter_stops_it_from_the_letter_itself(ward: Cast) -> None:
    Handover.objects.update(email_afterwards="me@example.net")
    ward.handover.refresh_from_db()
    ward.leaver.delete()
    last = ward.handover.last_day
    let_the_clock_act(last + timedelta(weeks=4))
    mail = OutgoingMail.objects.get(to="me@example.net")
    assert "You get this because" in mail.body
    [link] = LINK.findall(mail.body)
    address = "/" + link.split("/", 3)[3]
    for method in ("get", "head"):
        assert getattr(Client(), method)(address).status_code == 200
    assert Handover.objects.get().email_afterwards, "looking does nothing"
    answer = Client().post(address, follow=True)
    assert "We do not write any more" in answer.content.decode()
    assert not Handover.objects.get().email_afterwards
    assert Client().post(address).status_code == 200, "pressed twice"
    let_the_clock_act(last + timedelta(weeks=12))
    assert OutgoingMail.objects.filter(to="me@example.net").count() == 1
    log = ModelLogEntry.objects.filter(action="km_toolkit.letters_stopped")
    assert log.count() == 1


def test_a_letters_address_ends_with_the_address_it_was_sent_to(ward: Cast) -> None:
    Handover.objects.update(email_afterwards="me@example.net")
    ward.handover.refresh_from_db()
    token = letter_token(ward.handover)
    Handover.objects.update(email_afterwards="other@example.net")
    for each in (token, token[:-3], "x", "é"):
        answer = Client().post(reverse("km_toolkit:letter", args=[each]))
        assert "We do not write any more" in answer.content.decode()
    assert Handover.objects.get().email_afterwards == "other@example.net"
