"""Web and worker killed at random while sixty files come: each acknowledged file once, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.stage import KILLED, Stage
from tests.files.kill_scenes import FILES, LONGEST_LIFE

QUICK, LONG = 10, 100


def run(folder: Path, kills: int) -> None:
    stage = Stage(folder, "tests.files.kill_scenes")
    killed, rounds = 0, 0
    try:
        stage.must("setup")
        while killed < kills:
            rounds += 1
            ends = stage.play(["web", str(LONGEST_LIFE)], ["worker", str(LONGEST_LIFE)])
            assert set(ends) <= {0, KILLED}, stage.errors.read_text()[-6000:]
            killed += ends.count(KILLED)
            lines = (folder / "journal").read_text() if (folder / "journal").exists() else ""
            if lines.count("\n") >= FILES and killed < kills:
                stage.must("check")
                stage.must("forget")
        stage.must("web", "0")
        stage.must("check")
    finally:
        stage.close()
    print(f"\n{killed} kills in {rounds} rounds: every acknowledged file is there once and whole")


@pytest.mark.slow
def test_files_survive_ten_kills(tmp_path: Path) -> None:
    """Cases 33 and 34."""
    run(tmp_path, QUICK)


@pytest.mark.soak
def test_files_survive_a_hundred_kills(tmp_path: Path) -> None:
    """Cases 33 and 34."""
    run(tmp_path, LONG)
