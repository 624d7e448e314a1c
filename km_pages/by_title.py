"""Finding by title in the database, for the minutes in which there is no index."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from wagtail.models import Page, Site

from km_pages.found import Found, FoundHit
from km_pages.naming import kind_name
from km_pages.projection import indexed_models
from km_pages.search.analysis import is_stop_word
from km_pages.search.query import ParsedQuery
from km_pages.visibility import Reader, visible_to

# A query with more words would be slow in a database, and nobody needs it here.
MOST_WORDS = 8
KIND = "kind"


def find_by_title(
    query: ParsedQuery,
    reader: Reader,
    *,
    filters: Mapping[str, tuple[str, ...]],
    page: int,
    page_size: int,
    site: Site | None,
) -> Found:
    """Pages that ``reader`` may see with all words of ``query`` in the title, without facets.

    Of ``filters`` only the kind can be kept to. What was asked by other filters alone finds
    nothing. Three queries besides those of the reader.
    """
    pages = _pages(query, reader, filters.get(KIND, ()), site)
    total = pages.count()
    last = max(1, -(-total // page_size))
    number = min(max(page, 1), last)
    begin = (number - 1) * page_size
    hits = tuple(_hit(each) for each in pages[begin : begin + page_size])
    return Found(
        hits=hits,
        total=total,
        page=number,
        page_size=page_size,
        unavailable=True,
        by_title=True,
    )


def _pages(
    query: ParsedQuery, reader: Reader, kinds: tuple[str, ...], site: Site | None
) -> QuerySet[Page]:
    models = [each for each in indexed_models() if not kinds or each.km_kind in kinds]
    types = ContentType.objects.get_for_models(*models).values() if models else []
    pages = Page.objects.filter(alias_of__isnull=True, content_type__in=list(types))
    if site is not None:
        pages = pages.filter(path__startswith=site.root_page.path)
    wanted = _wanted(query)
    if not wanted and not kinds:
        return pages.none()
    for part in wanted:
        pages = pages.filter(title__icontains=part)
    without = Q()
    for text in query.excluded:
        without |= Q(title__icontains=text)
    pages = pages.exclude(without) if without else pages
    return visible_to(pages, reader).order_by("title", "pk")


def _wanted(query: ParsedQuery) -> list[str]:
    words = [each for each in query.words if not is_stop_word(each)] or list(query.words)
    return [*words, *query.phrases, *query.prefixes][:MOST_WORDS]


def _hit(page: Page) -> FoundHit:
    kind = getattr(page.specific_class, "km_kind", "") or "page"
    return FoundHit(
        page_id=page.pk,
        title=page.title,
        url=page.url or "",
        kind=kind,
        kind_name=kind_name(kind),
        snippet=escape(page.search_description),
        labels={},
    )
