"""A whole handover, everybody in a browser of their own; Express; no script; axe on every page."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from reportlab.pdfgen.canvas import Canvas

from km_pages.models import KnowledgeAssetPage
from km_pages.rebuilding import rebuild
from km_toolkit.actions.ask_team import InviteToAsk, OpenQuestions
from km_toolkit.actions.start_handover import Confirm, StartHandover
from km_toolkit.models import Handover, HandoverState
from tests.browser.conftest import work_off
from tests.browser.visitors import Visitor, Windows, windows, write_file
from tests.factories import ActivityPageFactory, OutputTypeFactory, tree_root
from tests.toolkit.handovers import Cast, cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(chromium: Any, live_server: Any) -> Iterator[Windows]:
    yield from windows(chromium, live_server.url)


@pytest.fixture
def ward(transactional_db: None) -> Cast:
    tree_root()
    made = cast(confirmed=False)
    Handover.objects.all().delete()
    ActivityPageFactory(title="Contact list")
    OutputTypeFactory(slug="contacts")
    rebuild()
    return made


def pdf(words: str) -> bytes:
    page = io.BytesIO()
    canvas = Canvas(page)
    canvas.drawString(72, 720, words)
    canvas.save()
    return page.getvalue()


def path(name: str, *args: Any) -> str:
    return reverse(f"km_toolkit:{name}", args=args)


class Looked:
    """Looks at pages with axe, at both widths, and keeps what was found."""

    def __init__(self, axe: Callable[..., list[str]]) -> None:
        self.axe, self.wrong = axe, {}

    def at(self, visitor: Visitor, what: str) -> None:
        for width in (1280, 390):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            found = self.axe(visitor.page)
            wide = visitor.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found = [*found, f"{wide} pixels wide at {width}"]
            if found:
                self.wrong[f"{what} at {width}"] = found
        visitor.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_whole_handover_from_start_to_accepted(
    ward: Cast, window: Windows, tmp_path: Path, axe: Any
) -> None:
    looked = Looked(axe)
    leaver, manager, member, successor = (
        window(name) for name in ("leaver", "manager", "member", "successor")
    )
    for each in (leaver, manager, member, successor):
        each.come_in()

    leaver.open(path("handovers"))
    looked.at(leaver, "empty list")
    leaver.follow("Start a handover")
    looked.at(leaver, "start")
    last_day = timezone.localdate() + datetime.timedelta(weeks=6)
    leaver.page.get_by_label("When is the last day").fill(last_day.isoformat())
    leaver.page.get_by_label("Who is the line manager?").select_option(label="Manager Test")
    leaver.press("Start")
    handover = Handover.objects.get()
    looked.at(leaver, "task list of a draft")
    assert member.open(path("ask", handover.pk)) == 404
    leaver.follow("Let the team know")
    looked.at(leaver, "confirm")
    leaver.press("Yes, let them know")

    leaver.open(path("areas", handover.pk))
    for title in ("Night calls", "Ordering"):
        leaver.page.get_by_label("What it is about").fill(title)
        leaver.press("Add this area")
    looked.at(leaver, "areas")
    leaver.press("Share the list with my line manager")

    leaver.open(path("questions", handover.pk))
    leaver.press("Ask the team")
    member.open(path("ask", handover.pk))
    looked.at(member, "question page")
    member.page.get_by_label("What would you like to know?").fill("Who keeps the spare key?")
    member.page.get_by_label("Without my name").check()
    member.press("Ask")
    assert "Who keeps the spare key?" not in member.text()
    leaver.open(path("questions", handover.pk))
    leaver.press("Close the questions")
    looked.at(leaver, "questions")
    leaver.page.get_by_role("link", name="Answer, or put it to an area").click()
    looked.at(leaver, "one question")
    leaver.page.get_by_label("Your answer").fill("The porter.")
    leaver.press("Answer now")

    leaver.open(path("priorities", handover.pk))
    looked.at(leaver, "priorities")
    for group in leaver.page.get_by_role("group", name="Priority").all():
        group.get_by_label("High").check()
    leaver.press("Ask my line manager to agree")
    manager.open(path("priorities", handover.pk))
    looked.at(manager, "priorities of the manager")
    manager.press("Agree these priorities")

    for area in handover.areas.all():
        leaver.open(path("add_action", handover.pk) + f"?area={area.pk}")
        leaver.page.get_by_label("Which activity of the toolbox?").select_option(
            label="Contact list"
        )
        leaver.press("Save")
    looked.at(leaver, "plan")
    manager.open(path("plan", handover.pk))
    manager.page.get_by_label("How many hours").fill("2")
    manager.press("Agree this plan")

    capture(leaver, handover, looked, tmp_path)
    work_off()
    assert "Rota" in " ".join(member.search("cavitation").titles)

    successor.open(path("accept", handover.pk))
    looked.at(successor, "accept")
    for area in handover.areas.all():
        section = successor.page.locator("section").filter(has_text=area.title).first
        section.get_by_label("In your own words").fill("I call Ana first.")
        section.get_by_role("button", name="Save").click()
    successor.page.get_by_label("What is still missing?").fill("Where is the drawer?")
    successor.press("Ask this")
    leaver.open(path("accept", handover.pk))
    looked.at(leaver, "a gap")
    leaver.page.get_by_label("Your answer").fill("Left of the door.")
    leaver.press("Answer")
    successor.open(path("accept", handover.pk))
    successor.press("Accept the handover")
    handover.refresh_from_db()
    assert handover.state == HandoverState.ACCEPTED
    for name in ("handover", "history", "pack", "facts"):
        manager.open(path(name, handover.pk))
        looked.at(manager, name)
    manager.open(path("board") + "?state=accepted")
    looked.at(manager, "board")
    member.open(path("post", handover.post_id))
    looked.at(member, "handbook")
    assert looked.wrong == {}
    assert [each.errors for each in (leaver, manager, member, successor)] == [[], [], [], []]


def capture(leaver: Visitor, handover: Handover, looked: Looked, tmp_path: Path) -> None:
    """Name who comes next, interview oneself with a recording, capture contacts and a PDF."""
    leaver.open(path("facts", handover.pk))
    leaver.page.get_by_label("who comes next", exact=False).select_option(label="Successor Test")
    leaver.press("Save")
    leaver.open(path("help", handover.pk))
    looked.at(leaver, "help")
    leaver.press("Begin an interview")
    leaver.press("I agree to be recorded")
    leaver.page.locator("textarea").first.fill("Ring the bell twice.")
    leaver.press("It is complete")
    looked.at(leaver, "interview")
    leaver.press("Approve")

    leaver.open(path("new_output", handover.pk, "contacts"))
    looked.at(leaver, "contacts")
    leaver.page.get_by_label("What is it called?").fill("Contacts")
    leaver.page.get_by_label("Name").first.fill("Ana Reyes")
    leaver.page.get_by_label("Call them about").first.fill("Pumps")
    leaver.press("Save and share")
    looked.at(leaver, "check before sharing")
    leaver.press("Share it")
    leaver.open(path("new_output", handover.pk, "note"))
    leaver.page.get_by_label("What is it called?").fill("Rota")
    file = write_file(tmp_path, "rota.pdf", pdf("cavitation of the pump"))
    leaver.page.get_by_label("Files and photographs").set_input_files(str(file))
    leaver.press("Save and share")
    work_off()
    leaver.page.reload()
    leaver.press("Share it")
    looked.at(leaver, "captured")
    assert KnowledgeAssetPage.objects.live().count() == 2


def test_express_without_script_on_a_phone(ward: Cast, window: Windows, axe: Any) -> None:
    leaver = window("leaver", script=False, width=390)
    leaver.come_in()
    leaver.open(path("start_handover"))
    last_day = timezone.localdate() + datetime.timedelta(days=7)
    leaver.page.get_by_label("When is the last day").fill(last_day.isoformat())
    leaver.page.get_by_label("Who is the line manager?").select_option(label="Manager Test")
    leaver.press("Start")
    leaver.follow("Answer five questions")
    leaver.page.get_by_role("textbox", name="What is unfinished?").fill("The rota for May")
    leaver.page.get_by_role("textbox", name="Whom should we call").fill("Ana, for pumps")
    leaver.press("Save")
    assert "What is unfinished?" in leaver.text()
    handover = Handover.objects.get()
    assert handover.express
    assert handover.outputs.count() == 2


def test_a_guest_asks_with_nothing_but_the_link(ward: Cast, window: Windows, axe: Any) -> None:

    handover = StartHandover(
        post=ward.leaver.km_posts_held.get(),
        by=ward.leaver,
        last_day=timezone.localdate() + datetime.timedelta(days=40),
        line_manager=ward.manager,
    ).execute()
    Confirm(handover=handover, by=ward.leaver).execute()
    OpenQuestions(handover=handover, by=ward.leaver).execute()
    _link, secret = InviteToAsk(
        handover=handover, by=ward.leaver, email="bank@example.org"
    ).execute()
    guest, looked = window(), Looked(axe)
    assert guest.open(path("ask_by_link", secret)) == 200
    assert not handover.requests.exists()
    looked.at(guest, "guest's page")
    guest.page.get_by_label("What would you like to know?").fill("Where is the rota?")
    guest.press("Ask")
    assert "Thank you" in guest.text() or "Thank you" in guest.page.content()
    assert handover.requests.get().author is None
    assert guest.open(path("ask_by_link", "wrong" * 8)) == 404
    looked.at(guest, "ended link")
    assert looked.wrong == {}
