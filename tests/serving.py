"""Which requests the live server has in hand: a test's database is emptied only after them."""

from __future__ import annotations

import threading
from typing import Any

from django.core.signals import request_finished, request_started

PATIENCE_SECONDS = 30

_changed = threading.Condition()
_in_hand: set[int] = set()


def _begin(**_kwargs: Any) -> None:
    with _changed:
        _in_hand.add(threading.get_ident())


def _end(**_kwargs: Any) -> None:
    with _changed:
        _in_hand.discard(threading.get_ident())
        _changed.notify_all()


request_started.connect(_begin, dispatch_uid="tests.serving")
request_finished.connect(_end, dispatch_uid="tests.serving")


def wait_until_served() -> None:
    """Until no other thread answers a request; a window that was closed does not wait for it."""
    own = threading.get_ident()
    with _changed:
        _changed.wait_for(lambda: not _in_hand - {own}, timeout=PATIENCE_SECONDS)
