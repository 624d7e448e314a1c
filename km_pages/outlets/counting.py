"""Counting people without knowing them: digests with a key that is destroyed every month."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any

from django.db.models import DateField, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from km_pages.files.patient_data import find_warnings
from km_pages.models import SearchKey
from km_pages.models.gaps import LONGEST_QUERY
from km_pages.prepared import Given, ask

KEY_BYTES = 32
# Whoever puts in more has pasted a text, and is not asking.
MOST_WORDS = 20


def who_asks(request: HttpRequest) -> str:
    """What tells the reader of ``request`` from others, for a digest: never stored as it is.

    Of strangers it is address and browser; behind a proxy many may count as one, which shows
    less and never more.
    """
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    browser = request.headers.get("User-Agent", "")[:300]
    return f"stranger:{request.META.get('REMOTE_ADDR', '')}:{browser}"


def normalised(query: str) -> str:
    """``query`` as it is counted: small letters, single spaces; empty where it must not be kept.

    Pasted texts are not kept, nor what looks as if it held data about a patient or a password.
    """
    words = query.casefold().split()
    text = " ".join(words)
    private = "@" in text or any(find_warnings(query))
    if len(words) > MOST_WORDS or len(text) > LONGEST_QUERY or private:
        return ""
    return text


def month_of(day: dt.date) -> dt.date:
    """The first day of the month of ``day``."""
    return day.replace(day=1)


def digest_of(who: str, about: str, day: dt.date | None = None) -> str:
    """A digest of ``who`` for one thing, ``about``, within the month of ``day`` (today).

    Two things of one person have digests that nobody can join. One query; at the first search of
    a month the keys of earlier months are destroyed.
    """
    month = month_of(day or timezone.localdate())
    kept = ask(_key_of, month=month)
    if kept:
        ((found,),) = kept
    else:
        made, new = SearchKey.objects.get_or_create(
            month=month, defaults={"key": secrets.token_bytes(KEY_BYTES)}
        )
        found = made.key
        if new:
            destroy_keys(month)
    return hmac.new(bytes(found), f"{who}\0{about}".encode(), hashlib.sha256).hexdigest()


def _key_of() -> QuerySet[Any, Any]:
    return SearchKey.objects.filter(month=Given("month", DateField())).values_list("key")[:1]


def destroy_keys(month: dt.date) -> int:
    """Destroy the keys of all months before ``month``; returns how many."""
    return SearchKey.objects.filter(month__lt=month).delete()[0]
