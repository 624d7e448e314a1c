"""An index on a disk that is full or read-only: pages publish, search answers, all mends itself."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stage import Stage

# Mount in a space of names of its own, which needs no right of an administrator.
ALONE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
MOUNT = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"'

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site with its index on a disk of one megabyte."""
    folder = tmp_path_factory.mktemp("site")
    disk = folder / "search"
    disk.mkdir()
    if not may_mount(disk):
        pytest.skip("this system lets nobody mount a small disk for a test")
    made = Stage(folder, "tests.faults.disk_scenes", before=(*ALONE, MOUNT, str(disk)))
    made.must("setup")
    yield made
    made.close()


def may_mount(disk: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ALONE, MOUNT, str(disk), "true"], capture_output=True).returncode == 0


@pytest.mark.parametrize("trouble", ["full", "read_only", "lost"])
def test_pages_publish_and_search_answers_until_the_disk_is_well_again(
    stage: Stage, trouble: str
) -> None:
    stage.must(trouble)
