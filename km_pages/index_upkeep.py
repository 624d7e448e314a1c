"""Keeping the index true: comparing it with the database, mending it, telling how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wagtail.models import Page

from km_pages.drain import Drained, drain
from km_pages.models import IndexChange
from km_pages.outbox import enqueue_many, note_overdue
from km_pages.projection import Projected, indexed_ids, project
from km_pages.rebuilding import Progress, rebuild, silent
from km_pages.search import get_engine


@dataclass(frozen=True)
class Difference:
    """One page on which index and database do not agree. ``what`` is a word for the kind."""

    page_id: int
    what: str
    title: str = ""


MISSING, SURPLUS, DIFFERENT, UNREADABLE = "missing", "surplus", "different", "unreadable"


@dataclass(frozen=True)
class Checked:
    """What a check found: documents compared, differences, and changes that wait to be applied.

    ``damage`` says what is wrong with the stored index as such; empty where nothing is.
    """

    documents: int
    differences: list[Difference]
    waiting: int
    damage: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether the index is whole and says what the database says."""
        return not (self.differences or self.damage)


def check(*, progress: Progress = silent) -> Checked:
    """Compare every document, with its tokens, with what the database says it must be.

    Pages whose change waits in the outbox are no differences: the next drain brings them. A damaged
    index is not compared. Raises ``EngineUnavailable``.
    """
    note_overdue()
    ids = list(indexed_ids())
    damage = get_engine().damage()
    if damage:
        return Checked(0, [], IndexChange.objects.count(), damage)
    suspects = _compare(ids, dict(get_engine().fingerprints()), progress)
    # Something may have been published while we looked: only what is still wrong now counts.
    waiting = _waiting_pages()
    again = [page_id for page_id in suspects if page_id not in waiting]
    indexed = get_engine().fingerprints() if again else {}
    wrong = _compare(again, {pk: indexed[pk] for pk in again if pk in indexed}, silent)
    titles = dict(Page.objects.filter(pk__in=list(wrong)[:500]).values_list("pk", "title"))
    differences = [Difference(pk, what, titles.get(pk, "")) for pk, what in sorted(wrong.items())]
    return Checked(len(ids), differences, IndexChange.objects.count())


def _compare(ids: Iterable[int], indexed: dict[int, str], progress: Progress) -> dict[int, str]:
    """What is wrong with which page, given the fingerprints that the index has."""
    wanted = list(ids)
    wrong: dict[int, str] = {}
    for number, each in enumerate(project(wanted), start=1):
        what = _difference(each, indexed.pop(each.page_id, None))
        if what:
            wrong[each.page_id] = what
        progress(number, len(wanted))
    return {**wrong, **dict.fromkeys(indexed, SURPLUS)}


def _difference(projected: Projected, fingerprint: str | None) -> str:
    if projected.error:
        return UNREADABLE
    if projected.document is None:
        return SURPLUS if fingerprint else ""
    if fingerprint is None:
        return MISSING
    return "" if projected.document.fingerprint() == fingerprint else DIFFERENT


def _waiting_pages() -> set[int]:
    """Ids of the pages that some row of the outbox will renew."""
    waiting: set[int] = set()
    for row in IndexChange.objects.order_by("pk"):
        waiting.add(row.page_id)
        if row.subtree and row.path:
            below = Page.objects.filter(path__startswith=row.path)
            waiting.update(below.order_by().values_list("pk", flat=True))
    return waiting


def repair(found: Checked) -> Drained:
    """Have everything that ``found`` names projected anew, and drain; make a damaged index anew.

    Raises what :func:`km_pages.rebuilding.rebuild` raises where the index was damaged.
    """
    if found.damage:
        return rebuild().drained
    enqueue_many([each.page_id for each in found.differences], narrows=True)
    return drain()


@dataclass(frozen=True)
class Standing:
    """How index and outbox stand. ``pages`` that may be found, ``waiting`` changes."""

    pages: int
    waiting: int
    narrowing: int


def standing() -> Standing:
    """The figures of the database's side."""
    rows = IndexChange.objects.filter(applied=False)
    return Standing(
        pages=indexed_ids().count(),
        waiting=rows.count(),
        narrowing=rows.filter(narrows=True).count(),
    )
