"""Light pages that bend: weight of a first visit, zoom of 200 and 400 %, motion, contrast."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

MOST_BYTES = 150 * 1000
PAGES = [
    "/",
    "/techniques/",
    "/techniques/?minutes=30&people=6",
    "/finder/?minutes=30&people=6&moment=leaving&weeks=2",
    "/techniques/?minutes=3&goal=share-learning",
    "/techniques/after-action-review/",
    "/techniques/after-action-review/card/",
    "/toolkit/",
    "/toolkit/key-contacts/",
    "/toolkit/key-contacts/fill-in/",
    "/toolkit/workbook/",
    "/repository/",
    "/search/?q=handover",
    "/accessibility/",
    "/account/sign-in/",
]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def weigh(page: Any, url: str) -> tuple[int, list[str]]:
    """Bytes of a first visit to ``url`` when everything is compressed, and what was fetched."""
    answers: list[Any] = []
    page.on("response", lambda each: answers.append(each))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    total = 0
    for each in answers:
        if each.status != 200 or each.url.startswith("data:"):
            continue
        body = each.body()
        packed = len(gzip.compress(body, 6))
        total += min(packed, len(body))
    return total, [each.url for each in answers]


def test_a_first_visit_weighs_at_most_150_kb_and_asks_no_other_host(
    chromium: Any, live_server: Any, content: None
) -> None:
    heavy, own = {}, (live_server.url, "data:")
    for path in PAGES:
        context = chromium.new_context()
        total, fetched = weigh(context.new_page(), live_server.url + path)
        context.close()
        assert len(fetched) > 1, path
        assert [url for url in fetched if not url.startswith(own)] == [], path
        if total > MOST_BYTES:
            heavy[path] = total
    assert heavy == {}


@pytest.mark.parametrize(("width", "height"), [(640, 450), (320, 225)])
def test_at_200_and_400_percent_nothing_is_cut_off_or_scrolls_sideways(
    chromium: Any, live_server: Any, content: None, width: int, height: int
) -> None:
    """1280 by 900 pixels at 200 % are 640 by 450, at 400 % 320 by 225 (WCAG 1.4.10)."""
    context = chromium.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    wide = {}
    for path in PAGES:
        page.goto(live_server.url + path)
        if extra := page.evaluate(SIDEWAYS):
            wide[path] = extra
    context.close()
    assert wide == {}


def test_who_wants_less_motion_sees_none(chromium: Any, live_server: Any, content: None) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    moving = """() => [...document.querySelectorAll('*')].filter((each) => {
        const style = getComputedStyle(each);
        const seconds = (text) => Math.max(...text.split(',').map(parseFloat));
        return seconds(style.transitionDuration) > 0.01 || (style.animationName !== 'none'
            && seconds(style.animationDuration) > 0.01);
    }).map((each) => each.outerHTML.slice(0, 80))"""
    for path in PAGES[:8]:
        page.goto(live_server.url + path)
        assert page.evaluate(moving) == [], path
    context.close()


def test_axe_finds_nothing_on_the_new_kinds_of_page(
    desktop: Any, phone: Any, live_server: Any, content: None, axe: Callable[..., Any]
) -> None:
    for page in (desktop, phone):
        for path in PAGES[:-1]:
            page.goto(live_server.url + path)
            page.wait_for_load_state("networkidle")
            assert axe(page) == [], path


def test_in_forced_colours_the_words_of_every_button_can_be_read(
    chromium: Any, live_server: Any, content: None, axe: Callable[..., Any]
) -> None:
    context = chromium.new_context(forced_colors="active")
    page = context.new_page()
    for path in ("/", "/techniques/", "/toolkit/key-contacts/"):
        page.goto(live_server.url + path)
        assert [each for each in axe(page) if "contrast" in each] == [], path
    context.close()
