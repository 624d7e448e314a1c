"""Killed at any point between a change and the index, the next drain does the rest.

The processes are real, so are their database and index; see :mod:`tests.faults.index_scenes`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.index_scenes import KILLED

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = (
    "before the row",
    "after the row, before the commit",
    "after the commit",
    "when the turn was taken",
    "when the page was projected",
    "while the engine writes",
    "when the engine has committed",
    "when the row was removed",
    "while a new index is built",
    "while the new index is written",
    "when the new index is in its place",
    "before the last drain of a rebuild",
)

pytestmark = pytest.mark.slow


class Stage:
    """A process that runs scenes in forks of itself."""

    def __init__(self, folder: Path) -> None:
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "km_site.settings.test",
            "KM_VAR": str(folder),
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), str(ROOT / "site"), os.environ.get("PYTHONPATH", "")]
            ),
        }
        env.pop("DATABASE_URL", None)
        self.errors = folder / "errors.txt"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.index_scenes"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors.open("w"),
            text=True,
        )

    def play(self, *scenes: list[str]) -> list[int]:
        """The exit codes of ``scenes``, run at the same time."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(scenes) + "\n")
        self.process.stdin.flush()
        return list(json.loads(self.process.stdout.readline() or "[]"))

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site with some pages."""
    made = Stage(tmp_path_factory.mktemp("site"))
    assert made.play(["setup"]) == [0], made.errors.read_text()
    yield made
    made.close()


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_kill_one_drain_makes_the_index_agree_with_the_database(
    stage: Stage, moment: str
) -> None:
    """Case 34."""
    assert stage.play(["kill", moment]) == [KILLED], stage.errors.read_text()
    assert stage.play(["check"]) == [0], stage.errors.read_text()


def test_several_processes_publish_and_search_at_once_without_an_error(stage: Stage) -> None:
    ends = stage.play(["publisher", "alpha", "6"], ["publisher", "beta", "6"], ["searcher", "150"])
    assert ends == [0, 0, 0], stage.errors.read_text()
    assert stage.play(["check"]) == [0], stage.errors.read_text()


def test_changes_during_a_rebuild_by_another_process_are_kept(stage: Stage) -> None:
    ends = stage.play(["rebuild"], ["publisher", "gamma", "4"], ["searcher", "100"])
    assert ends == [0, 0, 0], stage.errors.read_text()
    assert stage.play(["check"]) == [0], stage.errors.read_text()
