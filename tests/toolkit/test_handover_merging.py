"""Two people write in one handover: nothing typed is overwritten, lost or hidden."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from km_pages.models import TeamSpacePage
from km_toolkit.actions.capture import CaptureOutput
from km_toolkit.actions.helping import GiveConsent, StartInterview
from km_toolkit.actions.name_areas import AddArea
from km_toolkit.merging import merged, seen_mark
from km_toolkit.models import Interview, KnowledgeArea, KnowledgeOutput
from tests.factories import KnowledgeAssetPageFactory, TopicFactory
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ward() -> Cast:
    return cast()


class Window:
    """One person's form, opened once and sent later."""

    def __init__(self, ward: Cast, who: Any, name: str, *args: Any) -> None:
        self.client = Client()
        self.client.force_login(who)
        self.url = reverse(f"km_toolkit:{name}", args=[ward.handover.pk, *args])
        self.page = self.client.get(self.url)

    def send(self, **typed: Any) -> Any:
        return self.client.post(self.url, typed)


@pytest.mark.parametrize(
    ("was", "stored", "typed", "kept"),
    [
        ("a", "a", "b", "b"),
        ("a", "b", "a", "b"),
        ("a", "b", "b", "b"),
        ("a", "b", "c", "b\n\nc"),
        ("", "b", "c", "b\n\nc"),
        ("a", "", "c", "c"),
        ("a", "b", "", "b"),
        ("a\r\nb", "a\nb", "c", "c"),
    ],
)
def test_what_either_has_changed_is_kept(was: str, stored: str, typed: str, kept: str) -> None:
    assert merged(typed, stored, seen_mark(was)) == kept


def interview_of(ward: Cast) -> Interview:
    made: Interview = StartInterview(
        handover=ward.handover, by=ward.helper, questions=[("One?", None), ("Two?", None)]
    ).execute()
    return made


@pytest.mark.postgres_too
def test_two_people_write_in_one_interview(ward: Cast) -> None:
    interview = interview_of(ward)
    one, two = interview.answers.all()
    windows = [Window(ward, who, "interview", interview.pk) for who in (ward.helper, ward.leaver)]
    seen = {f"seen-{each.pk}": seen_mark("") for each in (one, two)}
    windows[0].send(**{f"answer-{one.pk}": "First.\x00", f"answer-{two.pk}": "Mine."}, **seen)
    answer = windows[1].send(**{f"answer-{one.pk}": "", f"answer-{two.pk}": "Yours."}, **seen)
    assert [each.answer for each in interview.answers.all()] == ["First.", "Mine.\n\nYours."]
    assert "Nothing was overwritten" in windows[1].client.get(answer.url).content.decode()


@pytest.mark.parametrize("pressed", ["consent", "no-consent", "approve", "ready", "save"])
def test_whatever_is_pressed_keeps_what_was_typed(ward: Cast, pressed: str) -> None:
    interview = interview_of(ward)
    one, two = interview.answers.all()
    if pressed == "approve":
        Window(ward, ward.helper, "interview", interview.pk).send(do="ready")
    Window(ward, ward.leaver, "interview", interview.pk).send(
        **{f"answer-{one.pk}": "Typed.", f"answer-{two.pk}": "", "do": pressed}
    )
    one.refresh_from_db()
    assert one.answer == "Typed."
    if pressed == "approve":
        assert "Typed." in str(ward.handover.outputs.get().body.get_prep_value())


def test_consent_alone_leaves_a_write_up_where_it_is(ward: Cast) -> None:
    interview = interview_of(ward)
    Window(ward, ward.helper, "interview", interview.pk).send(do="ready")
    Window(ward, ward.leaver, "interview", interview.pk).send(do="consent", agreed_to="Yes")
    interview.refresh_from_db()
    assert interview.state == "ready"
    GiveConsent(
        handover=ward.handover, by=ward.leaver, interview=interview, consent=False
    ).execute()


AREA = {"criticality": 3, "uniqueness": 3, "urgency": 3}


def test_an_area_that_somebody_else_changed_is_shown_and_can_be_saved(ward: Cast) -> None:
    area = AddArea(handover=ward.handover, by=ward.helper, title="Calls").execute()
    assert area.typed_by == ward.helper
    mine = Window(ward, ward.leaver, "area", area.pk)
    assert "Typed in by Helper Test" in Window(ward, ward.leaver, "areas").page.content.decode()
    seen = mine.page.context["mark"]
    Window(ward, ward.helper, "area", area.pk).send(title="Night calls", why="x", seen=seen, **AREA)
    answer = mine.send(title="Calls at night", seen=seen, **AREA)
    page = answer.content.decode()
    assert "Saved by somebody else meanwhile" in page
    assert "Night calls" in page
    assert 'value="Calls at night"' in page
    mine.send(title="Calls at night", seen=answer.context["mark"], **AREA)
    assert KnowledgeArea.objects.get().title == "Calls at night"


def test_an_output_that_somebody_else_changed_is_shown_and_can_be_saved(ward: Cast) -> None:
    given = {"handover": ward.handover, "by": ward.leaver}
    row = CaptureOutput(**given, title="Pumps", details={"summary": "Old."}).execute()
    mine = Window(ward, ward.leaver, "output", row.pk)
    seen = row.changed_at.isoformat()
    CaptureOutput(
        handover=ward.handover,
        by=ward.helper,
        output=row,
        title="Pumps",
        details={"summary": "New."},
    ).execute()
    typed = {"title": "Pumps", "summary": "Mine.", "visibility": "team"}
    page = mine.send(**typed, seen=seen)
    assert "New." in page.content.decode()
    assert "Mine." in page.content.decode()
    mine.send(**typed, seen=page.context["form"]["seen"].value())
    assert KnowledgeOutput.objects.get().summary == "Mine."


def test_five_questions_are_merged_and_untouched_answers_stay_untouched(ward: Cast) -> None:
    nothing = seen_mark("")
    Window(ward, ward.helper, "express").send(**{"unfinished": "Rota.", "seen-unfinished": nothing})
    before = ward.handover.outputs.get().changed_at
    Window(ward, ward.leaver, "express").send(
        **{"unfinished": "Rota.", "seen-unfinished": seen_mark("Rota."), "people": "Ana."}
    )
    assert ward.handover.outputs.get(prompt="unfinished").changed_at == before
    Window(ward, ward.leaver, "express").send(
        **{"unfinished": "Orders.", "seen-unfinished": nothing}
    )
    text = str(ward.handover.outputs.get(prompt="unfinished").body.get_prep_value())
    assert "Rota." in text
    assert "Orders." in text


def test_topics_of_the_team_are_suggested(ward: Cast) -> None:
    space = TeamSpacePage.objects.get(team=ward.handover.post.team)
    page = KnowledgeAssetPageFactory(parent=space, title="Pumps", visibility="team")
    page.topics.set([TopicFactory(name="Infusion pumps")])
    page.save()
    assert "Infusion pumps" in Window(ward, ward.leaver, "areas").page.content.decode()
