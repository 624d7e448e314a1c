"""An index on a small disk of its own, full or read-only: ``python -m tests.faults.disk_scenes``.

The folder of the index is a file system of one megabyte in memory (tmpfs), mounted where only this
process and its forks see it; see :func:`tests.faults.test_index_disk.stage`.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.faults.stage import make_tables, scenes_of, serve


def scene_setup() -> None:
    """A page, found."""
    from tests.factories import StandardPageFactory

    make_tables()
    StandardPageFactory(title="Rota for nights", introduction="Who is awake: quokka.")
    assert_found("quokka", "Rota for nights")


@contextlib.contextmanager
def full() -> Iterator[None]:
    """Not a byte more goes onto the disk."""
    from km_pages.conf import search_folder

    filler = search_folder() / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while stream.write(b"x" * 1024):
            pass
    assert shutil.disk_usage(search_folder()).free == 0
    yield
    filler.unlink()


@contextlib.contextmanager
def read_only() -> Iterator[None]:
    """Nothing can be written."""
    remount("ro")
    yield
    remount("rw")


def remount(way: str) -> None:
    """Mount the disk of the index again, to be read only ("ro") or not ("rw")."""
    from km_pages.conf import search_folder

    subprocess.run(["mount", "-o", f"remount,{way}", str(search_folder())], check=True)


def searched(query: str) -> str:
    """The page of results; it is never a fault of ours."""
    from django.test import Client

    answer = Client(raise_request_exception=False).get("/search/", {"q": query})
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    return str(answer.content.decode())


def assert_found(query: str, title: str) -> None:
    """It is found, by its text, and nothing is said of trouble."""
    text = searched(query)
    assert title in text
    assert "only titles" not in text
    assert "is behind" not in text


def published(title: str) -> None:
    """Publish as an editor does; that goes well whatever the search does."""
    from tests.factories import StandardPageFactory

    page = StandardPageFactory(title=title, introduction=f"{title}: wombat.")
    page.save_revision().publish()


def worked() -> None:
    """What the worker does by itself within a minute."""
    from km_pages.drain import drain
    from km_pages.management.commands.km_worker import Command

    worker = Command()
    worker.mend_at = 0.0
    worker._watch()
    drain()


def keeps_on(trouble: Any, title: str) -> None:
    """What was published is kept; the old index answers and says so; then all is found."""
    from django.utils import timezone

    from km_pages.index_upkeep import check
    from km_pages.models import IndexChange

    with trouble:
        published(title)
        assert IndexChange.objects.exists()
        # As some minutes later.
        IndexChange.objects.update(created_at=timezone.now() - timedelta(minutes=10))
        text = searched("quokka")
        assert "Rota for nights" in text
        assert "The search is behind by" in text
        worked()
        assert IndexChange.objects.exists()
    worked()
    assert not IndexChange.objects.exists()
    assert check().is_clean
    assert_found(f'"{title}" wombat', title)


def scene_full() -> None:
    """Case 36."""
    keeps_on(full(), "Rota for days")


def scene_read_only() -> None:
    """Case 36."""
    keeps_on(read_only(), "Rota for evenings")


def scene_lost() -> None:
    """Lost while the disk is full, it cannot be made anew: titles are searched until it can be."""
    from km_pages.conf import search_folder
    from km_pages.index_upkeep import check

    for each in search_folder().iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    with full():
        published("Rota for holidays")
        for _again in range(2):
            text = searched("holidays")
            assert "only titles are searched" in text
            assert "Rota for holidays" in text
            worked()
        assert [each.name for each in search_folder().iterdir()] == ["filler"]
    worked()
    assert check().is_clean
    assert_found("holidays wombat", "Rota for holidays")


if __name__ == "__main__":
    serve(scenes_of(globals()))
