"""The engines that must pass every test of this folder, and a small library to search in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from km_pages.search import Engine
from km_pages.search.documents import IndexDocument, IndexedFile, IndexedPassage
from km_pages.search.query import parse
from km_pages.search.requests import Scope, SearchRequest, SearchResult
from km_pages.search.tantivy import TantivyEngine

ENGINES: dict[str, Callable[[Path], Engine]] = {"tantivy": TantivyEngine}
EVERYTHING = Scope(tokens=None)


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """An empty engine of each kind."""
    return ENGINES[request.param](tmp_path / "engine")


def document(page_id: int, title: str = "", body: str = "", **other: Any) -> IndexDocument:
    """A document open to all, with what is given."""
    values = {
        "kind": "page",
        "url": f"/{page_id}/",
        "tokens": ("open",),
        "ancestors": (1, page_id),
        **other,
    }
    return IndexDocument(page_id=page_id, title=title or f"Page {page_id}", body=body, **values)


def file(name: str, *texts: str, file_id: str = "f") -> IndexedFile:
    """A file with one passage for each text."""
    passages = tuple(
        IndexedPassage(number, f"page {number}", text) for number, text in enumerate(texts, start=1)
    )
    return IndexedFile(file_id=file_id, name=name, passages=passages)


def day(text: str) -> dt.date:
    """A date from "2026-03-02"."""
    return dt.date.fromisoformat(text)


class Library:
    """An engine with documents in it, asked in few words."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def put(self, *documents: IndexDocument) -> None:
        """Add or replace documents."""
        self.engine.apply(upserts=documents, deletes=())

    def ask(self, text: str, scope: Scope = EVERYTHING, **options: Any) -> SearchResult:
        """The whole answer."""
        return self.engine.search(SearchRequest(query=parse(text), scope=scope, **options))

    def finds(self, text: str, scope: Scope = EVERYTHING, **options: Any) -> list[int]:
        """The ids of what is found, in order."""
        return [hit.page_id for hit in self.ask(text, scope, **options).hits]

    def exactly(self, text: str, scope: Scope = EVERYTHING, **options: Any) -> set[int]:
        """The ids of what has all that was asked, with no word mended."""
        return set(self.finds(text, scope, strict=True, correct=False, **options))

    def counts(self, text: str, facet: str, **options: Any) -> dict[str, int]:
        """How many documents have which value of a facet."""
        rows = self.ask(text, facets=(facet,), **options).facets[facet]
        return {each.value: each.count for each in rows}


@pytest.fixture
def library(engine: Engine) -> Library:
    """An empty library."""
    return Library(engine)
