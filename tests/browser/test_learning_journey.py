"""From the finder to a card, into the record and onto paper; by keys; without script."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from km_toolkit.models import LearningDraft, LearningEntry, LearningModulePage
from km_toolkit.modules import sections_of
from tests.browser.conftest import work_off
from tests.browser.looking import Looking
from tests.browser.visitors import Visitor, Windows, write_file
from tests.factories import UserFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("content"),
]
PHONE, DESK = 390, 1280
WHAT = "After action review of the winter rota"
FORM, RECORD = "/learning/record/add/", "/learning/record/"


@pytest.fixture
def learner() -> Any:
    return UserFactory(username="mara@example.org", first_name="Mara", last_name="Quill")


def kept(visitor: Visitor) -> None:
    """Wait until the form says that it is kept."""
    visitor.page.locator("[data-km-said]", has_text="Kept at").wait_for()


def fill(visitor: Visitor, **more: str) -> None:
    """Fill in what everybody fills in."""
    page = visitor.page
    page.get_by_label("I took part in a technique or meeting").check()
    page.get_by_label("What was it about?").fill(more.get("what", WHAT))
    page.get_by_label("How many minutes did it take?").fill("45")


def work_through(me: Visitor, module: LearningModulePage) -> None:
    """From its technique's page to the end of ``module``, and to the menu, where it is done."""
    me.follow(module.title)
    me.page.get_by_role("link", name="Begin", exact=True).click()
    for section in sections_of(module):
        me.page.get_by_role("heading", level=1, name=section.heading).wait_for()
        for each in section.answers:
            if each.right:
                me.page.get_by_label(each.text).check()
        me.press("Go on" if section.number < len(module.sections) else "Finish")
    me.page.get_by_role("heading", level=1, name="Completed").wait_for()
    me.follow("To the module menu")
    me.page.locator(".km-module--done", has_text=module.title).wait_for()


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_from_the_finder_to_a_card_a_module_the_menu_a_record_and_a_printed_page(
    window: Windows, learner: Any, tmp_path: Path, width: int
) -> None:
    me = window("mara", width=width)
    me.come_in()
    looking = Looking(me)
    me.open("/finder/?minutes=30&people=6&moment=after")
    me.page.locator("main").get_by_role("link", name="After action review").first.click()
    me.page.get_by_role("heading", level=1, name="After action review").wait_for()
    technique = me.page.url.removeprefix(me.base).partition("?")[0]
    card = me.ask(f"{technique}card/pdf/")
    assert len(PdfReader(io.BytesIO(card.body())).pages) == 1
    module = LearningModulePage.objects.get(slug="learn-after-action-review")
    work_through(me, module)
    looking.look("the menu")
    me.open(technique)
    me.follow("I took part: put it in my record")
    me.page.get_by_role("heading", name="Add what you learned").wait_for()
    assert me.page.get_by_label("What was it about?").input_value() == "After action review"
    assert me.page.get_by_label("I took part in a technique or meeting").is_checked()
    me.page.get_by_label("How many minutes did it take?").fill("45")
    me.page.get_by_label("How many of these minutes with other people?").fill("30")
    me.page.get_by_label("What do you take from it?").fill("Ask at eight what could go wrong.")
    me.page.get_by_text("Standards or codes it belongs to").click()
    me.page.get_by_label("Preserve safety").check()
    me.page.set_input_files("#id_files", write_file(tmp_path, "proof.txt", b"attended"))
    kept(me)
    looking.look("the form")
    me.press("Keep it in my record")
    me.page.get_by_role("heading", level=1, name="After action review").wait_for()
    looking.look("the entry")
    entry = LearningEntry.objects.exclude(origin="module").get()
    assert entry.evidence.count() == 1
    assert LearningEntry.objects.get(origin="module").what == module.title
    assert not LearningDraft.objects.exists()
    me.open(RECORD)
    looking.look("the record")
    me.press("Look at it and print it")
    me.page.get_by_role("link", name="Print it: as a PDF").wait_for()
    looking.look("the page to print")
    paper = me.page.get_by_role("link", name="Print it: as a PDF").get_attribute("href")
    words = PdfReader(io.BytesIO(me.ask(f"/learning/record/{paper.split('/')[-1]}").body()))
    text = " ".join(words.pages[0].extract_text().split())
    for part in (
        "Mara Quill",
        module.title,
        "After action review",
        "45 min",
        "Preserve safety",
        "proof.txt",
    ):
        assert part in text, part
    for path in ("/learning/record/targets/", "/learning/record/counts/", "/my-page/"):
        looking.open(path)
    looking.open(f"/learning/record/entries/{entry.key}/withdraw/")
    me.press(re.compile("^Take it out$"))
    me.page.get_by_text("You took this entry out.").wait_for()
    looking.open(reverse("km_record:taken_out"))
    assert looking.wrong == []


