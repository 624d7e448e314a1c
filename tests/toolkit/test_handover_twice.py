"""Sent twice, sent again by the back button, two people at once: nothing doubled, nothing lost.

Every form of the service that makes something is sent twice as a browser would send it.
"""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import Job, OutgoingMail
from km_toolkit.models import Agreed, Handover
from tests.toolkit.handovers import Cast, cast
from tests.toolkit.test_handover_doors import AREA, ATTEMPTS, World, address, world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

# Who sends each form that makes something or writes to somebody.
MAKING = {
    "add_action": "leaver",
    "add_area": "leaver",
    "answer_gap": "leaver",
    "ask_question": "member",
    "ask_to_help": "leaver",
    "close_questions": "leaver",
    "confirm": "leaver",
    "file_question": "leaver",
    "invite_to_ask": "manager",
    "offer_to_help": "member",
    "open_questions": "leaver",
    "propose_plan": "leaver",
    "propose_priorities": "leaver",
    "raise_gap": "successor",
    "say_back": "successor",
    "share_output": "leaver",
    "skip_step": "manager",
    "start_interview": "helper",
    "support_question": "member",
    "waive_gap": "manager",
    "withdraw": "manager",
}
PARTS_OF_IT = (
    *("areas", "requests", "links", "actions", "outputs", "gaps", "helping", "interviews"),
    "skipped",
)


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def counted(ward: Cast) -> dict[str, int]:
    """How many rows of each kind there are, and mails."""
    rows = {name: getattr(ward.handover, name).count() for name in PARTS_OF_IT}
    mails = OutgoingMail.objects.count() + Job.objects.filter(kind="send_mail").count()
    return {**rows, "mails": mails}


def hidden_in(page: Any) -> dict[str, str]:
    """The hidden marks of the forms on a page: what a browser sends along."""
    found = {}
    for context in page.context or []:
        for name in ("form", "gap_form"):
            form = context.get(name)
            if form is not None and hasattr(form, "hidden_fields"):
                found |= {each.html_name: str(each.value()) for each in form.hidden_fields()}
        if "asked" in context:
            found["asked"] = context["asked"]
    return {name: value for name, value in found.items() if value != "None"}


@pytest.mark.parametrize("name", MAKING)
def test_a_form_sent_twice_does_it_once(name: str) -> None:
    made = world("draft" if name == "confirm" else "open")
    attempt, client = ATTEMPTS[name], client_of(getattr(made.ward, MAKING[name]))
    attempt.first(made)
    where = address(made, attempt)
    # Forms that only take a button's press have their page elsewhere.
    shown = client.get({"gap": where.removesuffix("gap/")}.get(attempt.page, where))
    fields = {**attempt.fields(made), **(hidden_in(shown) if shown.status_code == 200 else {})}
    client.post(where, fields)
    once = counted(made.ward)
    again = client.post(where, fields)
    assert counted(made.ward) == once
    assert again.status_code < 500


def test_one_start_sent_twice_makes_one_handover_and_says_so() -> None:
    ward = cast()
    Handover.objects.all().delete()
    client = client_of(ward.leaver)
    fields = {
        "post": ward.handover.post.pk,
        "last_day": timezone.localdate().isoformat(),
        "line_manager": ward.manager.pk,
        "reason": "leaving",
    }
    client.post(reverse("km_toolkit:start_handover"), fields)
    again = client.post(reverse("km_toolkit:start_handover"), fields)
    assert Handover.objects.count() == 1
    assert "under way already" in again.content.decode()


def said(answer: Any) -> str:
    """What the reader is told: the page, and what the next page will say."""
    waiting = " ".join(str(each) for each in get_messages(answer.wsgi_request))
    return answer.content.decode() + waiting


