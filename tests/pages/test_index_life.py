"""An index that is lost, cut, damaged, of another version or read-only: seen, said, and mended."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tantivy
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from km_pages.conf import search_folder
from km_pages.drain import is_usable
from km_pages.index_upkeep import check, repair
from km_pages.management.commands.km_worker import Command
from km_pages.models import IndexChange
from km_pages.search import engine
from km_pages.search.folder import POINTER
from tests.factories import (
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TeamFactory,
    UserFactory,
)
from tests.pages.indexing import finds, found_by, settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def generation() -> Path:
    pointer = json.loads((search_folder() / POINTER).read_text())
    return search_folder() / str(pointer["generation"])


def written_once() -> list[Path]:
    return sorted(each for each in generation().iterdir() if each.suffix not in ("", ".json"))


def lose_folder() -> None:
    shutil.rmtree(search_folder())


def lose_generation() -> None:
    shutil.rmtree(generation())


def cut_files() -> None:
    for each in written_once():
        with each.open("r+b") as stream:
            stream.truncate(each.stat().st_size // 2)


def empty_files() -> None:
    for each in written_once():
        each.write_bytes(b"")


def garble_a_file() -> None:
    largest = max(written_once(), key=lambda each: each.stat().st_size)
    raw = bytearray(largest.read_bytes())
    raw[len(raw) // 3] ^= 255
    largest.write_bytes(bytes(raw))


def garble_the_list() -> None:
    (generation() / "meta.json").write_text("{")


def garble_the_pointer() -> None:
    (search_folder() / POINTER).write_text('{"schema": ')


def another_version() -> None:
    path = search_folder() / POINTER
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": -1}))


HARMS = [
    lose_folder,
    lose_generation,
    cut_files,
    empty_files,
    garble_a_file,
    garble_the_list,
    garble_the_pointer,
    another_version,
]


@pytest.fixture
def pages() -> None:
    StandardPageFactory(title="Rota for nights", introduction="Who is awake: quokka.")
    KnowledgeAssetPageFactory(team=TeamFactory(), title="Rota of a team", visibility="team")
    settle()


def forget_what_is_open() -> None:
    """As in a process that was started just now."""
    engine._engine.cache_clear()


@pytest.mark.parametrize("running", [True, False], ids=["while running", "at start"])
@pytest.mark.parametrize("harm", HARMS)
def test_a_lost_or_damaged_index_is_seen_said_and_made_anew(
    client: Client, pages: None, harm: Callable[[], None], running: bool
) -> None:
    """Cases 36 and 38."""
    assert finds(None, "quokka") == {"Rota for nights"}
    harm()
    if not running:
        forget_what_is_open()
    response = client.get(reverse("km_pages:search"), {"q": "rota"})
    assert response.status_code == 200
    text = response.content.decode()
    assert "only titles are searched" in text
    assert "Rota for nights" in text
    assert "Rota of a team" not in text
    assert client.get(reverse("km_pages:suggest"), {"q": "rota"}).json()["suggestions"] == []
    assert not is_usable()
    # Changes are kept meanwhile, and the worker mends it without being told.
    worker = Command()
    worker.mend_at = 0.0
    worker._watch()
    assert is_usable()
    assert finds(None, "quokka") == {"Rota for nights"}
    assert found_by(None, "quokka").notice == ""
    assert check().is_clean


def test_a_file_that_another_process_is_writing_is_no_damage(pages: None) -> None:
    """Nor that it grows, goes, or is removed unfinished."""
    half = generation() / f"{'0' * 32}.fast"
    for content in (b"half", b"half and more", None):
        half.write_bytes(content) if content else half.unlink()
        StandardPageFactory(title=f"Rota {content!r}")
        assert is_usable()
        assert found_by(None, "quokka").notice == ""
        forget_what_is_open()
        assert finds(None, "quokka") == {"Rota for nights"}
        if content:
            half.write_bytes(content)
    settle()
    assert check().is_clean


def test_without_an_index_titles_are_found_by_those_who_may_see_them(pages: None) -> None:
    lose_folder()
    found = found_by(None, "rota")
    assert (found.unavailable, found.by_title, found.total) == (True, True, 1)
    assert finds(UserFactory(is_superuser=True), "rota") == {"Rota for nights", "Rota of a team"}
    assert finds(None, "the rota -nights") == set()
    assert finds(None, "rota", filters={"kind": ["page"]}) == {"Rota for nights"}
    assert finds(None, "rota", filters={"kind": ["technique"]}) == set()
    assert finds(None, "🎉") == set()
    assert found_by(None, "rota", page=99).page == 1


def test_a_damaged_file_is_found_by_check_and_mended_by_repair(pages: None) -> None:
    largest = max(written_once(), key=lambda each: each.stat().st_size)
    facts = largest.stat()
    garble_a_file()
    # As a failing disk does it: neither size nor time tell.
    os.utime(largest, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    found = check()
    assert largest.name in found.damage
    assert not found.is_clean
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("km_index", "--check", stdout=out, stderr=out)
    assert "damaged" in out.getvalue()
    repair(found)
    assert check().is_clean
    assert finds(None, "quokka") == {"Rota for nights"}


def test_what_cannot_be_written_is_kept_and_the_old_index_goes_on(
    pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 36: the folder turned read-only, or the disk is full."""

    def full(*_args: Any, **_options: Any) -> None:
        raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

    monkeypatch.setattr("km_pages.search.tantivy.to_tantivy", full)
    StandardPageFactory(title="Rota for days")
    assert finds(None, "quokka") == {"Rota for nights"}
    with pytest.raises(CommandError, match="No space left"):
        call_command("km_index", "--rebuild", stdout=io.StringIO())
    assert finds(None, "quokka") == {"Rota for nights"}
    assert [each.name for each in search_folder().glob("generation-*")] == [generation().name]
    monkeypatch.undo()
    assert IndexChange.objects.exists()
    settle()
    assert finds(None, "rota") == {"Rota for nights", "Rota for days"}


def test_a_folder_that_can_only_be_read_is_searched(
    pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tantivy makes a lock beside what it reads; where it cannot, a folder of links serves."""
    real = tantivy.Index.open

    class ReadOnly:
        @staticmethod
        def open(path: str) -> Any:
            if str(search_folder()) in path:
                raise ValueError("Failed to acquire Lockfile: Read-only file system")
            return real(path)

    monkeypatch.setattr("km_pages.search.folder.Index", ReadOnly)
    forget_what_is_open()
    assert finds(None, "quokka") == {"Rota for nights"}
    StandardPageFactory(title="Rota for days")
    assert IndexChange.objects.exists()
    assert finds(None, "rota") == {"Rota for nights"}
    monkeypatch.undo()
    settle()
    assert finds(None, "rota") == {"Rota for nights", "Rota for days"}
