"""A database that is locked, away or full: ``python -m tests.faults.away_scenes``."""

from __future__ import annotations

import contextlib
import html
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.stage import scenes_of, serve
from tests.faults.web_scenes import browser, scene_setup

__all__ = ["scene_setup"]

# Long enough for the free pages that a database keeps.
TYPED = "word " * 9_000 + 'Line one\n\nLine "two" <b>& more</b>\n  with three spaces'


def database() -> Path:
    """The file of the database."""
    from django.conf import settings

    return Path(settings.DATABASES["default"]["NAME"])


def patient(name: str, *, seconds: int = 1) -> Any:
    """A signed-in browser at a site that waits ``seconds`` for a lock."""
    from django.db import connection

    made = browser(name)
    connection.close()
    connection.settings_dict["OPTIONS"]["timeout"] = seconds
    made.raise_request_exception = False
    return made


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Somebody else writes, and does not end."""
    other = sqlite3.connect(database(), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


@contextlib.contextmanager
def away() -> Iterator[None]:
    """Nobody can open the database."""
    from django.db import connection

    connection.close()
    places = [Path(f"{database()}{end}") for end in ("", "-wal", "-shm")]
    moved = [each for each in places if each.exists()]
    for each in moved:
        each.rename(f"{each}.away")
    database().mkdir()
    try:
        yield
    finally:
        connection.close()
        database().rmdir()
        for each in moved:
            Path(f"{each}.away").rename(each)


@contextlib.contextmanager
def full() -> Iterator[None]:
    """There is no room for another page of the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        connection.close()


def sent_again(answer: Any, client: Any) -> Any:
    """Press the button of the page that says that it was not saved."""
    text = answer.content.decode()
    action = re.search(r'<form method="post" action="([^"]*)"', text)
    assert action, text
    fields = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', text, re.S)
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(html.unescape(name), []).append(html.unescape(value))
    return client.post(html.unescape(action[1]), given)


def assert_friendly(answer: Any) -> None:
    """A page that says what happened and what to do, without a word of the machine."""
    assert answer.status_code == 503, (answer.status_code, answer.content[:500])
    assert int(answer.headers["Retry-After"]) > 0
    assert "no-store" in answer.headers["Cache-Control"]
    text = answer.content.decode()
    assert "<h1>We are busy for a moment</h1>" in text
    for word in ("Operational", "sqlite", "Traceback", "locked"):
        assert word not in text


def kept_and_sent_again(trouble: Any, title: str) -> None:
    """The form is refused in words while there is trouble, and taken from that page afterwards."""
    import uuid

    from django.urls import reverse

    from km_pages.models import KnowledgeAssetPage
    from tests.pages.adding import text_file, typed

    ann, key = patient("ann"), uuid.uuid4()
    given = typed(title=title, notes=TYPED, key=key)
    with trouble:
        answer = ann.post(reverse("km_pages:add"), {**given, "files": text_file()})
        assert_friendly(answer)
    assert not KnowledgeAssetPage.objects.filter(title=title).exists()
    again = sent_again(answer, ann)
    assert again.status_code == 302, again.content.decode()[-500:]
    page = KnowledgeAssetPage.objects.get(identifier=key)
    draft = page.get_latest_revision_as_object()
    assert draft.title == title
    form = ann.get(again.headers["Location"]).content.decode()
    assert html.escape(TYPED).replace("&#x27;", "'") in form.replace("&#x27;", "'")


def scene_locked() -> None:
    """Case 37."""
    kept_and_sent_again(locked(), "Written while somebody wrote")


def scene_full() -> None:
    """Case 36, for the database."""
    kept_and_sent_again(full(), "Written while it was full")


def scene_away() -> None:
    """No page is a fault of ours, and all is well again by itself."""
    from django.test import Client

    ann = patient("ann")
    with away():
        for path in ("/", "/search/?q=x", "/add/", "/no-such-page/", "/account/sign-in/"):
            assert_friendly(ann.get(path))
        assert Client().get("/-/health/").status_code == 200
        secret = {"username": "ann@example.org", "password": "open sesame"}
        answer = ann.post("/account/sign-in/", secret)
        assert_friendly(answer)
        assert "open sesame" not in answer.content.decode()
    for path in ("/", "/search/?q=x", "/add/", "/account/sign-in/"):
        assert ann.get(path).status_code in (200, 302), path


def scene_upload() -> None:
    """The script of the form is told in its own words, and nothing of the file stays half."""
    from django.urls import reverse

    from km_pages.incoming import incoming_folder
    from km_pages.models import StoredFile
    from tests.pages.adding import text_file

    ann = patient("ann")
    with locked():
        given = {"file": text_file("locked.txt", b"Written while it was locked.")}
        answer = ann.post(reverse("km_pages:upload"), given, headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json()["code"] == "busy"
    assert "Retry-After" in answer.headers
    assert not StoredFile.objects.filter(name="locked.txt").exists()
    assert not list(incoming_folder().iterdir())


def scene_reading() -> None:
    """Who only reads does not notice that somebody writes for long."""
    mina = patient("mina")
    assert mina.get("/search/?q=x").status_code == 200
    with locked():
        for path in ("/", "/repository/", "/search/?q=x", "/my-page/"):
            assert mina.get(path).status_code == 200, path


def scene_waiting() -> None:
    """A lock that ends in time is not noticed at all."""
    import threading

    from django.urls import reverse

    from km_pages.models import KnowledgeAssetPage
    from tests.pages.adding import typed

    ann, taken = patient("ann", seconds=20), threading.Event()

    def hold() -> None:
        with locked():
            taken.set()
            threading.Event().wait(2)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    answer = ann.post(reverse("km_pages:add"), typed(title="Waited for"))
    thread.join()
    assert answer.status_code == 302
    assert KnowledgeAssetPage.objects.filter(title="Waited for").count() == 1


if __name__ == "__main__":
    serve(scenes_of(globals()))
