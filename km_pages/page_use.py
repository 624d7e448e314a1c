"""Count how often pages are opened, without persons and without a write for each reader.

Each process counts in memory and writes now and then; what a killed process has not written is
lost, which an order of "most used" can bear.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from datetime import date
from typing import Any

from django.core.signals import request_finished
from django.db import DatabaseError, transaction
from django.db.models import F
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page

from km_pages.conf import conf
from km_pages.models import PageUse

logger = logging.getLogger(__name__)
WRITE_AFTER_SECONDS = 60
WRITE_AFTER_VIEWS = 50
KINDS = {"knowledge", "technique", "activity"}

_lock = threading.Lock()
_counted: Counter[int] = Counter()
_since = time.monotonic()


def note_use(page: Page, request: HttpRequest) -> None:
    """Count that ``page`` was opened, if it is a guide or a knowledge item. No query."""
    wanted = request.method == "GET" and getattr(type(page), "km_kind", "") in KINDS
    if wanted and conf().count_use:
        with _lock:
            _counted[page.pk] += 1


@receiver(request_finished, dispatch_uid="km_pages.page_use")
def write_when_due(**_kwargs: Any) -> None:
    """Write when enough was counted, once the reader has the page and waits for nothing."""
    with _lock:
        number = sum(_counted.values())
        long_ago = time.monotonic() - _since > WRITE_AFTER_SECONDS
    if number >= WRITE_AFTER_VIEWS or (number and long_ago):
        write_down()


def write_down() -> None:
    """Write what this process has counted; a database that is busy loses it, and says so."""
    global _since
    with _lock:
        counted = dict(_counted)
        _counted.clear()
        _since = time.monotonic()
    try:
        with transaction.atomic():
            _add(counted, timezone.localdate().replace(day=1))
    except DatabaseError:
        logger.warning("The use of %d pages could not be written down", len(counted))


def _add(counted: dict[int, int], month: date) -> None:
    there = Page.objects.filter(pk__in=counted).values_list("pk", flat=True)
    for pk in sorted(there):
        row, made = PageUse.objects.get_or_create(
            page_id=pk, month=month, defaults={"times": counted[pk]}
        )
        if not made:
            PageUse.objects.filter(pk=row.pk).update(times=F("times") + counted[pk])
