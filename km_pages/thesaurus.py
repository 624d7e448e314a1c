"""The other words that editors keep, as the search uses them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Max

from km_pages.models import Synonym
from km_pages.search.synonyms import NO_THESAURUS, Meaning, Thesaurus


def thesaurus() -> Thesaurus:
    """All synonyms as they are now. One query, and a second when they have changed."""
    row = Synonym.objects.aggregate(number=Count("pk"), changed=Max("changed_at"))
    return _made(row["number"], row["changed"]) if row["number"] else NO_THESAURUS


@lru_cache(maxsize=4)
def _made(_number: int, _changed: datetime) -> Thesaurus:
    """Made once for each state of the table: deleting changes the number, saving the time."""
    rows = Synonym.objects.order_by("pk").values_list("words", "also", "both_ways")
    return Thesaurus.of(Meaning(words, also, both_ways) for words, also, both_ways in rows)
