"""Poster, workbook and thanks: what they say, to whom, and that nothing typed is code."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import KnowledgeAssetPage, OutgoingMail, PageUse
from km_toolkit import notifications
from km_toolkit.actions.ask_team import AskQuestion, CloseQuestions, OpenQuestions
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from km_toolkit.actions.name_areas import AddArea
from km_toolkit.actions.start_handover import VolunteerAfterwards
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db
NASTY = '#panic("x") $a$ *b* \\ "quote" مرحبا 🙂'


@pytest.fixture
def ward() -> Cast:
    return cast()


def get(ward: Cast, who: Any, name: str) -> Any:
    client = Client()
    client.force_login(who)
    return client.get(reverse(f"km_toolkit:{name}", args=[ward.handover.pk]))


def words_of(answer: Any) -> str:
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def test_a_poster_leads_to_the_question_page_while_the_team_is_asked(ward: Cast) -> None:
    assert get(ward, ward.leaver, "poster").status_code == 302
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    words = words_of(get(ward, ward.leaver, "poster"))
    assert "Leaver Test hands over the post “Ward sister”" in words
    assert reverse("km_toolkit:ask", args=[ward.handover.pk]) in words
    assert get(ward, ward.member, "poster").status_code == 404


def test_the_workbook_holds_what_is_there_and_room_for_the_rest(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    AskQuestion(handover=ward.handover, by=ward.member, text="Where is it?", named=False).execute()
    CloseQuestions(handover=ward.handover, by=ward.leaver).execute()
    AddArea(handover=ward.handover, by=ward.leaver, title=f"Night {NASTY}").execute()
    words = words_of(get(ward, ward.leaver, "handover_workbook"))
    assert '#panic("x")' in words
    assert "Where is it?" in words
    assert "Typed in by" in words
    # Until the leaver shares the areas, a manager's workbook is empty.
    assert "Night" not in words_of(get(ward, ward.manager, "handover_workbook"))
    assert get(ward, ward.member, "handover_workbook").status_code == 404


def shared(ward: Cast) -> KnowledgeAssetPage:
    made = CaptureOutput(
        handover=ward.handover, by=ward.leaver, title="Pumps", details={"summary": "Ring Ana."}
    ).execute()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=made).execute()
    made.refresh_from_db()
    return made.page


def test_whoever_asked_for_it_is_told_how_often_their_notes_were_opened(
    ward: Cast, settings: Any
) -> None:
    settings.KM_COUNT_USE = True
    PageUse.objects.create(page=shared(ward), month=timezone.localdate().replace(day=1), times=41)
    assert get(ward, ward.leaver, "thanks").status_code == 404
    VolunteerAfterwards(
        handover=ward.handover, by=ward.leaver, email="me@example.org", thank_you=True
    ).execute()
    page = " ".join(get(ward, ward.leaver, "thanks").content.decode().split())
    assert "Your notes were opened 41 times." in page
    assert "Pumps" in page
    for other in (ward.manager, ward.successor, ward.knowledge_manager, ward.member):
        assert get(ward, other, "thanks").status_code == 404
    notifications.write_after(ward.handover)
    assert "opened 41 times" in OutgoingMail.objects.get(to="me@example.org").body
