"""``python -m benchmarks.quality FOLDER …``: how well three searches rank the same collections.

Ours, SQLite's FTS5 at its best, and Wagtail's own database search as it comes, in one run, measured
by the same code as ``km_evaluate``. A folder may be followed by ``:file`` for other queries.
"""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

DEPTH = 1000
WORDS = re.compile(r"[^\W_]+")


def main() -> None:
    """Measure in a folder that is removed afterwards, and print one line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("collections", nargs="+", help="folder, or folder:file-of-queries")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="km-quality-") as folder:
        os.environ.update(KM_VAR=folder, DJANGO_SETTINGS_MODULE="benchmarks.settings")
        os.environ.pop("DATABASE_URL", None)
        run([each.partition(":")[::2] for each in options.collections], Path(folder))


def run(collections: Iterable[tuple[str, str]], scratch: Path) -> None:
    """Measure each collection by each search."""
    import django

    django.setup()
    # Models can be imported only after Django has been set up.
    from django.core.management import call_command

    from benchmarks.tables import table
    from km_pages.search.evaluation import read_collection

    call_command("migrate", verbosity=0)
    rows = []
    for number, (folder, queries) in enumerate(collections):
        path = Path(folder)
        collection = read_collection(path, path / queries if queries else None)
        name = f"{collection.name} {Path(queries).stem}".strip()
        rows += _measure(name, collection, scratch / str(number))
    heads = ["collection", "search", "nDCG@10", "MAP", "recall@100", "MRR", "without answer"]
    table("Quality of ranking", heads, rows)


def _measure(name: str, collection: Any, scratch: Path) -> list[tuple[Any, ...]]:
    from km_pages.search.evaluation import evaluate
    from km_pages.search.tantivy import TantivyEngine

    ours = evaluate(collection, TantivyEngine(scratch))
    values = (ours.ndcg10, ours.map, ours.recall100, ours.mrr, ours.empty)
    rows: list[tuple[Any, ...]] = [_row(name, "ours", values)]
    for label, make in (("SQLite FTS5", _fts5), ("Wagtail's database search", _wagtail)):
        rows.append(_row(name, label, _means(collection, make(collection))))
    return rows


def _row(name: str, label: str, values: Iterable[float]) -> tuple[Any, ...]:
    *shares, empty = values
    return (name, label, *(f"{each:.3f}" for each in shares), f"{empty:.0%}")


def _means(collection: Any, ask: Callable[[str], list[int]]) -> list[float]:
    from km_pages.search.evaluation import scores_of

    scores = [
        scores_of(ask(text), collection.grades[key]) for key, text in collection.queries.items()
    ]
    return [sum(each[name] for each in scores) / len(scores) for name in scores[0]]


def _fts5(collection: Any) -> Callable[[str], list[int]]:
    """Any word, Porter's stems, no stop words, the title counted twice: its best setting."""
    from km_pages.search.analysis import STOP_WORDS

    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE d USING fts5(title, body, tokenize='porter unicode61')")
    rows = [(each.page_id, each.title, each.body) for each in collection.documents]
    database.executemany("INSERT INTO d(rowid, title, body) VALUES (?, ?, ?)", rows)

    def ask(text: str) -> list[int]:
        words = [word for word in WORDS.findall(text.lower()) if word not in STOP_WORDS]
        if not words:
            return []
        query = " OR ".join(f'"{word}"' for word in words)
        order = f"SELECT rowid FROM d WHERE d MATCH ? ORDER BY bm25(d, 2.0, 1.0) LIMIT {DEPTH}"
        return [row[0] for row in database.execute(order, (query,))]

    return ask


def _wagtail(collection: Any) -> Callable[[str], list[int]]:
    """Pages with the text in a field that Wagtail indexes, asked as its documentation says.

    Signs such as a colon or a quotation mark make it raise: such a query has no answer.
    """
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from wagtail.models import Page

    from benchmarks.filling import add_children
    from km_pages.models import KnowledgeAssetPage
    from tests.factories import TeamSpacePageFactory

    space = Page.objects.get(pk=TeamSpacePageFactory().pk)
    pages, rows = [], []
    for each in collection.documents:
        slug = f"d{each.page_id}"
        pages.append(_page(space, len(pages) + 1, each.title or slug, slug, KnowledgeAssetPage))
        rows.append(KnowledgeAssetPage(summary=each.body, body="[]", visibility="open"))
    space.numchild = len(pages)
    add_children(pages, rows, [space])
    numbers = {page.pk: int(page.slug[1:]) for page in pages}
    call_command("wagtail_update_index", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    mine = KnowledgeAssetPage.objects.filter(path__startswith=space.path)

    def ask(text: str) -> list[int]:
        try:
            return [numbers[page.pk] for page in mine.search(text)[:DEPTH]]
        except OperationalError:
            return []

    return ask


def _page(space: Any, place: int, title: str, slug: str, model: Any) -> Any:
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Page

    return Page(
        path=Page._get_path(space.path, space.depth + 1, place),
        depth=space.depth + 1,
        title=title[:255],
        draft_title=title[:255],
        slug=slug,
        url_path=f"{space.url_path}{slug}/",
        locale_id=space.locale_id,
        content_type=ContentType.objects.get_for_model(model),
        live=True,
    )


if __name__ == "__main__":
    main()
