"""The embedded engine: tantivy, an index folder on local disk, many processes.

**Widening.** The answer is the documents with all words. Where they are fewer than ``ENOUGH`` and
there are several words, documents with only some of them follow. Count and facets describe the set
that is shown. The score is BM25 over one field with the title three times in it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tantivy import DocAddress, IndexWriter, Occur, Order, Query, Searcher

from km_pages.search.analysis import plain
from km_pages.search.asking import Asking, facet_clauses, scope_query
from km_pages.search.documents import IndexDocument
from km_pages.search.engine import Engine, EngineUnavailable, Progress, WriterBusy
from km_pages.search.folder import Generation, IndexFolder
from km_pages.search.requests import (
    EngineStatus,
    FacetValue,
    Hit,
    RebuildStats,
    Scope,
    SearchRequest,
    SearchResult,
)
from km_pages.search.schema import FACET_SEPARATOR, to_tantivy, unpack
from km_pages.search.snippets import Place, best_snippet
from km_pages.search.spelling import corrections

ENOUGH = 10
MOST_FACET_VALUES = 1000
WRITER_BYTES = 50_000_000
REBUILD_BYTES = 200_000_000
SORT_FIELDS = {"newest": "date", "verified": "verified"}


class TantivyEngine(Engine):
    """An engine on ``folder``. Safe to use from several processes and threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = IndexFolder(Path(folder))

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer ``request``; see the module's text for when it widens."""
        generation = self.folder.current()
        with _as_unavailable():
            return _Search(generation, request).run()

    def suggest(self, text: str, *, scope: Scope, limit: int = 8) -> list[str]:
        """Titles within ``scope`` with all words of ``text``, the last as a beginning."""
        words = plain(text)
        if not words:
            return []
        generation = self.folder.current()
        schema = generation.index.schema
        parts = [
            (Occur.Must, Query.term_query(schema, "title", word, index_option="basic"))
            for word in words[:-1]
        ]
        begin = Query.fuzzy_term_query(schema, "title", words[-1], distance=0, prefix=True)
        with _as_unavailable():
            searcher = generation.index.searcher()
            query = Query.boolean_query([*parts, (Occur.Must, begin), *scope_query(schema, scope)])
            found = searcher.search(query, limit=limit, count=False).hits
            return [unpack(searcher.doc(each)["head"][0])["title"] for _score, each in found]

    def apply(self, *, upserts: Iterable[IndexDocument], deletes: Iterable[int]) -> None:
        """Replace, remove, commit and reload."""
        generation = self.folder.current_or_new()
        documents = list({each.page_id: each for each in upserts}.values())
        with _as_unavailable():
            writer = self._writer(generation, WRITER_BYTES)
            try:
                gone = {*deletes, *(each.page_id for each in documents)}
                if gone:
                    # Deleting by term takes numbers as signed ones, and so removes nothing.
                    schema = generation.index.schema
                    writer.delete_documents_by_query(
                        Query.term_set_query(schema, "page_id", sorted(gone))
                    )
                for each in documents:
                    writer.add_document(to_tantivy(each))
                writer.commit()
                writer.wait_merging_threads()
            finally:
                # The lock of the folder is given back with the writer.
                del writer
            generation.index.reload()

    @staticmethod
    def _writer(generation: Generation, heap: int) -> IndexWriter:
        try:
            return generation.index.writer(heap_size=heap, num_threads=1)
        except ValueError as problem:
            if "LockBusy" in str(problem) or "lock" in str(problem).lower():
                raise WriterBusy(str(problem)) from problem
            raise EngineUnavailable(f"the index cannot be written: {problem}") from problem

    def fingerprints(self) -> Mapping[int, str]:
        """Read from the stored fields of every document."""
        try:
            generation = self.folder.current()
        except EngineUnavailable as problem:
            if "no index yet" in str(problem):
                return {}
            raise
        with _as_unavailable():
            searcher = generation.index.searcher()
            if not searcher.num_docs:
                return {}
            every = searcher.search(Query.all_query(), limit=searcher.num_docs, count=False).hits
            rows = (searcher.doc(address) for _score, address in every)
            return {row["page_id"][0]: row["fingerprint"][0] for row in rows}

    def rebuild(
        self, documents: Iterable[IndexDocument], *, progress: Progress | None = None
    ) -> RebuildStats:
        """Write a new generation from ``documents``, then swap."""
        began, number = time.monotonic(), 0
        generation = self.folder.begin()
        with _as_unavailable():
            writer = self._writer(generation, REBUILD_BYTES)
            for number, document in enumerate(documents, start=1):
                writer.add_document(to_tantivy(document))
                if progress:
                    progress(number)
            writer.commit()
            writer.wait_merging_threads()
            del writer
        self.folder.point_to(generation)
        return RebuildStats(number, time.monotonic() - began)

    def status(self) -> EngineStatus:
        """Documents, size and whether it can be read."""
        size = self.folder.size()
        try:
            generation = self.folder.current()
            documents = generation.index.searcher().num_docs
        except (EngineUnavailable, ValueError, OSError) as problem:
            return EngineStatus(
                documents=0, size_bytes=size, generation="none", healthy=False, reason=str(problem)
            )
        return EngineStatus(
            documents=documents, size_bytes=size, generation=generation.name, healthy=True
        )


