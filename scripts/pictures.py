"""The pictures of the documentation: add a row, run ``make screenshots``, embed the picture.

The pictures are taken in this order on one demonstration site, so a row may stand on what the
steps of a row before it did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

WIDE, PHONE = 1280, 390


@dataclass(frozen=True)
class Picture:
    """``docs/images/<name>.png``: what ``person`` sees at ``path``.

    ``person`` is the part of an address of the demonstration before the @, or empty for a stranger.
    ``steps`` are done in the window before the picture is taken. ``whole`` takes the page down to
    its end, ``part`` only what this CSS selector finds, else it is as high as ``height``.
    """

    name: str
    person: str
    path: str
    width: int = WIDE
    height: int = 800
    steps: Callable[[Page], object] | None = None
    whole: bool = False
    part: str = ""


def wait_for(text: str) -> Callable[[Page], object]:
    """A step that waits until ``text`` is shown."""
    return lambda page: page.get_by_text(text).first.wait_for()


def type_hand(page: Page) -> object:
    """Type a beginning, and wait for what is suggested."""
    box = page.locator("main").get_by_role("combobox")
    box.press_sequentially("hand", delay=20)
    return page.get_by_role("option").first.wait_for()


def open_facets(page: Page) -> object:
    """Open the filters, which stand behind one button on a phone."""
    return page.locator(".km-facets > summary").click()


NARROWED = "/search/?q=clinic&team=outpatients-booking"

PICTURES: tuple[Picture, ...] = (
    # Looking around
    Picture("home", "", "/"),
    Picture("search", "sam.whitlock", "/search/?q=tambour", height=700),
    Picture("search-results", "sam.whitlock", "/search/?q=first+week"),
    Picture("search-mended", "sam.whitlock", "/search/?q=hanodver+folder", height=640),
    Picture("search-suggestions", "sam.whitlock", "/search/", height=560, steps=type_hand),
    Picture(
        "search-narrowed", "sam.whitlock", NARROWED, width=PHONE, height=844, steps=open_facets
    ),
    Picture("search-nothing", "sam.whitlock", "/search/?q=defibrillator", width=PHONE, whole=True),
    Picture("technique-finder", "", "/techniques/?minutes=30&people=6"),
    Picture("technique", "", "/techniques/after-action-review/", height=1100),
    Picture("team-space", "sam.whitlock", "/repository/ward-7/"),
)
