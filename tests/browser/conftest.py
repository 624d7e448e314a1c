"""What the browser tests stand on: the starter content, and the demonstration upon it.

Both take many seconds to make, so they are made once a run and laid out anew for every test.
"""

from __future__ import annotations

import atexit
import io
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from wagtail.models import GroupApprovalTask

from km_pages.drain import drain
from km_pages.models import IndexChange, Job, JobState
from km_pages.work import run_due_jobs
from tests.browser.visitors import Windows, windows
from tests.factories import tree_root

KEPT_FOLDERS = ("files", "search", "media")


def work_off() -> None:
    """Do what ``km_worker`` does: read the files that wait, then bring the index up to date."""
    run_due_jobs()
    drain()


class Worker:
    """``km_worker`` in a thread of its own: it works while people click."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def _work(self) -> None:
        while not self.stopping.wait(0.05):
            work_off()
        connection.close()

    def wait(self) -> None:
        """Until there is nothing left to do."""
        unfinished = Job.objects.filter(state__in=[JobState.WAITING, JobState.RUNNING])
        for _try in range(600):
            if not unfinished.exists() and not IndexChange.objects.exists():
                return
            time.sleep(0.05)
        pytest.fail(f"After 30 seconds the worker has left {list(unfinished)}")


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker that works until the test ends."""
    made = Worker()
    made.thread.start()
    yield made
    made.stopping.set()
    made.thread.join(30)


class MadeOnce:
    """A site that was made once, with its files and its index, to be laid out in an instant."""

    def __init__(self, make: Callable[[Path], None]) -> None:
        self.make = make
        self.database: sqlite3.Connection | None = None
        self.folder: Path | None = None

    def lay_out(self, var: Path) -> None:
        """Put the site into the empty database and the data folder ``var``."""
        if self.database is None or self.folder is None:
            self.make(var)
            if connection.vendor == "sqlite":
                self._keep(var)
        else:
            connection.ensure_connection()
            self.database.backup(connection.connection)
            for name in KEPT_FOLDERS:
                if (self.folder / name).exists():
                    shutil.copytree(self.folder / name, var / name, dirs_exist_ok=True)
        forget()

    def _keep(self, var: Path) -> None:
        # A test that runs in another thread may ask for it later.
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(self.database)
        self.folder = Path(tempfile.mkdtemp(prefix="km-kept-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        for name in KEPT_FOLDERS:
            if (var / name).exists():
                shutil.copytree(var / name, self.folder / name)


def forget() -> None:
    """Forget what was remembered of the last test's database, with its pages and types."""
    ContentType.objects.clear_cache()
    cache.clear()
    # Wagtail asks for this type when the next test's first rows are read, which is before the
    # types are read: it would make a second one.
    ContentType.objects.get_for_model(GroupApprovalTask)


def _starter_content(_var: Path) -> None:
    forget()
    tree_root()
    call_command("km_setup", stdout=io.StringIO())


def _demonstration(var: Path) -> None:
    _CONTENT.lay_out(var)
    call_command("km_demo", stdout=io.StringIO())
    work_off()


_CONTENT, _DEMONSTRATION = MadeOnce(_starter_content), MadeOnce(_demonstration)


@pytest.fixture
def content(transactional_db: None, settings: Any) -> None:
    """The techniques, the toolbox and the pages that a new site starts with."""
    _CONTENT.lay_out(settings.KM_VAR)


@pytest.fixture
def demonstration(transactional_db: None, settings: Any) -> None:
    """The starter content with the three teams of the demonstration and what they know."""
    _DEMONSTRATION.lay_out(settings.KM_VAR)


@pytest.fixture
def window(chromium: Any, live_server: Any) -> Iterator[Windows]:
    """A function that opens a window for somebody; all are closed in the end."""
    yield from windows(chromium, live_server.url)
