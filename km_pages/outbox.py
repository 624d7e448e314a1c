"""The outbox of the index: what changed is noted with the change itself, and applied after it.

:func:`enqueue` writes a row in the transaction of the change, :mod:`km_pages.drain` applies it
after the commit, :func:`pending` tells a search what the index does not know yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from km_pages.drain import Drained, Ending, drain
from km_pages.models import IndexChange, Job, JobState
from km_pages.prepared import ask
from km_pages.projection import indexed_models

__all__ = [
    "Drained",
    "Ending",
    "Pending",
    "drain",
    "drain_on_commit",
    "enqueue",
    "enqueue_many",
    "note_overdue",
    "pending",
]

ROWS_AT_ONCE = 500
# How long a request may be kept waiting by what it changed; the worker does what is left.
SECONDS_IN_A_REQUEST = 2.0
OVERDUE_JOB = "index_overdue"


def enqueue(page_id: int, *, path: str = "", subtree: bool = False, narrows: bool = False) -> None:
    """Note that a page changed, in the transaction that is open, and have it applied after that.

    ``subtree``: everything below it changed as well; ``path`` is its tree path, for when it is
    gone. ``narrows``: fewer people may see it than before, so that it is left out of every search
    until this is applied; say so when in doubt.
    """
    IndexChange.objects.create(page_id=page_id, path=path, subtree=subtree, narrows=narrows)
    drain_on_commit()


def enqueue_many(page_ids: Iterable[int], *, narrows: bool = False) -> int:
    """Note that many pages changed. Returns how many."""
    rows = [IndexChange(page_id=each, narrows=narrows) for each in page_ids]
    if rows:
        IndexChange.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
        drain_on_commit()
    return len(rows)


def drain_on_commit() -> None:
    """Drain after the open transaction, once however often this is called in it."""
    open_points = set(connection.savepoint_ids)
    for points, function, *_rest in connection.run_on_commit:
        # One that was asked for inside a savepoint is forgotten when that is rolled back.
        if function is drain_after_commit and points <= open_points:
            return
    transaction.on_commit(drain_after_commit, robust=True)


def drain_after_commit() -> None:
    """:func:`drain` for a short time, as the callback of a transaction."""
    drain(seconds=SECONDS_IN_A_REQUEST)


def note_overdue(today: date | None = None) -> int:
    """Note the pages whose date of checking has passed since this was called last.

    They are found under "review: due" from then on. Once a day is enough; returns how many.
    """
    day = today or timezone.localdate()
    last = Job.objects.filter(kind=OVERDUE_JOB).order_by("-target").first()
    if last and last.target >= day.isoformat():
        return 0
    since = {"review_due__gte": last.target} if last else {}
    noted = 0
    with transaction.atomic():
        for model in indexed_models():
            if any(field.name == "review_due" for field in model._meta.concrete_fields):
                due = model._base_manager.filter(live=True, review_due__lt=day, **since)
                noted += enqueue_many(due.values_list("pk", flat=True))
        Job.objects.filter(kind=OVERDUE_JOB).delete()
        Job.objects.create(
            kind=OVERDUE_JOB,
            target=day.isoformat(),
            state=JobState.DONE,
            finished_at=timezone.now(),
        )
    return noted


# What is on its way for less than this is no news.
GRACE = timedelta(seconds=5)
# More than this wait only where everything is made anew, or a host changes thousands at once.
FEW_ROWS = 200
MOST_ROWS_READ = 20_000
MOST_EXCLUDED = 1_000

ROW = ("page_id", "path", "subtree", "narrows", "created_at")
Row = tuple[int, str, bool, bool, datetime]


@dataclass(frozen=True)
class Pending:
    """What the index does not know yet.

    ``narrowing``: ids of pages that no search may find, nor anything below them. ``too_many``:
    there are more of those than a query can leave out. ``late``: changes that should long be there.
    """

    narrowing: frozenset[int] = frozenset()
    too_many: bool = False
    late: int = 0


def pending() -> Pending:
    """What waits in the outbox now. To be asked before the engine is.

    One query; two more while very many changes wait, of which only those that narrow are read.
    """
    rows: list[Row] = ask(_waiting, FEW_ROWS + 1)  # type: ignore[assignment]
    before = timezone.now() - GRACE
    if len(rows) <= FEW_ROWS:
        narrows = [row for row in rows if row[3]]
        late = sum(1 for row in rows if row[4] < before)
    else:
        narrows = ask(_narrowing, MOST_ROWS_READ + 1)  # type: ignore[assignment]
        late = IndexChange.objects.filter(applied=False, created_at__lt=before).count()
    narrowing = _smallest_set(narrows)
    too_many = len(narrows) > MOST_ROWS_READ or len(narrowing) > MOST_EXCLUDED
    return Pending(narrowing=narrowing, too_many=too_many, late=late)


def _waiting(most: int) -> QuerySet[Any, Any]:
    waiting = IndexChange.objects.filter(applied=False).order_by("pk")
    return waiting.values_list(*ROW)[:most]


def _narrowing(most: int) -> QuerySet[Any, Any]:
    waiting = IndexChange.objects.filter(applied=False, narrows=True).order_by("pk")
    return waiting.values_list(*ROW)[:most]


def _smallest_set(rows: list[Row]) -> frozenset[int]:
    """Ids of the narrowed pages, without those below another of them.

    Leaving out a page leaves out what stands below it: a deleted section of 5,000 items is one id.
    A moved page always counts itself, because the index still knows it at its old place.
    """
    kept = {row[0] for row in rows if row[2] or not row[1]}
    above = ""
    for page_id, path, subtree, _narrows, _at in sorted(rows, key=lambda row: row[1]):
        if path and not subtree and not (above and path.startswith(above)):
            kept.add(page_id)
            above = path
    return frozenset(kept)
