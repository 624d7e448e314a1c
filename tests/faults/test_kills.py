"""Killed at any point between upload, reading, saving, approving, publishing and mail.

After each kill the site mends itself, and whoever got no answer does the same once more: it is
there once, whole, and found. Cases 33, 34 and 35; the index has more of its own in
:mod:`tests.faults.test_index_kills`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.stage import KILLED, Stage

MOMENTS = re.findall(
    r'^        "(\w+: [^"]+)": \(', (Path(__file__).parent / "web_scenes.py").read_text(), re.M
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("site"), "tests.faults.web_scenes")
    made.must("setup")
    yield made
    made.close()


def test_there_are_enough_moments_of_every_kind() -> None:
    kinds = {each.partition(":")[0] for each in MOMENTS}
    assert kinds == {"upload", "save", "share", "submit", "agree", "moderate", "read", "mail"}
    assert len(MOMENTS) > 20


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_then_mended_then_done_again_it_is_there_once_and_whole(
    stage: Stage, moment: str
) -> None:
    assert stage.play(["kill", moment]) == [KILLED], stage.said()
    stage.must("mend")
    stage.must("again", moment)