MEANWHILE = {
    # name: (who was quicker, what they sent, who was slower, what they typed)
    "withdraw": ("manager", {"reason": "They stay"}, "leaver", {"reason": "WHAT I TYPED"}),
    "skip_step": ("manager", {"reason": "No time"}, "leaver", {"reason": "WHAT I TYPED"}),
    "answer_gap": (
        "manager",
        {"do": "answer", "answer": "Ward 3"},
        "leaver",
        {"do": "answer", "answer": "WHAT I TYPED"},
    ),
    "invite_to_ask": (
        "manager",
        {"email": "typed@example.org"},
        "leaver",
        {"email": "typed@example.org"},
    ),
    "change_area": (
        "helper",
        {**AREA, "why": "Because of nights"},
        "leaver",
        {**AREA, "why": "WHAT I TYPED"},
    ),
    "capture": (
        "helper",
        {"title": "Other", "summary": "Theirs", "visibility": "team"},
        "leaver",
        {"title": "Mine", "summary": "WHAT I TYPED", "visibility": "team"},
    ),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_who_is_slower_is_told_and_keeps_the_text(name: str) -> None:
    made, attempt = world("open"), ATTEMPTS[name]
    quick, theirs, slow, mine = MEANWHILE[name]
    where = address(made, attempt)
    mark: dict[str, str] = {}
    if name in ("change_area", "capture"):
        page = client_of(getattr(made.ward, slow)).get(where)
        mark = {"seen": page.context.get("mark") or page.context["form"]["seen"].value()}
    assert client_of(getattr(made.ward, quick)).post(where, {**theirs, **mark}).status_code == 302
    answer = client_of(getattr(made.ward, slow)).post(where, {**mine, **mark})
    kept = "typed@example.org" if name == "invite_to_ask" else "WHAT I TYPED"
    assert answer.status_code in (200, 422)
    assert kept in answer.content.decode()
    told = ("meanwhile", "already", "cannot be done now", "since you opened it")
    assert any(words in answer.content.decode() for words in told)


def test_dates_and_people_changed_by_two_are_shown_to_the_slower() -> None:
    made = world("open")
    leaver, manager = client_of(made.ward.leaver), client_of(made.ward.manager)
    where = address(made, ATTEMPTS["change_facts"])
    mark = leaver.get(where).context["mark"]
    fields = ATTEMPTS["change_facts"].fields(made)
    assert manager.post(where, {**fields, "seen": mark}).status_code == 302
    answer = leaver.post(where, {**fields, "last_day": "2032-01-31", "seen": mark})
    page = answer.content.decode()
    assert "2032-01-31" in page
    assert "Saved by somebody else meanwhile" in page
    made.ward.handover.refresh_from_db()
    assert str(made.ward.handover.last_day) == "2031-05-02"
    again = {**fields, "last_day": "2032-01-31", "seen": answer.context["mark"]}
    assert leaver.post(where, again).status_code == 302


def test_an_action_changed_by_two_is_shown_to_the_slower() -> None:
    made = world("open")
    leaver, manager = client_of(made.ward.leaver), client_of(made.ward.manager)
    where = address(made, ATTEMPTS["change_action"])
    mark = leaver.get(where).context["mark"]
    fields = ATTEMPTS["change_action"].fields(made)
    manager.post(where, {**fields, "place": "Office", "seen": mark})
    page = leaver.post(where, {**fields, "place": "WHAT I TYPED", "seen": mark}).content.decode()
    assert "WHAT I TYPED" in page
    assert "Office" in page
    made.row.refresh_from_db()
    assert made.row.place == "Office"


def priorities(made: World, page: Any, **chosen: str) -> dict[str, str]:
    """What the form of priorities sends, as it stands on ``page``, with ``chosen`` by title."""
    sent = {"asked": page.context["asked"]}
    for area, form in page.context["pairs"]:
        sent[f"{form.prefix}-seen"] = area.priority
        sent[f"{form.prefix}-priority"] = chosen.get(area.title, area.priority)
    return sent


def test_a_stale_list_of_priorities_does_not_undo_what_the_manager_has_agreed() -> None:
    made = world("open")
    leaver, manager = client_of(made.ward.leaver), client_of(made.ward.manager)
    where = address(made, ATTEMPTS["set_priority"])
    stale = leaver.get(where)
    agreed = priorities(made, manager.get(where), Rota="high")
    assert manager.post(where, {**agreed, "do": "agree"}).status_code == 302
    leaver.post(where, {**priorities(made, stale), "do": "save"})
    made.area.refresh_from_db()
    made.ward.handover.refresh_from_db()
    assert made.area.priority == "high"
    assert made.ward.handover.priorities == Agreed.YES
    answer = leaver.post(where, {**priorities(made, stale, Rota="medium"), "do": "save"})
    assert "meanwhile" in said(answer)
    made.area.refresh_from_db()
    assert made.area.priority == "high"


def test_the_manager_agreeing_a_stale_list_is_told() -> None:
    made = world("open")
    leaver, manager = client_of(made.ward.leaver), client_of(made.ward.manager)
    where = address(made, ATTEMPTS["set_priority"])
    stale = priorities(made, manager.get(where))
    fresh = priorities(made, leaver.get(where), Keys="high")
    leaver.post(where, {**fresh, "do": "save"})
    answer = manager.post(where, {**stale, "do": "agree"})
    assert "changed the list" in said(answer)
    made.ward.handover.refresh_from_db()
    assert made.ward.handover.priorities != Agreed.YES


@pytest.mark.parametrize("page", ["say_back", "gap", "settle_gap", "waive_gap"])
def test_too_little_or_too_much_is_said_beside_what_was_typed(page: str) -> None:
    made = world("open")
    made.area.priority = "high"
    made.area.save()
    person, attempt, fields = {
        "say_back": ("successor", "say_back", {f"area-{made.area.pk}-text": "x" * 10_001}),
        "gap": ("successor", "raise_gap", {"text": "x" * 4_001}),
        "settle_gap": ("leaver", "answer_gap", {"do": "answer", "answer": "x" * 20_001}),
        "waive_gap": ("manager", "waive_gap", {"do": "waive", "reason": "x" * 4_001}),
    }[page]
    client = client_of(getattr(made.ward, person))
    answer = client.post(address(made, ATTEMPTS[attempt]), fields)
    assert answer.status_code == 422
    shown = BeautifulSoup(answer.content, "html.parser")
    assert "x" * 4_000 in str(shown)
    wrong = shown.select_one(".nhsuk-form-group--error")
    assert wrong is not None
    assert wrong.select_one("[id$=_error]") is not None
    assert shown.select_one(".nhsuk-error-summary") is not None
