"""People in a hurry, counted in interactions: a field filled, a key or a click is one each.

The starter content is what they find, because a test on two made-up techniques proves nothing.
"""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

MOST = 3


class Hand:
    """Somebody's hand on a page: counts what it does."""

    def __init__(self, page: Any) -> None:
        self.page, self.used = page, 0

    def fill(self, label: str, value: str) -> None:
        """Write into a field."""
        self.page.get_by_label(label, exact=True).fill(value)
        self.used += 1

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name).click()
        self.page.wait_for_load_state()
        self.used += 1

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()
        self.used += 1


def test_a_ward_team_finds_a_technique_for_30_minutes_and_6_people_in_three(
    phone: Any, live_server: Any, content: None
) -> None:
    phone.goto(live_server.url)
    hand = Hand(phone)
    hand.fill("Minutes", "30")
    hand.fill("People", "6")
    hand.press("See what fits")
    assert hand.used <= MOST
    phone.get_by_text("takes 20 to 45 minutes").wait_for()
    best = phone.locator(".km-offers").first.locator(".km-card__title").all_inner_texts()
    assert 1 <= len(best) <= MOST
    first = phone.locator(".km-card").first
    assert "minutes" in first.inner_text()
    assert first.is_visible()
    # What was found is on the screen, not below the fold.
    assert phone.locator("#answer").bounding_box()["y"] < 100


def test_a_leaver_finds_what_to_do_with_two_weeks_left_in_three(
    phone: Any, live_server: Any, content: None
) -> None:
    phone.goto(live_server.url)
    hand = Hand(phone)
    hand.fill("Weeks left", "2")
    hand.press("Pass it on")
    phone.get_by_text("activities fit").wait_for()
    assert phone.locator("#toolbox").bounding_box()["y"] < 100
    first = phone.locator("#toolbox ~ .km-cards .km-card__title a").first
    hand.follow(first.inner_text())
    assert hand.used <= MOST
    assert "Only 15 minutes?" in phone.locator("article.km-guide").inner_text()


def test_both_ways_work_without_script(
    without_script: Any, live_server: Any, content: None
) -> None:
    page = without_script
    page.goto(live_server.url)
    page.fill("#door-minutes", "30")
    page.fill("#door-people", "6")
    page.press("#door-people", "Enter")
    page.locator(".km-card").nth(MOST - 1).wait_for()
    page.goto(live_server.url)
    page.fill("#door-weeks", "2")
    page.press("#door-weeks", "Enter")
    page.get_by_text("What can wait least comes first").wait_for()


def test_an_empty_answer_leads_on_with_one_click(
    desktop: Any, live_server: Any, content: None
) -> None:
    desktop.goto(f"{live_server.url}/techniques/?minutes=4&people=6")
    desktop.get_by_role("link", name="Leave out “Minutes you have: 4”").click()
    desktop.locator(".km-card").first.wait_for()
    assert "minutes" not in desktop.url
