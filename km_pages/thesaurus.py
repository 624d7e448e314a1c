"""The other words that editors keep, as the search uses them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, QuerySet, Value

from km_pages.models import Synonym
from km_pages.prepared import ask
from km_pages.search.synonyms import NO_THESAURUS, Meaning, Thesaurus


def thesaurus() -> Thesaurus:
    """All synonyms as they are now. One query, and a second when they have changed."""
    number, changed = next(iter(ask(_state)), (0, None))
    return _made(number, changed) if number else NO_THESAURUS


def _state() -> QuerySet[Any, Any]:
    """One row with the number and the last change of all."""
    every = Synonym.objects.order_by().annotate(every=Value(1)).values("every")
    state = every.annotate(number=Count("pk"), changed=Max("changed_at"))
    return state.values_list("number", "changed")


@lru_cache(maxsize=4)
def _made(_number: int, _changed: datetime) -> Thesaurus:
    """Made once for each state of the table: deleting changes the number, saving the time."""
    rows = Synonym.objects.order_by("pk").values_list("words", "also", "both_ways")
    return Thesaurus.of(Meaning(words, also, both_ways) for words, also, both_ways in rows)
