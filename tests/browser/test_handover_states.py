"""States of a handover's pages that a smooth journey does not meet; and one page by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from km_pages.models import KnowledgeAssetPage
from km_toolkit.actions.ask_team import OpenQuestions
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from km_toolkit.actions.name_areas import AddArea, ChangeArea
from km_toolkit.models import Handover
from tests.browser.looking import Looking
from tests.browser.visitors import Visitor, Windows
from tests.factories import OutputTypeFactory, tree_root
from tests.toolkit.handovers import Cast, cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def ward(transactional_db: None) -> Cast:
    tree_root()
    return cast()


def path(name: str, *args: Any) -> str:
    return reverse(f"km_toolkit:{name}", args=args)


def contacts_of(ward: Cast, holder: Any, phone: str) -> None:
    made = CaptureOutput(
        handover=ward.handover,
        by=ward.leaver,
        title=f"Contacts {phone}",
        details={"body": [("contacts", {"entries": [{"name": "Ana Reyes", "phone": phone}]})]},
    ).execute()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=made).execute()
    page = KnowledgeAssetPage.objects.get(title=f"Contacts {phone}")
    page.holder = holder
    page.output_type = OutputTypeFactory(slug="contacts", name="Contacts")
    page.save_revision().publish()


def test_errors_conflicts_and_seldom_pages_are_clean(ward: Cast, window: Windows) -> None:
    area = AddArea(handover=ward.handover, by=ward.helper, title="Night calls").execute()
    contacts_of(ward, ward.member, "200")
    contacts_of(ward, ward.leaver, "201")
    leaver = window("leaver")
    leaver.come_in()
    looking, pk = Looking(leaver), ward.handover.pk

    leaver.open(path("start_handover"))
    leaver.press("Start")
    leaver.page.locator(".nhsuk-error-summary").wait_for()
    looking.look("start with errors")
    leaver.open(path("new_output", pk, "contacts"))
    leaver.press("Save and share")
    leaver.page.locator(".nhsuk-error-summary").wait_for()
    looking.look("contacts with errors")

    leaver.open(path("area", pk, area.pk))
    ChangeArea(
        handover=ward.handover, by=ward.helper, area=area, details={"title": "Calls at night"}
    ).execute()
    leaver.page.get_by_label("Why it matters").fill("Nobody else answers.")
    leaver.press("Save")
    leaver.page.get_by_text("Saved by somebody else meanwhile").wait_for()
    looking.look("an area that somebody else has changed")
    leaver.press("Save")
    leaver.page.get_by_text("Changed.").wait_for()
    area.refresh_from_db()
    assert area.why == "Nobody else answers."

    looking.open(path("post_differences", ward.handover.post_id), name="differences")
    looking.open(path("new_output", pk, "memo"), name="memo")
    leaver.open(path("mails"))
    leaver.press("Make an address for my calendar")
    leaver.page.get_by_label("Copy it now").wait_for()
    looking.look("an address for a calendar")
    Handover.objects.filter(pk=pk).update(holder_away=True, away_reason="Ill")
    manager = window("manager")
    manager.come_in()
    away = Looking(manager)
    away.open(path("handover", pk), name="without the holder")
    away.open(path("capture", pk), name="captured without the holder")
    assert looking.wrong + away.wrong == []


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press Tab until what ``selector`` finds has the focus."""
    for _press in range(60):
        if visitor.page.locator(f"{selector}:focus").count():
            return
        visitor.page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached with the Tab key")


def test_a_question_without_a_name_is_asked_with_the_keyboard_alone(
    ward: Cast, window: Windows
) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    member = window("member")
    member.come_in()
    member.open(path("ask", ward.handover.pk))
    keyboard = member.page.keyboard
    tab_to(member, "textarea[name=text]")
    keyboard.type("Where is the key?")
    tab_to(member, "input[name=named]")
    keyboard.press("ArrowDown")
    tab_to(member, "main form button")
    keyboard.press("Enter")
    member.page.get_by_text("Your question is shown later").wait_for()
    asked = ward.handover.requests.get()
    assert (asked.text, asked.named, asked.author) == ("Where is the key?", False, None)
