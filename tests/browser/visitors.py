"""People in front of a browser, each with a window of their own, who do what people do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from km_pages.setup.demo import PASSWORD
from tests.conftest import PATIENCE
from tests.serving import wait_until_served

# A browser writes to its console that an answer was one of these, which a test may have wanted.
WANTED_ANSWERS = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")

# A machine without a microphone: a tone takes its place, and everything after it is real.
TONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  await context.resume();
  const tone = context.createOscillator();
  const out = context.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  return out.stream;
};
"""

FACET_VALUE = re.compile(r"\s*(.*?)\s*\(?(\d+)\)?\s*$")


@dataclass(frozen=True)
class Seen:
    """What a search page shows: the titles, what it says it found, and the numbers beside it."""

    titles: list[str]
    total: int
    counts: dict[str, int]


class Visitor:
    """Somebody with a window; ``name`` is the part of their address before the @."""

    def __init__(self, context: Any, base: str, name: str = "") -> None:
        self.context, self.base, self.name = context, base, name
        context.set_default_timeout(PATIENCE)
        self.page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, note: Any) -> None:
        if note.type == "error" and not WANTED_ANSWERS.match(note.text):
            self.errors.append(f"{self.page.url}: {note.text}")

    @property
    def address(self) -> str:
        """Their e-mail address, which is what they sign in with."""
        return f"{self.name}@example.org"

    @property
    def account(self) -> Any:
        """Their account."""
        return get_user_model().objects.get(username=self.address)

    def sign_in(self, at: str = "/account/sign-in/") -> None:
        """Sign in by the form that ``at`` leads to."""
        self.open(at)
        self.page.get_by_label("E-mail address").fill(self.address)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")

    def come_in(self) -> None:
        """Be signed in already, where signing in is not what is looked at."""
        client = Client()
        client.force_login(self.account)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.base}]
        )

    def open(self, path: str) -> int:
        """Open ``path`` and say with which status it was answered."""
        answer = self.page.goto(path if path.startswith("http") else self.base + path)
        return int(answer.status)

    def ask(self, path: str) -> Any:
        """What is answered to a request for ``path`` from this window, without following."""
        return self.context.request.get(self.base + path, max_redirects=0)

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the button ``name`` in the text of the page."""
        self.page.locator("main").get_by_role("button", name=name).last.click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follow the first link ``name``."""
        self.page.get_by_role("link", name=name).first.click()

    def text(self) -> str:
        """The text of the page."""
        return str(self.page.locator("main").inner_text())

    def search(self, words: str) -> Seen:
        """Search for ``words`` and read what is shown."""
        self.open(f"/search/?q={quote_plus(words)}")
        titles = self.page.locator(".km-result__title").all_inner_texts()
        said = self.page.locator(".km-search__said strong").first
        total = int(said.inner_text()) if titles else 0
        values = self.page.locator(".km-facet__value").all_text_contents()
        found = [FACET_VALUE.match(each) for each in values]
        counts = {each[1]: int(each[2]) for each in found if each}
        return Seen([each.strip() for each in titles], total, counts)


Windows = Callable[..., Visitor]


def windows(chromium: Any, base: str) -> Iterator[Windows]:
    """A function that opens a window for somebody; all are closed in the end."""
    opened: list[Visitor] = []

    def window(name: str = "", *, script: bool = True, width: int = 1280) -> Visitor:
        phone = {"is_mobile": True, "has_touch": True} if width < 600 else {}
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, **phone
        )
        opened.append(Visitor(context, base, name))
        return opened[-1]

    yield window
    for each in opened:
        each.context.close()
    wait_until_served()


def write_file(folder: Path, name: str, content: bytes) -> Path:
    """A file as somebody has it on their own computer."""
    (folder / "own computer").mkdir(exist_ok=True)
    path = folder / "own computer" / name
    path.write_bytes(content)
    return path
