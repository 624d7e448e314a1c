"""The worker is killed while it writes reminders: everybody gets each of them, and gets it once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.stage import KILLED, Stage

pytestmark = pytest.mark.slow


# Each has a site of its own: where all reminders are written, nothing is left to be killed at.
@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("site"), "tests.faults.reminder_scenes")
    made.must("setup")
    yield made
    made.close()


def test_killed_on_the_way_each_reminder_is_written_once(stage: Stage) -> None:
    for moment in ("before", "between", "after", "before", "between"):
        assert stage.play([moment]) == [KILLED], stage.said()
    stage.must("through")
    stage.must("through")
    stage.must("check")


def test_two_workers_at_once_write_each_reminder_once(stage: Stage) -> None:
    assert stage.play(["through"], ["through"]) == [0, 0], stage.said()
    stage.must("check")


def test_the_job_of_the_day_is_leased_and_the_next_worker_goes_on_where_one_was_killed(
    stage: Stage,
) -> None:
    assert stage.play(["job_dies"]) == [KILLED], stage.said()
    stage.must("job_is_leased")
    stage.must("job_goes_on")
    stage.must("check")
