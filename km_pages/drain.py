"""Bringing the index up to date, and making it where it is missing or cannot be read."""

from __future__ import annotations

import logging
import time

from km_pages.applying import Drained, Ending, apply_changes
from km_pages.projection import indexed_ids
from km_pages.rebuilding import rebuild
from km_pages.search import EngineUnavailable, get_engine
from km_pages.turns import TurnError, TurnTakenError

__all__ = ["Drained", "Ending", "drain", "is_usable"]

logger = logging.getLogger(__name__)

# A larger index is not built while somebody waits for the answer to a request.
MOST_PAGES_IN_A_REQUEST = 500
SECONDS_FOR_A_SWAP = 0.1


def drain(*, seconds: float | None = None) -> Drained:
    """Bring the index up to date with everything that was noted. Call it outside of transactions.

    Stops after about ``seconds``, where given, and leaves the rest to the next drain. An index
    that is missing, damaged or of another version is built anew, unless it is large and the time
    is limited. Raises nothing but ``DatabaseError``: when another process has the turn or the
    engine cannot be reached, what was noted stays and :attr:`Drained.ending` says so.
    """
    reason = _why_unusable()
    if not reason:
        return apply_changes(seconds=seconds)
    if seconds is not None and indexed_ids()[: MOST_PAGES_IN_A_REQUEST + 1].count() > (
        MOST_PAGES_IN_A_REQUEST
    ):
        logger.error("The index must be built by km_worker or km_index --rebuild: %s", reason)
        return Drained(ending=Ending.UNAVAILABLE)
    logger.warning("Building the index anew: %s", reason)
    try:
        return rebuild().drained
    except TurnTakenError:
        return Drained(ending=Ending.BUSY)
    except (EngineUnavailable, TurnError) as fault:
        logger.error("The index cannot be built; what changed is kept: %s", fault)
        return Drained(ending=Ending.UNAVAILABLE)


def is_usable() -> bool:
    """Whether there is an index to search in. Reads no more than the facts of its files."""
    return not _why_unusable()


def _why_unusable() -> str:
    """Why the index cannot be used; empty where it can."""
    status = get_engine().status()
    if not status.healthy:
        # Another process may be putting a new index in place at this very moment.
        time.sleep(SECONDS_FOR_A_SWAP)
        status = get_engine().status()
    return "" if status.healthy else status.reason or "it cannot be read"
