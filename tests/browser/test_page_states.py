"""Empty pages and pages with far too much: nothing stands beside the window, axe finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from wagtail.models import Page

from tests.browser.conftest import forget
from tests.browser.looking import BESIDE, Looking
from tests.browser.visitors import Visitor, Windows
from tests.factories import UserFactory, tree_root
from tests.states import empty_pages, long_pages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

# 1280 by 900 pixels at 400 %, WCAG 1.4.10; what is then cut off cannot be scrolled to.
MAGNIFIED = {"width": 320, "height": 225}
CUT_OFF = """() => [...document.querySelectorAll('main *')].filter(each => {
    const style = getComputedStyle(each), frame = each.getBoundingClientRect();
    const hides = style.overflowX === 'hidden' && each.scrollWidth > each.clientWidth + 1;
    const outside = frame.right > innerWidth + 1 || frame.left < -1;
    return frame.width > 1 && (hides || outside) && each.textContent.trim()
        && !each.closest('.km-hidden, .nhsuk-u-visually-hidden');
}).map(each => each.outerHTML.slice(0, 90))"""


@pytest.fixture(autouse=True)
def empty_tree(transactional_db: None) -> None:
    forget()
    tree_root()


@pytest.mark.parametrize("made", [empty_pages, long_pages])
def test_pages_bend_with_nothing_in_them_and_with_too_much(
    window: Windows, made: Callable[[Any], list[Page]]
) -> None:
    reader = UserFactory(username="ada@example.org")
    pages = made(reader)
    visitor = window("ada")
    visitor.come_in()
    looking = Looking(visitor)
    for page in pages:
        looking.open(page.url)
        looking.wrong += magnified(visitor, page.url)
    assert not looking.wrong, "\n".join(looking.wrong)


def magnified(visitor: Visitor, name: str) -> list[str]:
    """What stands beside the window or is cut off at 400 %."""
    visitor.page.set_viewport_size(MAGNIFIED)
    wrong = [f"{name} at 400 %: cut off: {each}" for each in visitor.page.evaluate(CUT_OFF)]
    if (beside := visitor.page.evaluate(BESIDE)) > 0:
        wrong.append(f"{name} at 400 %: {beside} pixels stand beside the window")
    visitor.page.set_viewport_size({"width": 1280, "height": 900})
    return wrong
