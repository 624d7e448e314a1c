"""While the database is locked, away or full: words, nothing lost, and all is well afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.stage import Stage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("site"), "tests.faults.away_scenes")
    made.must("setup")
    yield made
    made.close()


def test_what_was_typed_while_it_was_locked_is_sent_again_from_the_page(stage: Stage) -> None:
    """Case 37."""
    stage.must("locked")


def test_what_was_typed_while_the_disk_was_full_is_sent_again_from_the_page(stage: Stage) -> None:
    """Case 36."""
    stage.must("full")


def test_without_a_database_every_page_says_so_and_a_password_is_never_repeated(
    stage: Stage,
) -> None:
    stage.must("away")


def test_an_upload_while_it_is_locked_is_answered_in_words_and_leaves_nothing(
    stage: Stage,
) -> None:
    stage.must("upload")


def test_who_only_reads_does_not_notice_a_lock(stage: Stage) -> None:
    stage.must("reading")


def test_a_lock_that_ends_in_time_is_waited_for(stage: Stage) -> None:
    stage.must("waiting")
