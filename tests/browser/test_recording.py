"""A voice memo is recorded on the page, only once everybody agrees, and sent with the form."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from km_toolkit.models import Prompt
from tests.browser.conftest import work_off
from tests.browser.visitors import TONE, Windows
from tests.factories import tree_root
from tests.toolkit.handovers import cast

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def test_a_memo_is_recorded_once_everybody_agrees(transactional_db: None, window: Windows) -> None:
    tree_root()
    ward = cast()
    leaver = window("leaver", width=390)
    leaver.context.add_init_script(TONE)
    leaver.come_in()
    leaver.open(reverse("km_toolkit:express", args=[ward.handover.pk]))
    page = leaver.page
    page.get_by_text("Say it, or show it: What is unfinished?").click()
    box = page.locator("[data-record]").first
    assert not box.get_by_role("button", name="Stop").is_visible()
    box.get_by_role("button", name="Record now").click()
    assert "Ask everybody" in box.get_by_role("status").inner_text()
    box.get_by_label("Everybody who can be heard agrees").check()
    box.get_by_role("button", name="Record now").click()
    box.get_by_role("button", name="Stop").wait_for()
    box.locator("[data-time]").filter(has_text=re.compile("0:0[1-9]")).wait_for()
    box.get_by_role("button", name="Stop").click()
    box.locator("audio").wait_for()
    assert box.get_by_role("status").inner_text() == "Recorded. It is kept when you save."
    leaver.press("Save")
    page.get_by_text("Saved. Look it over").wait_for()
    memo = ward.handover.outputs.get(prompt=Prompt.UNFINISHED).attached[0]
    assert memo.name.startswith("voice-memo-")
    assert memo.size > 1000
    work_off()
    memo.refresh_from_db()
    assert memo.is_servable
    assert leaver.errors == []


def test_without_script_the_page_says_so(transactional_db: None, window: Windows) -> None:
    tree_root()
    ward = cast()
    leaver = window("leaver", script=False)
    leaver.come_in()
    leaver.open(reverse("km_toolkit:new_output", args=[ward.handover.pk, "memo"]))
    assert "JavaScript has to be on" in leaver.text()
    assert not leaver.page.get_by_role("button", name="Record now").is_visible()