@contextmanager
def _as_unavailable() -> Any:
    """Tantivy raises ``ValueError`` and ``OSError`` for a folder that is gone, full or damaged."""
    try:
        yield
    except (ValueError, OSError) as problem:
        raise EngineUnavailable(f"the index failed: {problem}") from problem


class _Search:
    """One search on one state of the index."""

    def __init__(self, generation: Generation, request: SearchRequest) -> None:
        self.request = request
        self.schema = generation.index.schema
        self.searcher: Searcher = generation.index.searcher()
        self.scope = scope_query(self.schema, request.scope)

    def run(self) -> SearchResult:
        """Search as asked; with mended words where one of them occurs nowhere."""
        request, corrected = self.request, None
        asking = Asking(self.schema, request.query)
        if request.correct and request.query.words:
            words = list(request.query.words)
            changes = corrections(self.searcher, self.schema, words, self.scope)
            if changes:
                mended = request.query.with_words(changes)
                asking, corrected = Asking(self.schema, mended), mended.text
        strict = asking.strict()
        strict_total = self._count(strict)
        widened = not request.strict and asking.can_widen and strict_total < ENOUGH
        query = asking.wide() if widened else strict
        total = self._count(query) if widened else strict_total
        return SearchResult(
            hits=self._hits(query, asking),
            total=total,
            facets=self._facets(query),
            widened=widened and total > strict_total,
            corrected=corrected,
            strict_total=strict_total,
        )

    def _within(self, query: Query, *, without: str = "") -> Query:
        facets = facet_clauses(self.schema, self.request.filters, without=without)
        return Query.boolean_query([(Occur.Must, query), *self.scope, *facets])

    def _count(self, query: Query) -> int:
        return int(self.searcher.search(self._within(query), limit=1, count=True).count or 0)

    def _hits(self, query: Query, asking: Asking) -> list[Hit]:
        request = self.request
        sort = request.sort
        if sort == "relevance" and request.query.is_empty:
            sort = "newest"
        options: dict[str, Any] = {"limit": request.limit, "offset": request.offset, "count": False}
        if sort in SORT_FIELDS:
            options |= {"order_by_field": SORT_FIELDS[sort], "order": Order.Desc}
        found = self.searcher.search(self._within(query), **options).hits
        return [self._hit(score, address, asking) for score, address in found]

    def _hit(self, score: Any, address: DocAddress, asking: Asking) -> Hit:
        document = self.searcher.doc(address)
        head = unpack(document["head"][0])
        places = [Place(head["summary"]), Place(head["body"])]
        places += [Place(text, *where) for *where, text in unpack(document["passages"][0])]
        snippet = best_snippet(places, wanted=asking.wanted, prefixes=asking.query.prefixes)
        return Hit(
            page_id=document["page_id"][0],
            score=float(score or 0),
            title=head["title"],
            kind=head["kind"],
            url=head["url"],
            labels=head["labels"],
            snippet=snippet.html,
            snippet_file=snippet.place.file_id,
            snippet_file_name=snippet.place.file_name,
            snippet_label=snippet.place.label,
        )

    def _facets(self, query: Query) -> dict[str, list[FacetValue]]:
        wanted = self.request.facets
        if not wanted:
            return {}
        chosen = {name: values for name, values in self.request.filters.items() if values}
        common = self._counts(self._within(query))
        made = {}
        for name in wanted:
            counts = common
            if name in chosen:
                counts = self._counts(self._within(query, without=name))
            made[name] = self._values(name, counts, chosen.get(name, ()))
        return made

    def _counts(self, query: Query) -> list[tuple[str, int]]:
        asked = {"all": {"terms": {"field": "facet", "size": MOST_FACET_VALUES}}}
        answer = self.searcher.aggregate(query, asked)
        return [(row["key"], row["doc_count"]) for row in answer["all"]["buckets"]]

    @staticmethod
    def _values(
        name: str, counts: list[tuple[str, int]], chosen: tuple[str, ...]
    ) -> list[FacetValue]:
        start = f"{name}{FACET_SEPARATOR}"
        values = {key.removeprefix(start): n for key, n in counts if key.startswith(start)}
        for value in chosen:
            values.setdefault(value, 0)
        rows = [FacetValue(value, count, value in chosen) for value, count in values.items()]
        return sorted(rows, key=lambda row: (-row.count, row.value))
