"""How a page is looked at: axe, console, other hosts, width."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.browser.visitors import Visitor
from tests.conftest import SETTLED, WCAG

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Chromium shows a PDF with a part of its own.
OF_THE_BROWSER = ("data:", "blob:", "chrome-extension:", "chrome:", "about:")
BESIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Looking:
    """The window of a visitor, with everything that is wrong with what was shown in it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.wrong = visitor, []
        self.elsewhere: list[str] = []
        visitor.page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if not request.url.startswith((self.visitor.base, *OF_THE_BROWSER)):
            self.elsewhere.append(request.url)

    def look(self, name: str) -> None:
        """Look at what is shown now, at both widths; it is called ``name`` in the findings."""
        page = self.visitor.page
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            width = size["width"]
            self.wrong += [f"{name} at {width}: {each}" for each in findings(page)]
            if (beside := page.evaluate(BESIDE)) > 0:
                self.wrong.append(f"{name} at {width}: {beside} pixels stand beside the window")
        page.set_viewport_size(WIDE)
        self.wrong += [f"{name} asks another host: {each}" for each in self.elsewhere]
        self.wrong += [f"{name}: {each}" for each in self.visitor.errors]
        self.elsewhere.clear()
        self.visitor.errors.clear()

    def open(self, path: str, *, status: int = 200, name: str = "") -> None:
        """Open ``path``, which is to be answered with ``status``, and look."""
        answered = self.visitor.open(path)
        if answered != status:
            self.wrong.append(f"{name or path}: answered {answered}, not {status}")
        self.look(name or path)


def findings(page: Any) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, in words."""
    page.evaluate(SETTLED)
    found = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {each['help']} in {[node['target'] for node in each['nodes']][:3]}"
        for each in found.response["violations"]
    ]
