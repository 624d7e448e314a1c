"""A module is completed on several devices in one moment: it is completed, and stands, once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.faults.stage import Stage

pytestmark = pytest.mark.slow
DEVICES = 3
# Long enough for each to have loaded what it needs.
AHEAD = 2.0


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("site"), "tests.faults.learning_scenes")
    made.must("setup")
    yield made
    made.close()


def test_a_module_completed_by_several_processes_at_once_stands_once(stage: Stage) -> None:
    start = str(time.time() + AHEAD)
    assert stage.play(*[["learn", start]] * DEVICES) == [0] * DEVICES, stage.said()
    stage.must("check")
