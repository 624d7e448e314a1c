"""Killed at any point between a change and the index, the next drain does the rest.

The processes are real, so are their database and index; see :mod:`tests.faults.index_scenes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.random_scenes import LONGEST_LIFE, PROCESSES
from tests.faults.stage import KILLED, Stage

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


QUICK, LONG = 10, 100


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site with some pages."""
    made = Stage(tmp_path_factory.mktemp("site"), "tests.faults.index_scenes")
    assert made.play(["setup"]) == [0], made.errors.read_text()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_kill_one_drain_makes_the_index_agree_with_the_database(
    stage: Stage, moment: str
) -> None:
    """Case 34."""
    assert stage.play(["kill", moment]) == [KILLED], stage.errors.read_text()
    assert stage.play(["check"]) == [0], stage.errors.read_text()


@pytest.mark.slow
def test_several_processes_publish_and_search_at_once_without_an_error(stage: Stage) -> None:
    ends = stage.play(["publisher", "alpha", "6"], ["publisher", "beta", "6"], ["searcher", "150"])
    assert ends == [0, 0, 0], stage.errors.read_text()
    assert stage.play(["check"]) == [0], stage.errors.read_text()


@pytest.mark.slow
def test_changes_during_a_rebuild_by_another_process_are_kept(stage: Stage) -> None:
    ends = stage.play(["rebuild"], ["publisher", "gamma", "4"], ["searcher", "100"])
    assert ends == [0, 0, 0], stage.errors.read_text()
    assert stage.play(["check"]) == [0], stage.errors.read_text()


def run_and_kill(folder: Path, kills: int) -> None:
    """Have three processes work and be killed at random until ``kills`` of them were."""
    stage = Stage(folder, "tests.faults.random_scenes")
    killed, rounds = 0, 0
    try:
        stage.must("setup")
        while killed < kills:
            rounds += 1
            ends = stage.play(*([name, str(LONGEST_LIFE)] for name in PROCESSES))
            assert set(ends) <= {0, KILLED}, stage.errors.read_text()[-6000:]
            killed += ends.count(KILLED)
            stage.must("check")
    finally:
        stage.close()
    told = (folder / "journal").read_text().splitlines()
    done = Counter(line.split()[0] for line in told)
    print(f"\n{killed} kills in {rounds} rounds, each followed by a clean check:", dict(done))
    assert min(done["published"], done["moved"] + done["deleted"], done["searched"]) >= rounds


@pytest.mark.slow
def test_after_ten_kills_at_random_nothing_that_was_committed_is_missing(tmp_path: Path) -> None:
    """Case 34."""
    run_and_kill(tmp_path, QUICK)


@pytest.mark.soak
def test_after_a_hundred_kills_at_random_nothing_that_was_committed_is_missing(
    tmp_path: Path,
) -> None:
    """Case 34."""
    run_and_kill(tmp_path, LONG)
