"""What a leaver's notes have done for others: how often they were opened, never by whom."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from km_pages.models import KnowledgeAssetPage, PageUse
from km_toolkit.models import Handover


@dataclass(frozen=True)
class Legacy:
    """The titles of what was shared, and how often all of it together was opened.

    Only the sum is told: counts of single notes could show, in a small team, who read what.
    """

    titles: list[str]
    opened: int


def legacy_of(handover: Handover) -> Legacy:
    """What ``handover`` has left. Two queries."""
    pages = KnowledgeAssetPage.objects.live().filter(
        pk__in=handover.outputs.filter(page__isnull=False).values("page")
    )
    titles = dict(pages.order_by("title").values_list("pk", "title"))
    total = PageUse.objects.filter(page__in=titles).aggregate(times=Sum("times"))["times"]
    return Legacy(list(titles.values()), total or 0)
