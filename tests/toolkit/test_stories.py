"""The stories of the handover service, each as a test through its pages.

Stories 9 and 10 with real files are gone through in a browser: tests/browser/test_handover_journey.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import KnowledgeAssetPage, OutgoingMail
from km_toolkit.models import Agreed, Handover, HandoverState, TeamRequest
from tests.toolkit.handovers import Cast, cast
from tests.toolkit.test_handover_doors import ATTEMPTS, World, address, world
from tests.toolkit.test_handover_pages import Door

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def made() -> World:
    return world("open")


def send(made: World, who: str, name: str, **fields: Any) -> Any:
    """Send the form of the change ``name`` as ``who``, with ``fields`` instead of the usual."""
    client = Client()
    client.force_login(getattr(made.ward, who))
    attempt = ATTEMPTS[name]
    answer = client.post(address(made, attempt), fields or attempt.fields(made))
    made.ward.handover.refresh_from_db()
    return answer


def test_story_4_a_handover_starts_with_three_answers_and_few_know_of_it() -> None:
    ward = cast(confirmed=False)
    Handover.objects.all().delete()
    OutgoingMail.objects.all().delete()
    client = Client()
    client.force_login(ward.leaver)
    fields = {
        "post": ward.handover.post.pk,
        "last_day": (timezone.localdate() + datetime.timedelta(weeks=6)).isoformat(),
        "line_manager": ward.manager.pk,
        "reason": "leaving",
    }
    assert client.post(reverse("km_toolkit:start_handover"), fields).status_code == 302
    handover = Handover.objects.get()
    assert handover.state == HandoverState.DRAFT
    handover.successor = ward.successor
    handover.save()
    seeing = {
        name
        for name, person in ward.everybody.items()
        if _opens(person, reverse("km_toolkit:handover", args=[handover.pk]))
    }
    # The successor too waits until the leaver has confirmed.
    assert seeing == {"leaver", "manager", "knowledge_manager", "superuser"}
    assert {each.to for each in OutgoingMail.objects.all()} == {ward.manager.email}


def _opens(person: Any, where: str) -> bool:
    client = Client()
    client.force_login(person)
    return bool(client.get(where).status_code == 200)


def test_story_5_an_unnamed_question_names_nobody_anywhere(made: World) -> None:
    send(made, "member", "ask_question", text="Why is it so?", named="no")
    send(made, "leaver", "close_questions")
    question = TeamRequest.objects.get(text="Why is it so?")
    assert (question.author, question.author_name, question.asked_at) == (None, "", None)
    name = made.ward.member.get_full_name()
    for who, page in (("leaver", "questions"), ("manager", "history"), ("leaver", "pack")):
        text = Door(made.ward, getattr(made.ward, who)).get(page).content.decode()
        assert name not in text, page
    client = Client()
    client.force_login(made.ward.superuser)
    for export in ("", "?export=csv"):
        answer = client.get(f"/admin/handover-questions/{export}")
        assert name not in b"".join(answer).decode()
    send(made, "leaver", "file_question")
    client.force_login(made.ward.leaver)
    client.post(
        reverse("km_toolkit:question", args=[made.ward.handover.pk, question.pk]),
        {"do": "file", "area": made.area.pk},
    )
    question.refresh_from_db()
    assert question.area == made.area


def test_story_6_the_manager_agrees_and_a_later_change_reopens(made: World) -> None:
    low = {f"area-{pk}-priority": "low" for pk in (made.area.pk, made.high.pk)}
    not_now = {**low, f"area-{made.area.pk}-priority": "not_now"}
    assert send(made, "manager", "agree_priorities", **not_now, do="agree").status_code == 200
    assert made.ward.handover.priorities == Agreed.NO
    send(made, "leaver", "agree_priorities", **low, do="agree")
    assert made.ward.handover.priorities == Agreed.NO
    reason = {f"area-{made.area.pk}-reason": "In spring"}
    send(made, "manager", "agree_priorities", **not_now, **reason, do="agree")
    assert made.ward.handover.priorities == Agreed.YES
    assert made.ward.handover.priorities_agreed_by == made.ward.manager
    send(made, "leaver", "set_priority", **low, do="save")
    assert made.ward.handover.priorities == Agreed.REOPENED
    history = Door(made.ward, made.ward.leaver).get("history").content.decode()
    assert "Set a priority" in history


def test_story_7_no_plan_is_agreed_while_a_high_area_has_no_action(made: World) -> None:
    made.high.priority = "high"
    made.high.save()
    answer = send(made, "manager", "agree_plan")
    assert "Nothing is planned yet for: Keys." in answer.content.decode()
    late = (made.ward.handover.last_day + datetime.timedelta(days=1)).isoformat()
    fields = {"area": made.high.pk, "title": "Show them", "recipient": "Sam", "due": late}
    send(made, "leaver", "add_action", **fields)
    assert "after the last day" in Door(made.ward, made.ward.leaver).get("plan").content.decode()
    send(made, "manager", "agree_plan")
    assert made.ward.handover.plan == Agreed.YES


def test_story_8_no_recording_before_consent_and_nothing_shared_before_approval(
    made: World,
) -> None:
    interview = made.talk
    answer = interview.answers.get()
    recording = SimpleUploadedFile("talk.txt", b"words", "text/plain")
    given = {f"answer-{answer.pk}": "Prime it twice.", "do": "ready", "recording": recording}
    send(made, "helper", "write_up", **given)
    interview.refresh_from_db()
    answer.refresh_from_db()
    assert interview.recording is None
    assert answer.answer == "Prime it twice."
    before = made.ward.handover.outputs.count()
    send(made, "helper", "approve_write_up", do="approve")
    assert made.ward.handover.outputs.count() == before
    send(made, "leaver", "approve_write_up", do="approve")
    assert made.ward.handover.outputs.count() == before + 1
    assert not KnowledgeAssetPage.objects.exists()


def test_story_11_accepted_only_when_said_back_and_nothing_is_missing(made: World) -> None:
    made.area.priority = "high"
    made.area.save()
    for who, name, fields in (
        ("successor", "accept", {"do": "accept"}),
        ("successor", "say_back", {f"area-{made.area.pk}-text": "   "}),
        ("successor", "accept", {"do": "accept"}),
        ("successor", "say_back", {f"area-{made.area.pk}-text": "I call Ana."}),
        ("successor", "accept", {"do": "accept"}),
    ):
        send(made, who, name, **fields)
        assert made.ward.handover.state == HandoverState.OPEN
    send(made, "manager", "waive_gap", do="waive", reason="New locks")
    send(made, "successor", "accept", do="accept")
    assert made.ward.handover.state == HandoverState.ACCEPTED


def test_nothing_here_is_for_performance_or_discipline(made: World) -> None:
    for page in ("areas", "priorities"):
        text = Door(made.ward, made.ward.leaver).get(page).content.decode()
        assert "performance" in text, page


def test_nobody_to_help_is_a_reason_and_no_obstacle(made: World) -> None:
    client = Client()
    client.force_login(made.ward.leaver)
    where = reverse("km_toolkit:skip", args=[made.ward.handover.pk, 5])
    assert client.post(where, {"reason": "Nobody has time"}).status_code == 302
    assert send(made, "leaver", "start_interview").status_code == 302
    answer = Door(made.ward, made.ward.leaver).post("help", person=made.ward.manager.pk)
    assert answer.status_code == 302, "a line manager who helps is warned of, never refused"


def test_words_of_the_trade_are_on_no_page_of_the_service(made: World) -> None:
    leaver = Door(made.ward, made.ward.leaver)
    for page in ("handover", "areas", "questions", "priorities", "plan", "help", "capture"):
        text = leaver.get(page).content.decode().partition("<main")[2].lower()
        for word in ("tacit", "elicit", "knowledge asset", "rct"):
            assert f" {word}" not in text, (page, word)


def test_whose_sign_in_it_is_stands_on_every_page(made: World) -> None:
    name = made.ward.leaver.get_full_name()
    leaver = Door(made.ward, made.ward.leaver)
    for page in ("handover", "areas", "capture", "express"):
        assert name in leaver.get(page).content.decode().partition("<main")[0], page


def test_told_in_person_keeps_to_whom_and_nothing_else(made: World) -> None:
    send(made, "leaver", "tell_in_person", told_to="Helen")
    made.area.refresh_from_db()
    assert (made.area.told_in_person, made.area.told_to) == (True, "Helen")


def test_what_is_overheard_of_a_resignation_before_it_is_public_is_nothing() -> None:
    ward: Cast = cast(confirmed=False)
    for name in ("member", "steward", "helper", "successor", "other"):
        client = Client()
        client.force_login(getattr(ward, name))
        assert client.get(reverse("km_toolkit:ask", args=[ward.handover.pk])).status_code == 404
        listed = client.get(reverse("km_toolkit:handovers")).content.decode()
        assert "Ward sister" not in listed.partition("<main")[2], name
    assert not OutgoingMail.objects.filter(to=ward.member.email).exists()
