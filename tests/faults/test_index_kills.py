"""Killed at any point between a change and the index, the next drain does the rest.

The processes are real, so are their database and index; see :mod:`tests.faults.index_scenes`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site with some pages."""
    made = Stage(tmp_path_factory.mktemp("site"), "tests.faults.index_scenes")
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
