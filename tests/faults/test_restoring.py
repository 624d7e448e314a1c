"""A backup put onto an empty machine, and an upgrade of the tables that was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.stage import ROOT, Stage

pytestmark = pytest.mark.slow

SHARED = "share: done, not answered"


def test_a_backup_on_an_empty_machine_has_everything_and_finds_it(tmp_path: Path) -> None:
    """Case 40: what docs/how-to/deploy.md says is to be kept, and the index is made anew."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    stage = Stage(old, "tests.faults.web_scenes")
    stage.must("setup")
    # Killed after the last step: nothing was tidied up when the backup is made.
    stage.play(["kill", SHARED])
    with (
        contextlib.closing(sqlite3.connect(old / "db.sqlite3")) as source,
        contextlib.closing(sqlite3.connect(_made(new) / "db.sqlite3")) as target,
    ):
        source.backup(target)
    shutil.copytree(old / "files", new / "files")
    stage.close()
    shutil.rmtree(old)
    restored = Stage(new, "tests.faults.web_scenes")
    assert not (new / "search").exists()
    restored.must("rebuild")
    restored.must("mend")
    restored.must("again", SHARED)
    restored.close()


@pytest.mark.soak
def test_an_upgrade_that_is_killed_is_done_by_the_next(tmp_path: Path) -> None:
    """Case 40: killed in the middle of the history of our tables, then run again."""
    database = tmp_path / "db.sqlite3"
    first = _migrate(tmp_path)
    until = time.monotonic() + 120
    while _applied(database) < 3:
        assert first.poll() is None, "it was over before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert _migrate(tmp_path).wait(300) == 0
    files = [*ROOT.glob("km_*/migrations/0*.py")]
    assert _applied(database) == len(files)
    with contextlib.closing(sqlite3.connect(database)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert opened.execute("PRAGMA foreign_key_check").fetchall() == []


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _migrate(folder: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "km_site.settings.test", "KM_VAR": str(folder)}
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "site")])
    env.pop("DATABASE_URL", None)
    line = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    return subprocess.Popen(line, env=env, cwd=ROOT)


def _applied(database: Path) -> int:
    """How many of our own migrations have been applied."""
    if not database.exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        try:
            asked = "SELECT count(*) FROM django_migrations WHERE app LIKE 'km_%'"
            return int(opened.execute(asked).fetchone()[0])
        except sqlite3.OperationalError:
            return 0
