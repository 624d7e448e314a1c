"""From a technique through its module to the menu, with and without script; and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from km_toolkit.models import LearningModulePage, ModuleProgress
from km_toolkit.modules import REFLECTION, sections_of
from tests.browser.looking import BESIDE, findings
from tests.browser.visitors import Visitor, Windows
from tests.factories import UserFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def learner(content: None) -> str:
    """The name of somebody with an account, and nothing else."""
    UserFactory(username="ines@example.org", first_name="Ines", last_name="Marsh")
    return "ines"


def looked_at(visitor: Visitor, *, script: bool = True) -> None:
    # Without script in the window axe has nothing to run with; the pages are the same.
    if script:
        assert findings(visitor.page) == []
    assert visitor.page.evaluate(BESIDE) <= 0


@pytest.mark.parametrize(("script", "width"), [(False, 1280), (True, 390)])
def test_a_learner_goes_from_a_technique_through_its_module_to_the_menu(
    window: Windows, learner: str, script: bool, width: int
) -> None:
    ines = window(learner, script=script, width=width)
    ines.come_in()
    ines.open("/techniques/peer-assist/")
    page = ines.page
    page.get_by_role("link", name="Ask people who have done it").click()
    page.get_by_role("link", name="Begin", exact=True).click()
    module = LearningModulePage.objects.get(slug="learn-peer-assist")
    for section in sections_of(module):
        page.get_by_role("heading", level=1, name=section.heading).wait_for()
        if section.kind == "check":
            ines.press("Check my answer")
            page.locator("#answers-error").wait_for()
            looked_at(ines, script=script)
            right = [each.text for each in section.answers if each.right]
            for text in right:
                page.get_by_label(text).check()
            ines.press("Check my answer")
            page.locator(".km-feedback--right").wait_for()
        if section.kind == "reflection":
            page.get_by_label("What you think").fill("Ask the clinic across the road")
        looked_at(ines, script=script)
        ines.press("Go on" if section.number < len(module.sections) else "Finish")
    page.get_by_role("heading", level=1, name="Completed").wait_for()
    looked_at(ines, script=script)
    page.get_by_role("link", name="To the module menu").click()
    done = page.locator(".km-module--done")
    done.wait_for()
    assert "Ask people who have done it" in done.inner_text()
    assert "1 of " in page.locator(".km-menu-count").inner_text()
    looked_at(ines, script=script)
    assert ines.errors == []


def reflection_at(slug: str) -> tuple[LearningModulePage, str]:
    module = LearningModulePage.objects.get(slug=slug)
    number = next(each.number for each in sections_of(module) if each.kind == REFLECTION)
    return module, reverse("km_learning:section", args=[module.pk, number])


def kept_text() -> str:
    row = ModuleProgress.objects.get()
    return " | ".join(each["text"] for each in row.reflections.values())


def write(visitor: Visitor, text: str) -> Any:
    """Write at the end of the field, and wait for what is said below it to change."""
    field = visitor.page.locator("#id_text")
    field.press("Control+End")
    field.type(text)
    return visitor.page.locator("[data-km-said]")


def test_what_is_written_outlives_a_closed_tab_an_ended_login_and_a_second_device(
    window: Windows, learner: str
) -> None:
    _module, address = reflection_at("learn-fishbowl")
    ward = window(learner)
    ward.come_in()
    ward.open(address)
    write(ward, "The porters").get_by_text("Kept.").wait_for()
    ward.page.close()

    ward.page = ward.context.new_page()
    ward.open(address)
    assert ward.page.locator("#id_text").input_value() == "The porters"

    # The login ends while the page is open; somebody signs in again in another tab.
    Session.objects.all().delete()
    write(ward, " and the drivers").get_by_text("You have been signed out").wait_for()
    assert kept_text() == "The porters"
    ward.come_in()
    write(ward, " of nights").get_by_text("Kept.").wait_for()
    assert kept_text() == "The porters and the drivers of nights"

    # A second device wrote meanwhile: the newest counts, and the other text is shown.
    phone = window(learner, width=390)
    phone.come_in()
    phone.open(address)
    phone.page.locator("#id_text").fill("From the bus")
    phone.page.locator("[data-km-said]").get_by_text("Kept.").wait_for()
    write(ward, ", all").get_by_text("on another device").wait_for()
    assert kept_text() == "The porters and the drivers of nights, all"
    ward.open(address)
    assert "From the bus" in ward.page.locator(".km-other").inner_text()
    looked_at(ward)
    ward.page.get_by_role("button", name="throw it away").click()
    ward.page.locator(".km-other").wait_for(state="detached")
    assert kept_text() == "The porters and the drivers of nights, all"
    assert ModuleProgress.objects.count() == 1