def test_what_is_typed_outlives_a_closed_tab_a_lost_sign_in_and_a_second_device(
    window: Windows, learner: Any
) -> None:
    phone = window("mara", width=PHONE)
    phone.come_in()
    phone.open(FORM)
    fill(phone)
    kept(phone)
    phone.page.close()
    desk = window("mara")
    desk.come_in()
    desk.open(RECORD)
    desk.follow(WHAT)
    desk.page.get_by_label("What do you take from it?").fill("Typed at the desk.")
    kept(desk)
    # The sign-in ends: nothing is sent, and all that was typed stands there.
    desk.context.clear_cookies()
    desk.page.get_by_label("What was your part in it?").fill("I led it")
    desk.press("Keep it in my record")
    desk.page.get_by_text("You have been signed out.").wait_for()
    assert desk.page.get_by_label("What do you take from it?").input_value() == "Typed at the desk."
    desk.come_in()
    desk.press("Keep it in my record")
    desk.page.get_by_role("heading", level=1, name=WHAT).wait_for()
    entry = LearningEntry.objects.get()
    assert (entry.role, entry.reflection) == ("I led it", "Typed at the desk.")
    assert not LearningDraft.objects.exists()


def test_the_form_is_filled_in_by_keys_alone(window: Windows, learner: Any) -> None:
    me = window("mara")
    me.come_in()
    me.open(FORM)
    keys = me.page.keyboard
    me.page.get_by_label("When was it?").focus()
    # The three parts of a date and its calendar, then the first of the ways to learn.
    for _stop in range(8):
        keys.press("Tab")
        if me.page.evaluate("document.activeElement.name") == "activity":
            break
    keys.press("Space")
    keys.press("Tab")
    keys.type(WHAT)
    keys.press("Tab")
    keys.type("45")
    # Sends the form, though other buttons stand before the one that does.
    keys.press("Enter")
    me.page.get_by_role("heading", level=1, name=WHAT).wait_for()
    assert LearningEntry.objects.get().minutes == 45


def test_without_script_it_is_kept_corrected_and_taken_out(window: Windows, learner: Any) -> None:
    me = window("mara", script=False, width=PHONE)
    me.come_in()
    me.open(FORM)
    fill(me)
    me.press("Finish later")
    me.page.get_by_role("heading", name="My learning record").wait_for()
    me.follow(WHAT)
    me.press("Keep it in my record")
    me.page.get_by_role("heading", level=1, name=WHAT).wait_for()
    me.follow("Correct it")
    me.page.get_by_label("How many minutes did it take?").fill("50")
    me.press("Put it in the place of the old one")
    me.page.get_by_role("heading", name="What it said before").wait_for()
    assert [each.minutes for each in LearningEntry.objects.current()] == [50]
    me.follow("Take it out")
    me.page.get_by_role("heading", name="Take this entry out?").wait_for()
    me.press(re.compile("^Take it out$"))
    me.page.get_by_text("You took this entry out.").wait_for()
    assert not LearningEntry.objects.current().exists()


def without_refresh(route: Any) -> None:
    """The answer, which does not load itself again while it is looked at."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=headers)


def test_a_long_record_says_how_far_it_is_and_then_is_there(window: Windows, learner: Any) -> None:
    LearningEntry.objects.bulk_create(
        LearningEntry(owner=learner, date=f"{year}-03-04", what=WHAT, minutes=45, activity="read")
        for year in range(1990, 2026)
        for _number in range(9)
    )
    me = window("mara")
    me.come_in()
    looking = Looking(me)
    me.page.route("**/learning/record/papers/**", without_refresh)
    me.open(reverse("km_record:as_pdf"))
    # A page that one was sent on to is not routed, and would load itself again.
    me.page.reload()
    me.page.get_by_role("heading", level=1, name="It is being made").wait_for()
    looking.look("a record that is being made")
    me.page.unroute("**/learning/record/papers/**")
    work_off()
    me.page.reload()
    me.page.get_by_role("heading", level=1, name="It is ready").wait_for()
    looking.look("a record that is made")
    link = me.page.get_by_role("link", name="Download the PDF").get_attribute("href")
    assert me.ask(str(link)).body().startswith(b"%PDF")
    assert looking.wrong == []
