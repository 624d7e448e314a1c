"""Make the pictures of the documentation from a demonstration site of their own.

``python scripts/make_screenshots.py`` starts a demonstration in a folder that is removed afterwards,
takes every picture that ``scripts/pictures.py`` lists, and writes it to ``docs/images``. Names of
pictures make only those; ``--site http://127.0.0.1:8000`` uses a demonstration that runs already.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from pictures import PICTURES, Picture  # noqa: E402

IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("KM_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PASSWORD = "demonstration"
# A member of Ward 7 finds it as soon as the worker has read the last files of the demonstration.
READ = ("sam.whitlock", "/search/?q=tambour", ".km-result__title")
START_SECONDS = 300
# Pages of text and flat colours need no more, and it makes a picture a third as large.
COLOURS = 128
STILL: dict[str, Any] = {"animations": "disabled", "caret": "hide"}


def free_port() -> int:
    """A port on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def own_site() -> Iterator[str]:
    """The address of a demonstration of one's own, which is gone with its data afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="km-pictures-") as folder:
        line = [sys.executable, str(ROOT / "site" / "km_site" / "serve.py"), "--port", str(port)]
        site = subprocess.Popen(line, env={**os.environ, "KM_VAR": folder}, cwd=ROOT)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for_answer(site, address)
            yield address
        finally:
            site.send_signal(signal.SIGINT)
            site.wait()


def wait_for_answer(site: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the site answers."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if site.poll() is not None:
            sys.exit("The demonstration did not start; the lines above say why.")
        with contextlib.suppress(URLError, OSError), urlopen(address + "/-/health/") as _answer:
            return
        time.sleep(1)
    sys.exit(f"No answer from {address} after {START_SECONDS} seconds.")


class Camera:
    """A browser that takes pictures of the site at ``address``; each person signs in once."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.signed_in: dict[str, Any] = {}

    def open(self, picture: Picture) -> Page:
        """A window of the right width in which the right person is signed in."""
        phone = {"is_mobile": True, "has_touch": True} if picture.width < 600 else {}
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": picture.width, "height": picture.height},
            device_scale_factor=2 if phone else 1,
            storage_state=self._state(picture.person),
            reduced_motion="reduce",
            **phone,
        )
        context.set_default_timeout(30_000)
        return context.new_page()

    def _state(self, person: str) -> Any:
        if person and person not in self.signed_in:
            context = self.browser.new_context(base_url=self.address)
            page = context.new_page()
            page.goto("/account/sign-in/")
            page.get_by_label("E-mail address").fill(f"{person}@example.org")
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.locator("main").get_by_role("button", name="Sign in").last.click()
            page.wait_for_url(lambda url: "sign-in" not in url)
            self.signed_in[person] = context.storage_state()
            context.close()
        return self.signed_in.get(person)

    def wait_until_read(self) -> None:
        """Wait until the words inside the files of the demonstration are found."""
        person, path, found = READ
        page = self.open(Picture("", person, path))
        ends = time.monotonic() + START_SECONDS
        page.goto(path)
        while not page.locator(found).count():
            if time.monotonic() > ends:
                sys.exit(f"{path} still finds nothing after {START_SECONDS} seconds.")
            time.sleep(1)
            page.reload()
        page.context.close()

    def take(self, picture: Picture) -> bytes:
        """The picture as PNG, as the browser makes it."""
        page = self.open(picture)
        try:
            page.goto(picture.path)
            if picture.steps:
                picture.steps(page)
            page.wait_for_load_state("networkidle")
            if picture.part:
                return page.locator(picture.part).first.screenshot(**STILL)
            return page.screenshot(full_page=picture.whole, **STILL)
        finally:
            page.context.close()


def small(png: bytes) -> bytes:
    """The same picture in few colours."""
    with Image.open(io.BytesIO(png)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        out = io.BytesIO()
        few.save(out, "PNG", optimize=True)
        return out.getvalue()


def make(pictures: Sequence[Picture], address: str) -> list[str]:
    """Take ``pictures``; say of each how large it is, and return what could not be taken."""
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        camera = Camera(browser, address)
        camera.wait_until_read()
        for picture in pictures:
            try:
                content = small(camera.take(picture))
            except Exception as problem:  # noqa: BLE001 - the others are still wanted
                failed.append(f"{picture.name}: {problem}")
                continue
            (IMAGES / f"{picture.name}.png").write_bytes(content)
            print(f"{picture.name}.png  {len(content) // 1024} kB")
        browser.close()
    return failed


def main() -> None:
    """Read the command line and make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures")
    parser.add_argument("--site", help="the address of a demonstration that runs already")
    wanted = parser.parse_args()
    unknown = set(wanted.names) - {each.name for each in PICTURES}
    if unknown:
        sys.exit(f"No such picture: {', '.join(sorted(unknown))}")
    chosen = [each for each in PICTURES if each.name in wanted.names or not wanted.names]
    IMAGES.mkdir(parents=True, exist_ok=True)
    site = contextlib.nullcontext(wanted.site) if wanted.site else own_site()
    with site as address:
        failed = make(chosen, address)
    if failed:
        sys.exit("Not taken:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
