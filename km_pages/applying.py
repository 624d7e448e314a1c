"""Applying what the outbox holds to the index.

Whoever has the turn reads the rows, projects their pages from the database, has the engine commit
them, and only then removes the rows. Killed at any point, the next drain does the rest. Who finds
the turn taken leaves, so the holder looks again after giving it back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice

from django.db.models import QuerySet
from wagtail.models import Page

from km_pages.models import IndexChange
from km_pages.projection import Projected, project
from km_pages.search import Engine, EngineUnavailable, WriterBusy, get_engine
from km_pages.search.documents import IndexDocument
from km_pages.turns import DRAIN, TurnError, TurnTakenError, is_rebuilding, turn

logger = logging.getLogger(__name__)

ROWS = 500
DOCUMENTS_PER_COMMIT = 200
CHARACTERS_PER_COMMIT = 16_000_000


class Ending(Enum):
    """How a drain ended. ``PARTLY``: its time was over; ``BUSY``: another process has the turn."""

    DONE = "done"
    PARTLY = "partly"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"


@dataclass
class Drained:
    """What one drain did: how many pages it brought to the index, and which it could not read."""

    pages: int = 0
    failed: set[int] = field(default_factory=set)
    ending: Ending = Ending.DONE


class OutOfTimeError(Exception):
    """The time that a drain was given is over; what it did is kept."""


def apply_changes(*, seconds: float | None = None) -> Drained:
    """Bring the index up to date with everything that was noted. Call it outside of transactions.

    Stops after about ``seconds``, where given, and leaves the rest to the next drain. Raises
    nothing but ``DatabaseError``: when another process has the turn or the engine cannot be
    reached, the rows stay and :attr:`Drained.ending` says so.
    """
    work = _Work(Drained(), time.monotonic() + seconds if seconds is not None else None)
    done = work.done
    try:
        while work.rows().exists():
            with turn(DRAIN):
                work.run(get_engine())
    except OutOfTimeError:
        done.ending = Ending.PARTLY
    except (TurnTakenError, WriterBusy):
        done.ending = Ending.BUSY
    except (EngineUnavailable, TurnError) as fault:
        logger.error("The search is behind; what changed is kept: %s", fault)
        done.ending = Ending.UNAVAILABLE
    return done


class _Work:
    """One drain while it runs."""

    def __init__(self, done: Drained, until: float | None) -> None:
        self.done = done
        self.until = until

    def rows(self) -> QuerySet[IndexChange]:
        """The rows to be worked off; while another index is being built, only those new to ours."""
        rows = IndexChange.objects.exclude(page_id__in=self.done.failed)
        return rows.filter(applied=False) if is_rebuilding() else rows

    def run(self, engine: Engine) -> None:
        """Work off all rows. Raises ``OutOfTimeError``, ``WriterBusy``, ``EngineUnavailable``."""
        while rows := list(self.rows().order_by("pk")[:ROWS]):
            single = [row for row in rows if not row.subtree]
            self._apply(engine, dict.fromkeys(row.page_id for row in single))
            self._settle(row.pk for row in single if row.page_id not in self.done.failed)
            for row in rows:
                if row.subtree:
                    self._subtree(engine, row)

    def _subtree(self, engine: Engine, row: IndexChange) -> None:
        """Bring a page and all that stands below it now to the index, part by part."""
        ids = _at_and_below(row)
        while part := list(islice(ids, DOCUMENTS_PER_COMMIT)):
            self._check_time()
            self._apply(engine, part)
            # The page itself comes last: until then it keeps its subtree out of every search.
            IndexChange.objects.filter(pk=row.pk).update(done_to=part[-1])
        self._apply(engine, [row.page_id])
        self._keep_failed()
        self._settle([row.pk])

    def _keep_failed(self) -> None:
        """Note on its own what could not be read below a page, so that only that is tried again."""
        noted = IndexChange.objects.filter(page_id__in=self.done.failed, subtree=False)
        missing = self.done.failed - set(noted.values_list("page_id", flat=True))
        IndexChange.objects.bulk_create(IndexChange(page_id=each) for each in sorted(missing))

    def _settle(self, keys: Iterable[int]) -> None:
        """Take out of the outbox what was applied, or keep it for the index that is being built."""
        settled = IndexChange.objects.filter(pk__in=list(keys))
        if is_rebuilding():
            settled.update(applied=True, done_to=0)
        else:
            settled.delete()
        self._check_time()

    def _check_time(self) -> None:
        if self.until is not None and time.monotonic() > self.until:
            raise OutOfTimeError

    def _apply(self, engine: Engine, page_ids: Iterable[int]) -> None:
        """Bring pages to the index, in commits of bounded size.

        What could not be read is taken out of the index: nobody knows any more who may see it.
        """
        for part in _parts(self._seen(project(page_ids))):
            engine.apply(
                upserts=[each.document for each in part if each.document],
                deletes=[each.page_id for each in part if each.document is None],
            )
            self.done.pages += len(part)

    def _seen(self, projected: Iterable[Projected]) -> Iterator[Projected]:
        for each in projected:
            if each.error:
                logger.error("%s", each.error, exc_info=each.error)
                self.done.failed.add(each.page_id)
            yield each


def _at_and_below(row: IndexChange) -> Iterator[int]:
    """Ids of what stands below the row's page now, published or not, from where it was left."""
    path = Page.objects.filter(pk=row.page_id).values_list("path", flat=True).first() or row.path
    if not path:
        return iter(())
    below = Page.objects.filter(path__startswith=path, pk__gt=row.done_to).exclude(pk=row.page_id)
    return iter(list(below.order_by("pk").values_list("pk", flat=True)))


def _parts(projected: Iterable[Projected]) -> Iterator[list[Projected]]:
    part: list[Projected] = []
    characters = 0
    for each in projected:
        part.append(each)
        characters += _length(each.document) if each.document else 0
        if len(part) >= DOCUMENTS_PER_COMMIT or characters > CHARACTERS_PER_COMMIT:
            yield part
            part, characters = [], 0
    if part:
        yield part


def _length(document: IndexDocument) -> int:
    texts = sum(len(passage.text) for file in document.files for passage in file.passages)
    return len(document.body) + texts
