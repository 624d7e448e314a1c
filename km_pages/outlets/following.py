"""Following a search: what is new in it, for whom, when, and the mail about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from km_pages import notifications
from km_pages.finding import FoundHit, find
from km_pages.models import SavedSearch
from km_pages.naming import kind_name
from km_pages.visibility import Reader, order_by_ids, visible_to

MAIL_KIND = "following"
STOP_SALT = "km_pages.following.stop"
# A search with more matches is followed by its newest ones only.
MOST_FOLLOWED = 500
PART = 100
MOST_IN_A_MAIL = 20
MOST_REMEMBERED = 5_000
HOUR_OF_MAILS = 6
DAYS = {SavedSearch.Rhythm.DAILY: 1, SavedSearch.Rhythm.WEEKLY: 7}


class SearchAwayError(Exception):
    """The search cannot answer now."""


@dataclass(frozen=True)
class Written:
    """A mail ready to be sent."""

    subject: str
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def matches(search: SavedSearch) -> list[FoundHit]:
    """What ``search`` finds for its person now, the newest first, at most 500.

    Raises :class:`SearchAwayError`.
    """
    reader = Reader(search.person)
    hits: list[FoundHit] = []
    for number in range(1, MOST_FOLLOWED // PART + 1):
        found = find(
            search.query,
            reader=reader,
            filters=search.filters,
            sort="newest",
            page=number,
            page_size=PART,
            strict=search.strict,
            facets=(),
        )
        if found.unavailable:
            raise SearchAwayError(found.notice)
        hits += found.hits
        if number >= found.pages:
            break
    return hits


def next_time(rhythm: str, now: dt.datetime | None = None) -> dt.datetime | None:
    """When to look next: tomorrow at six in the morning, or on the next Monday; or never."""
    days = DAYS.get(SavedSearch.Rhythm(rhythm))
    if days is None:
        return None
    today = timezone.localtime(now)
    ahead = 1 if days == 1 else 7 - today.weekday()
    morning = dt.time(HOUR_OF_MAILS)
    return timezone.make_aware(dt.datetime.combine(today.date() + dt.timedelta(ahead), morning))


def look_again(pk: int, now: dt.datetime | None = None) -> int:
    """Look for new matches of the saved search ``pk`` if it is time; returns how many are mailed.

    What was found and the mail are written down together, by the one worker whose look counts:
    killed before, nothing is; killed after, nothing is done again.
    """
    moment = now or timezone.now()
    search = SavedSearch.objects.select_related("person").filter(pk=pk).first()
    if search is None or search.next_at is None or search.next_at > moment:
        return 0
    able = search.person.is_active and search.person.email
    new = _new(search, matches(search)) if able else []
    seen = [*search.seen, *new][-MOST_REMEMBERED:]
    with transaction.atomic():
        mine = SavedSearch.objects.filter(pk=pk, next_at=search.next_at)
        if not mine.update(next_at=next_time(search.rhythm, moment), seen=seen) or not new:
            return 0
        data = {"search": pk, "pages": new}
        notifications.send_as_seen_then(MAIL_KIND, search.person.email, data)
    return len(new)


def _new(search: SavedSearch, hits: list[FoundHit]) -> list[int]:
    """Ids of the pages in ``hits`` that the person was not told of."""
    known = set(search.seen)
    new = [each.page_id for each in hits if each.page_id not in known]
    if len(hits) < MOST_FOLLOWED or not new:
        return new
    # Older matches move up when newer ones go: of so many, only what was published since is news.
    days = DAYS.get(SavedSearch.Rhythm(search.rhythm), 1)
    since = (search.next_at or timezone.now()) - dt.timedelta(days=days + 1)
    fresh = Page.objects.filter(pk__in=new, first_published_at__gt=since)
    kept = set(fresh.values_list("pk", flat=True))
    return [pk for pk in new if pk in kept]


def written(data: dict[str, Any]) -> Written | None:
    """The mail about new matches, with those only that the person may see at this moment.

    Nothing if they stopped it, have no account any more, or may see none of them.
    """
    found = SavedSearch.objects.select_related("person").filter(pk=data.get("search"))
    search = found.filter(person__is_active=True).exclude(rhythm=SavedSearch.Rhythm.NEVER).first()
    if search is None:
        return None
    ids = [int(each) for each in data.get("pages", ())]
    seen = visible_to(Page.objects.defer_streamfields(), Reader(search.person))
    pages = order_by_ids(seen, ids)
    if not pages:
        return None
    stop = notifications.site_address(stop_path(search))
    context = {
        "search": search,
        "entries": [_entry(each) for each in pages[:MOST_IN_A_MAIL]],
        "count": len(pages),
        "more": max(0, len(pages) - MOST_IN_A_MAIL),
        "link": notifications.site_address(search_path(search)),
        "manage": notifications.site_address(reverse("km_pages:my_page")),
        "stop": stop,
    }
    subject, body = notifications.written("following", context)
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return Written(subject, body, headers)


@dataclass(frozen=True)
class Entry:
    """One new page in a mail."""

    title: str
    kind: str
    link: str


def _entry(page: Page) -> Entry:
    kind = getattr(page.specific_class, "km_kind", "page")
    link = notifications.page_address(page)
    return Entry(" ".join(page.title.split()), kind_name(kind), link)


def search_path(search: SavedSearch) -> str:
    """The address of the search page with this search."""
    pairs = [("q", search.query)] if search.query else []
    pairs += [(name, value) for name, values in search.filters.items() for value in values]
    pairs += [("sort", "newest")]
    pairs += [("all", "1")] if search.strict else []
    return f"{reverse('km_pages:search')}?{urlencode(pairs)}"


def stop_path(search: SavedSearch) -> str:
    """The address that stops the mails of one search, for whoever has it: no sign-in is needed."""
    return reverse("km_pages:stop_following", args=[Signer(salt=STOP_SALT).sign(str(search.key))])


def search_of(token: str) -> SavedSearch | None:
    """The saved search that :func:`stop_path` was made for, if it is still there."""
    try:
        key = Signer(salt=STOP_SALT).unsign(token)
    except BadSignature:
        return None
    return SavedSearch.objects.filter(key=key).first()
