"""What the log of searches tells: only queries that several people asked in the same month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, FloatField, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from km_pages.conf import conf
from km_pages.models import ClickedRank, SearchedDay, SearchGap
from km_pages.outlets.counting import month_of


def months_back(months: int, today: dt.date | None = None) -> dt.date:
    """The first day of the period of ``months`` months that ends with this one."""
    first = month_of(today or timezone.localdate())
    for _each in range(months - 1):
        first = month_of(first - dt.timedelta(days=1))
    return first


def searched_since(first: dt.date) -> QuerySet[SearchedDay, Any]:
    """Queries since ``first`` with their counts, as dictionaries, the most frequent first.

    ``query``, ``searches``, ``empty`` (without a result), ``clicks``, ``people`` (most in one
    month), ``place`` (the mean place of what was opened, or ``None``), ``gap`` (the state of a gap
    that was told in these words). A query counts only in months in which at least
    KM_SEARCH_LOG_PEOPLE different people asked it.
    """
    enough = conf().search_log_people
    clicked = ClickedRank.objects.filter(
        searched_day__searched__query=OuterRef("query"),
        searched_day__searched__people__gte=enough,
        searched_day__day__gte=first,
    )
    place = (
        clicked.order_by()
        .values("searched_day__searched__query")
        .annotate(
            place=Cast(Sum(F("rank") * F("clicks")), FloatField()) / Coalesce(Sum("clicks"), 1)
        )
        .values("place")
    )
    gap = SearchGap.objects.filter(query=OuterRef("query")).values("state")[:1]
    rows = SearchedDay.objects.filter(day__gte=first, searched__people__gte=enough)
    return (
        rows.order_by()
        .values(query=F("searched__query"))
        .annotate(
            searches=Sum("searches"),
            empty=Sum("empty"),
            clicks=Sum("clicks"),
            people=Max("searched__people"),
            place=Subquery(place[:1], output_field=FloatField()),
            gap=Subquery(gap),
        )
        .order_by("-searches", "query")
    )


def left_out_since(first: dt.date) -> int:
    """How many searches since ``first`` are not shown, because too few people asked the same."""
    few = SearchedDay.objects.filter(day__gte=first, searched__people__lt=conf().search_log_people)
    return few.aggregate(all=Sum("searches"))["all"] or 0
