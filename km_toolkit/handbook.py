"""The living handbook of a post: what its holders have shared, the newest first of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from km_pages.models import KnowledgeAssetPage, Post
from km_pages.visibility import Reader, visible_to

MOST = 500


@dataclass(frozen=True)
class Chapter:
    """One kind of knowledge: the newest item, and those of earlier holders."""

    title: str
    newest: list[Any]
    earlier: list[Any]


def handbook_of(post: Post, reader: Reader) -> list[Chapter]:
    """The chapters of the handbook, as far as ``reader`` may see them. One query.

    Per kind: what the last holder shared stands first, what earlier ones shared below it, so that
    differences between holders can be compared.
    """
    pages = visible_to(KnowledgeAssetPage.objects.filter(post=post), reader)
    found = list(
        pages.select_related("output_type", "holder")
        .defer("body")
        .order_by("-captured_on", "-pk")[:MOST]
    )
    found.sort(key=lambda page: page.output_type.sort_order if page.output_type else 99)
    chapters = []
    for kind, group in groupby(found, key=lambda page: page.output_type):
        items = list(group)
        last = items[0].holder_id
        chapters.append(
            Chapter(
                title=str(kind or ""),
                newest=[each for each in items if each.holder_id == last],
                earlier=[each for each in items if each.holder_id != last],
            )
        )
    return chapters
