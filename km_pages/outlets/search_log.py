"""The log of searches: days, queries and counts, and nobody's name. See docs/why/search-log.md."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import nullcontext

from django.core import signing
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from km_pages.conf import conf
from km_pages.models import (
    ClickedRank,
    GapReport,
    SearchedBy,
    SearchedDay,
    SearchedMonth,
    SearchEvent,
)
from km_pages.outlets.counting import destroy_keys, digest_of, month_of, normalised

logger = logging.getLogger(__name__)
CLICK_SALT = "km_pages.search.click"
CLICK_SECONDS = 2 * 60 * 60
LAST_RANK = 200
AT_ONCE = 2_000


def record_search(who: str, *, query: str, hits: int) -> None:
    """Write down that ``who`` (see :func:`km_pages.outlets.counting.who_asks`) searched.

    Two short queries. A log that cannot be written stops no search.
    """
    words = normalised(query)
    if not words:
        return
    day = timezone.localdate()
    _write(lambda: SearchEvent(day=day, query=words, digest=digest_of(who, words, day), hits=hits))


def click_token(query: str) -> str:
    """What the results page gives back when a result is opened; empty where nothing is kept."""
    words = normalised(query)
    return signing.dumps(words, salt=CLICK_SALT) if words else ""


def record_click(token: str, rank: int) -> None:
    """Write down that the result at place ``rank`` (from 1) was opened. Nonsense is passed over."""
    if not 1 <= rank <= LAST_RANK:
        return
    try:
        words = signing.loads(token, salt=CLICK_SALT, max_age=CLICK_SECONDS)
    except signing.BadSignature:
        return
    _write(lambda: SearchEvent(day=timezone.localdate(), query=words, rank=rank))


def _write(make: object) -> None:
    # One statement stands or falls by itself; a savepoint is for those who are in a transaction.
    inside = transaction.get_connection().in_atomic_block
    try:
        with transaction.atomic() if inside else nullcontext():
            make().save(force_insert=True)  # type: ignore[operator]
    except DatabaseError:
        logger.exception("A search could not be counted")


def count_events() -> int:
    """Add what waits to the counts and remove it; returns how many.

    In one transaction: a worker that is killed has counted nothing, and the next counts all once.
    """
    with transaction.atomic():
        waiting = SearchEvent.objects.select_for_update(skip_locked=_can_skip()).order_by("pk")
        events = list(waiting[:AT_ONCE])
        _count(events)
        SearchEvent.objects.filter(pk__in=[each.pk for each in events]).delete()
    return len(events)


def _can_skip() -> bool:
    return bool(transaction.get_connection().features.has_select_for_update_skip_locked)


def _count(events: Iterable[SearchEvent]) -> None:
    by_day: dict[tuple[dt.date, str], list[SearchEvent]] = defaultdict(list)
    for each in events:
        by_day[each.day, each.query].append(each)
    for (day, query), rows in sorted(by_day.items()):
        month, _made = SearchedMonth.objects.get_or_create(month=month_of(day), query=query)
        _count_day(month, day, rows)
        _count_people(month, rows)


def _count_day(month: SearchedMonth, day: dt.date, rows: list[SearchEvent]) -> None:
    counted, _made = SearchedDay.objects.get_or_create(searched=month, day=day)
    searches = [each for each in rows if each.rank is None]
    ranks = Counter(each.rank for each in rows if each.rank is not None)
    SearchedDay.objects.filter(pk=counted.pk).update(
        searches=F("searches") + len(searches),
        empty=F("empty") + sum(1 for each in searches if not each.hits),
        clicks=F("clicks") + sum(ranks.values()),
        hits=searches[-1].hits if searches else F("hits"),
    )
    for rank, clicks in ranks.items():
        place, _made = ClickedRank.objects.get_or_create(searched_day=counted, rank=rank)
        ClickedRank.objects.filter(pk=place.pk).update(clicks=F("clicks") + clicks)


def _count_people(month: SearchedMonth, rows: list[SearchEvent]) -> None:
    digests = {each.digest for each in rows if each.digest}
    made = [SearchedBy(searched=month, digest=each) for each in sorted(digests)]
    SearchedBy.objects.bulk_create(made, ignore_conflicts=True)
    people = SearchedBy.objects.filter(searched=month).count()
    # What came late, when the digests of its month were gone already, takes nobody away.
    SearchedMonth.objects.filter(pk=month.pk, people__lt=people).update(people=people)


def prune(today: dt.date | None = None) -> int:
    """Forget: keys and digests of past months, counts after KM_SEARCH_LOG_DAYS, told gaps' marks.

    Returns how many rows went. Twice does no harm.
    """
    day = today or timezone.localdate()
    this_month = month_of(day)
    gone = destroy_keys(this_month)
    gone += SearchedBy.objects.filter(searched__month__lt=this_month).delete()[0]
    gone += GapReport.objects.filter(day__lt=day).delete()[0]
    oldest = day - dt.timedelta(days=conf().search_log_days)
    gone += SearchedDay.objects.filter(day__lt=oldest).delete()[0]
    gone += SearchedMonth.objects.filter(month__lt=this_month, days=None).delete()[0]
    return gone
