"""Wagtail's own search in the database, on the same items, as it comes."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

from django.core.management import call_command
from django.db import connection
from wagtail.models import Page

from benchmarks.corpus import item
from benchmarks.measuring import cpu_ms, share
from benchmarks.tables import table
from km_pages.models import KnowledgeAssetPage
from km_pages.visibility import Visibility

# Beyond that a question takes minutes.
MOST_ITEMS = 20_000
QUESTIONS = 8


def measure(items: int) -> None:
    """Print what ten hits cost there: of titles and summaries, without facets and snippets.

    It cannot be asked for our rule of who may see what, whose columns it does not index; what it
    can be asked for stands in for it.
    """
    call_command("wagtail_update_index", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for_members = [Visibility.OPEN, Visibility.ORGANISATION]
    asked = {
        "items, by audience": KnowledgeAssetPage.objects.filter(visibility__in=for_members),
        "all pages, published": Page.objects.filter(live=True),
    }
    rows = []
    for name, pages in asked.items():
        chance, times, found = random.Random("wagtail"), [], 0
        for _each in range(QUESTIONS):
            words = " ".join(item(chance.randrange(items)).title.lower().split()[:2])
            hits: list[object] = []
            times.append(cpu_ms(partial(_ask, hits, pages, words)))
            found += bool(hits)
        rows.append((name, QUESTIONS, share(times, 0.5), max(times), f"{found} of {QUESTIONS}"))
    table(
        f"Wagtail's own database search, {items:,} items: 10 hits and nothing else",
        ["among", "asked", "CPU ms p50", "slowest", "answered"],
        rows,
    )


def _ask(hits: list[object], pages: Any, words: str) -> None:
    hits.extend(pages.search(words)[:10])
