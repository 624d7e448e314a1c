"""More like this: pages whose words are those that a page is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from wagtail.models import Page, Site

from km_pages.finding import FoundHit, find
from km_pages.projection.text import NAME_FIELDS, lines_of, summary_of
from km_pages.search.analysis import is_stop_word, plain
from km_pages.search.query import MOST_WORDS, ParsedQuery
from km_pages.visibility import Reader

SHOWN = 5
SHORTEST_WORD = 3
# How much more a word of the title or of a topic says than one of the summary.
NAME_WEIGHT, TOPIC_WEIGHT = 3, 2
KINDS = ("knowledge", "technique", "activity")


def related_to(
    page: Page, *, reader: Reader, site: Site | None = None, without: Collection[int] = ()
) -> tuple[FoundHit, ...]:
    """The pages most like ``page`` that ``reader`` may see, at most five; never ``page`` itself.

    ``without`` are ids of pages that stand beside it already. One question to the search, and the
    queries of :func:`km_pages.finding.find`, however many pages there are. Empty where the search
    is out of order.
    """
    words = telling_words(page)
    if not words:
        return ()
    left_out = {page.pk, *without}
    found = find(
        ParsedQuery(words=words),
        reader=reader,
        filters={"kind": KINDS},
        page_size=SHOWN + len(left_out),
        site=site,
        correct=False,
        facets=(),
        titles_only=True,
    )
    return tuple(each for each in found.hits if each.page_id not in left_out)[:SHOWN]


def telling_words(page: Any) -> dict[str, int]:
    """The words that say what ``page`` is about, each with its weight; the weightiest 32."""
    weights: Counter[str] = Counter()
    names = [line for name in NAME_FIELDS if hasattr(page, name) for line in lines_of(page, name)]
    for text, weight in (
        (" ".join([page.title, *names]), NAME_WEIGHT),
        (" ".join(_listed(page)), TOPIC_WEIGHT),
        (summary_of(page), 1),
    ):
        for word in set(plain(text)):
            if len(word) >= SHORTEST_WORD and not is_stop_word(word):
                weights[word] += weight
    return dict(weights.most_common(MOST_WORDS))


def _listed(page: Any) -> list[str]:
    """Names of the page's topics and tags."""
    relations = (getattr(page, name, None) for name in ("topics", "tags"))
    return [each.name for rows in relations if hasattr(rows, "all") for each in rows.all()]
