"""What a collection lists for one reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wagtail.models import Site

from km_pages.finding import Found, Sort, find
from km_pages.models import CollectionPage
from km_pages.projection import FACETS
from km_pages.visibility import Reader

# A choice of values that nothing can have.
NOTHING = ("\x1f",)


def collected(
    page: CollectionPage,
    *,
    reader: Reader,
    site: Site | None = None,
    number: int = 1,
    size: int | None = None,
    sort: Sort | None = None,
    chosen: Mapping[str, Sequence[str]] | None = None,
    facets: Sequence[str] | None = None,
) -> Found:
    """Part ``number`` of what fits ``page``, among what ``reader`` may see.

    ``chosen`` are values that the reader narrows it by: they never widen what the editor chose.
    Facets are those that divide it further; the editor's own choices are none.
    """
    own = page.filters
    further = [each for each in FACETS if each not in own] if page.can_be_narrowed else []
    return find(
        page.wanted_words,
        reader=reader,
        filters={**_narrowed(own, chosen or {})},
        sort=sort or page.sort,  # type: ignore[arg-type]
        page=number,
        page_size=size or page.page_size,
        site=site,
        strict=page.all_words,
        correct=False,
        facets=tuple(further if facets is None else facets),
    )


def _narrowed(
    own: Mapping[str, tuple[str, ...]], chosen: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """``own`` and ``chosen`` together: of a list that both name, what both name."""
    both = {name: tuple(values) for name, values in chosen.items() if values}
    for name, values in own.items():
        wanted = both.get(name)
        both[name] = tuple(v for v in values if v in wanted) or NOTHING if wanted else values
    return both
