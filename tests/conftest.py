"""Fixtures for all tests: folders of their own, the shared documents, the browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

from km_pages.models import StoredFile
from tests.emptied import Database
from tests.serving import wait_until_served

DATABASE = Database()
ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = Path(os.environ.get("KM_CHROMIUM", "/usr/bin/chromium"))
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A page whose style sheets are still coming, and colours that are on their way from one to another,
# are not what anybody reads.
SETTLED = """
new Promise(done => document.readyState === "complete" ? done() : addEventListener("load", done))
  .then(() => Promise.allSettled(document.getAnimations()
    .filter(each => each.effect.getComputedTiming().endTime !== Infinity)
    .map(each => each.finished))).then(() => 0)
"""
# Milliseconds; a machine that does other work as well is slow.
PATIENCE = 60_000
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Playwright's synchronous interface runs an event loop in this thread, in which Django would
# refuse the database; every use of it here is synchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long runs to ``make soak``."""
    if os.environ.get("KM_SOAK"):
        return
    skipped = [item for item in items if item.get_closest_marker("soak")]
    if skipped:
        config.hook.pytest_deselected(items=skipped)
        items[:] = [item for item in items if item not in skipped]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let every test find what the migrations made, whatever ran before."""
    DATABASE.before(item)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Note which tests empty the database."""
    DATABASE.after(item)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Make the database, and remember how it was made."""
    with django_db_blocker.unblock():
        DATABASE.begin(django_db_blocker)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Give every test an index, uploaded files and mails of its own."""
    settings.KM_VAR = tmp_path
    settings.KM_SEARCH_FOLDER = tmp_path / "search"
    changed = {name: dict(value) for name, value in settings.STORAGES.items()}
    for name, folder in (("knowledge", "files"), ("default", "media")):
        options = {**changed[name].get("OPTIONS", {}), "location": tmp_path / folder}
        changed[name] = {**changed[name], "OPTIONS": options}
    settings.STORAGES = changed
    settings.MEDIA_ROOT = tmp_path / "media"
    # The field of a model keeps the storage it found when Django was loaded.
    kept = [StoredFile._meta.get_field(name) for name in ("blob", "thumbnail")]
    before = kept[0].storage
    for each in kept:
        each.storage = storages["knowledge"]
    yield
    for each in kept:
        each.storage = before
    storages.__dict__.pop("backends", None)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of public documents beside the project; tests that use it are extra."""
    named = os.environ.get("KM_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    if folder.is_dir():
        return folder
    if named:
        pytest.fail(f"KM_SHARED is set, but {folder} is not there")
    pytest.skip("the shared documents are not beside the project; this extra test did not run")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real Chromium, driven by Playwright."""
    if not CHROMIUM.exists():
        message = f"{CHROMIUM} is not installed: the browser tests did NOT run"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import expect, sync_playwright  # only where a browser is used

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def _page(browser: Any, *, width: int, height: int, **options: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.km_errors = []
    page.on("pageerror", lambda error: page.km_errors.append(str(error)))
    page.on(
        "console",
        lambda note: page.km_errors.append(note.text) if note.type == "error" else None,
    )
    yield page
    context.close()
    wait_until_served()


@pytest.fixture
def desktop(chromium: Any) -> Iterator[Any]:
    """A page 1280 pixels wide."""
    yield from _page(chromium, width=1280, height=900)


@pytest.fixture
def phone(chromium: Any) -> Iterator[Any]:
    """A page 390 pixels wide, with touch."""
    yield from _page(chromium, width=390, height=844, has_touch=True, is_mobile=True)


@pytest.fixture
def without_script(chromium: Any) -> Iterator[Any]:
    """A desktop page with JavaScript off."""
    yield from _page(chromium, width=1280, height=900, java_script_enabled=False)


@pytest.fixture
def axe() -> Any:
    """A function (page) -> list of WCAG 2.2 A and AA findings by axe-core, in words."""
    from axe_playwright_python.sync_playwright import Axe  # only where a browser is used

    def run(page: Any) -> list[str]:
        page.evaluate(SETTLED)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        return [
            f"{each['id']}: {each['help']} in {[node['target'] for node in each['nodes']][:3]}"
            for each in found.response["violations"]
        ]

    return run
