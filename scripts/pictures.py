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


PICTURES: tuple[Picture, ...] = (
    # Looking around
    Picture("home", "", "/"),
    Picture("search", "sam.whitlock", "/search/?q=tambour", height=700),
    Picture("search-results", "sam.whitlock", "/search/?q=first+week"),
    Picture("technique-finder", "", "/techniques/?minutes=30&people=6"),
    Picture("technique", "", "/techniques/after-action-review/", height=1100),
    Picture("team-space", "sam.whitlock", "/repository/ward-7/"),
)
