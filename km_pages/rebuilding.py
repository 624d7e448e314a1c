"""Building the index anew, beside the one in use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from km_pages.applying import Drained, apply_changes
from km_pages.models import IndexChange
from km_pages.projection import indexed_ids, project
from km_pages.search import get_engine
from km_pages.search.documents import IndexDocument
from km_pages.turns import DRAIN, REBUILD, turn

logger = logging.getLogger(__name__)

SECONDS_FOR_ANOTHER_REBUILD = 1.0
SECONDS_FOR_A_DRAIN = 600.0

Progress = Callable[[int, int], None]
"""Called with how many pages are done, and of how many."""


def silent(_done: int, _total: int) -> None:
    """No progress wanted."""


@dataclass
class Rebuilt:
    """What a rebuild did: documents in the new index, pages that could not be read, the rest."""

    documents: int = 0
    failed: list[int] = field(default_factory=list)
    drained: Drained = field(default_factory=Drained)


def rebuild(*, progress: Progress = silent) -> Rebuilt:
    """Build the index anew beside the one in use, put it in its place, then apply what changed.

    While it is built, changes go on to reach the old one, and stay in the outbox for the new one.
    Raises :class:`km_pages.turns.TurnTakenError` when another process rebuilds already,
    ``TurnError`` or ``EngineUnavailable`` when the folder cannot be written.
    """
    done = Rebuilt()
    with ExitStack() as turns:
        turns.enter_context(turn(REBUILD, wait_seconds=SECONDS_FOR_ANOTHER_REBUILD))
        # A drain that began before does not know yet that its rows must be kept.
        with turn(DRAIN, wait_seconds=SECONDS_FOR_A_DRAIN):
            pass
        get_engine().rebuild(_all_documents(turns, done, progress))
    done.drained = apply_changes()
    return done


def _all_documents(turns: ExitStack, done: Rebuilt, progress: Progress) -> Iterator[IndexDocument]:
    ids = list(indexed_ids())
    for number, each in enumerate(project(ids), start=1):
        if each.document:
            done.documents += 1
            yield each.document
        elif each.error:
            logger.error("%s", each.error, exc_info=each.error)
            done.failed.append(each.page_id)
        progress(number, len(ids))
    # From here to the swap nothing reaches the old index any more: what had reached only that
    # counts as not applied, so that the new one never shows what was narrowed meanwhile.
    turns.enter_context(turn(DRAIN, wait_seconds=SECONDS_FOR_A_DRAIN))
    IndexChange.objects.update(applied=False, done_to=0)
