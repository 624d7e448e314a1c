"""The search journey in a real browser: suggestions, results, facets, and without script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import forget
from tests.factories import (
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TechniquePageFactory,
)
from tests.pages.indexing import settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def pages() -> None:
    forget()
    TechniquePageFactory(title="Handover walk")
    StandardPageFactory(title="How to hand over a ward")
    KnowledgeAssetPageFactory(
        title="Elicitation interview about handover", visibility="open", tags=["hand hygiene"]
    )
    settle()


def options(page: Any) -> Any:
    return page.locator("header [role=option]")


def test_suggestions_are_reached_and_left_by_keyboard(
    desktop: Any, live_server: Any, pages: None, axe: Any
) -> None:
    desktop.goto(f"{live_server.url}/search/")
    box = desktop.get_by_role("combobox", name="Search techniques")
    assert box.get_attribute("aria-expanded") == "false"
    box.press_sequentially("hand", delay=20)
    options(desktop).first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert options(desktop).count() == 4
    assert "4 suggestions" in desktop.locator("header [role=status]").inner_text()
    assert axe(desktop) == []
    box.press("ArrowDown")
    first = options(desktop).first
    assert first.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert axe(desktop) == []
    # Above the first is the box itself, above that the last.
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowUp")
    assert options(desktop).last.get_attribute("aria-selected") == "true"
    box.press("Escape")
    assert not first.is_visible()
    assert box.input_value() == "hand"
    box.press("ArrowDown")
    box.press("Enter")
    desktop.wait_for_url("**/handover-walk/")
    assert desktop.km_errors == []


def test_enter_without_a_choice_searches_for_what_was_typed(
    desktop: Any, live_server: Any, pages: None
) -> None:
    desktop.goto(f"{live_server.url}/search/")
    box = desktop.get_by_role("combobox", name="Search techniques")
    box.press_sequentially("handover", delay=20)
    options(desktop).first.wait_for()
    box.press("Enter")
    desktop.wait_for_url("**/search/?q=handover")
    expect(desktop.locator(".km-result")).to_have_count(2)


def test_a_tag_leads_to_everything_that_has_it_and_a_finger_is_enough(
    phone: Any, live_server: Any, pages: None
) -> None:
    phone.goto(f"{live_server.url}/search/")
    phone.get_by_role("combobox", name="Search techniques").press_sequentially("hyg", delay=20)
    option = options(phone).first
    option.wait_for()
    assert option.bounding_box()["height"] >= 44
    extra = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert phone.evaluate(extra) == 0
    option.tap()
    phone.wait_for_url("**/search/?tag=hand+hygiene")
    assert "Elicitation interview" in phone.locator("main").inner_text()


def test_without_script_the_whole_journey_works(
    without_script: Any, live_server: Any, pages: None
) -> None:
    page = without_script
    page.goto(f"{live_server.url}/search/")
    assert page.locator("[role=combobox]").count() == 0
    page.get_by_label("Search techniques").fill("hanodver")
    page.get_by_label("Search techniques").press("Enter")
    assert "Showing results for handover" in page.locator("main").inner_text()
    page.locator(".km-facets").get_by_role("link", name="Technique").click()
    expect(page.locator(".km-result")).to_have_count(1)
    page.locator(".km-chip").first.click()
    expect(page.locator(".km-result")).to_have_count(2)
    page.get_by_role("link", name="Search instead for hanodver").click()
    assert "Nothing found" in page.locator("main").inner_text()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_whole_journey_needs_no_mouse(
    size: str, request: Any, live_server: Any, pages: None, axe: Any
) -> None:
    page = request.getfixturevalue(size)
    page.goto(f"{live_server.url}/search/")
    page.locator("main [name=q]").focus()
    page.keyboard.type("hanodver")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Search instead for hanodver").wait_for()
    technique = page.locator(".km-facets").get_by_role("link", name="Technique")
    if size == "phone":
        assert not technique.is_visible()
        page.locator(".km-facets > summary").focus()
        page.keyboard.press("Enter")
        technique.wait_for()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.km-facets') !== null")
        assert axe(page) == []
    technique.focus()
    page.keyboard.press("Enter")
    chip = page.locator(".km-chip")
    chip.wait_for()
    expect(page.locator(".km-result")).to_have_count(1)
    chip.focus()
    page.keyboard.press("Enter")
    chip.wait_for(state="detached")
    page.locator(".km-switch").get_by_role("link", name="Newest").focus()
    page.keyboard.press("Enter")
    page.locator(".km-switch [aria-current]", has_text="Newest").wait_for()
    page.get_by_role("link", name="Search instead for hanodver").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nothing found").first.wait_for()
    assert page.km_errors == []


def test_the_results_can_be_read_by_everybody(
    desktop: Any, phone: Any, live_server: Any, pages: None, axe: Any
) -> None:
    for page in (desktop, phone):
        for query in ("q=handover+ward", "q=hanodver", "q=xyzzy", "q=handover&kind=technique"):
            page.goto(f"{live_server.url}/search/?{query}")
            page.wait_for_load_state("networkidle")
            assert axe(page) == []
