"""No room for anything at all: words, nothing half, and all goes on once there is room again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.stage import Stage
from tests.faults.test_index_disk import ALONE, may_mount

MOUNT = 'mount -t tmpfs -o size=32m tmpfs "$0" && exec "$@"'

pytestmark = pytest.mark.slow


def test_on_a_full_disk_everything_is_refused_in_words_and_goes_on_afterwards(
    tmp_path: Path,
) -> None:
    """Case 36."""
    if not may_mount(tmp_path):
        pytest.skip("this system lets nobody mount a small disk for a test")
    stage = Stage(tmp_path, "tests.faults.whole_disk_scenes", before=(*ALONE, MOUNT, str(tmp_path)))
    stage.must("setup")
    stage.must("full")
    stage.close()
