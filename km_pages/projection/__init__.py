"""From pages to documents of the search: the index is a projection of the database, not the truth.

A host site has its own page types found by giving them ``km_kind`` (a slug), says what their
readers see by ``km_index_text() -> str``, and changes any document through the hook
``km_index_document``: a function ``(document, page) -> document``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import ObjectDoesNotExist

from km_pages.projection.documents import DOCUMENT_HOOK, document_of
from km_pages.projection.facets import FACETS
from km_pages.projection.loading import Loaded, indexed_ids, indexed_models, load
from km_pages.search.documents import IndexDocument

__all__ = [
    "DOCUMENT_HOOK",
    "FACETS",
    "Projected",
    "ProjectionError",
    "indexed_ids",
    "indexed_models",
    "project",
]

CHUNK = 100
# What page types, blocks and hooks of a host site raise when they are at fault.
PAGE_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    ObjectDoesNotExist,
    RuntimeError,
    TypeError,
    ValueError,
)


class ProjectionError(Exception):
    """A page could not be turned into a document: its type, a block or a hook is at fault."""


@dataclass(frozen=True)
class Projected:
    """What the index must hold of one page: ``document``, or nothing where that is ``None``.

    With an ``error`` it is not known what it must hold; ``document`` is ``None`` then.
    """

    page_id: int
    document: IndexDocument | None = None
    error: ProjectionError | None = None


def project(page_ids: Iterable[int]) -> Iterator[Projected]:
    """One :class:`Projected` for each of ``page_ids``, read from the database in chunks.

    Raises ``DatabaseError`` only: faults of one page are told in its :class:`Projected`.
    """
    remaining = iter(page_ids)
    while ids := list(islice(remaining, CHUNK)):
        yield from _chunk(ids)


def _chunk(ids: list[int]) -> Iterator[Projected]:
    try:
        found = load(ids)
    except PAGE_FAULTS as fault:
        if len(ids) == 1:
            yield _failed(ids[0], fault)
        else:
            for page_id in ids:
                yield from _chunk([page_id])
        return
    yield from (_projected(each) for each in found)
    kept = {each.page.pk for each in found}
    yield from (Projected(page_id) for page_id in ids if page_id not in kept)


def _projected(loaded: Loaded) -> Projected:
    try:
        return Projected(loaded.page.pk, document_of(loaded))
    except PAGE_FAULTS as fault:
        return _failed(loaded.page.pk, fault)


def _failed(page_id: int, fault: Exception) -> Projected:
    error = ProjectionError(f"Page {page_id} cannot be read into the search: {fault!r}")
    error.__cause__ = fault
    return Projected(page_id, error=error)
