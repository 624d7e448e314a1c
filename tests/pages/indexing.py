"""What the tests of the index share: bring it up to date, and ask what somebody finds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser

from km_pages.finding import Found, find
from km_pages.models import IndexChange
from km_pages.outbox import Ending, drain


def settle() -> None:
    """Apply everything that waits; the outbox must be empty then."""
    done = drain()
    assert done.ending is Ending.DONE
    assert not done.failed
    assert not IndexChange.objects.exists()


def finds(user: Any, query: str, **options: Any) -> set[str]:
    """The titles that ``user`` (``None``: anonymous) finds."""
    return {hit.title for hit in found_by(user, query, **options).hits}


def found_by(user: Any, query: str, **options: Any) -> Found:
    """Everything that ``user`` finds."""
    return find(query, reader=user or AnonymousUser(), page_size=50, **options)
