"""The embedded engine: tantivy, an index folder on local disk, many processes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tantivy import IndexWriter, Query

from km_pages.search.documents import IndexDocument
from km_pages.search.engine import Engine, EngineUnavailable, Progress, WriterBusy
from km_pages.search.folder import Generation, IndexFolder, as_unavailable
from km_pages.search.requests import (
    EngineStatus,
    RebuildStats,
    Scope,
    SearchRequest,
    SearchResult,
    Suggestion,
)
from km_pages.search.schema import to_tantivy
from km_pages.search.searching import Search
from km_pages.search.suggesting import Suggesting

WRITER_BYTES = 50_000_000
REBUILD_BYTES = 200_000_000
# From so many documents on a rebuild writes with two threads. Fewer always come out the same, in
# the order in which they were given, also where two score exactly alike.
MANY = 10_000
# The fingerprint of a page that stands in the index more than once: that of no document.
TWICE = "twice"


class TantivyEngine(Engine):
    """An engine on ``folder``. Safe to use from several processes and threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = IndexFolder(Path(folder))

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer ``request``; see :mod:`km_pages.search.searching` for when it widens."""
        generation = self.folder.current()
        # Taken before the search: what is found in a newer state is then kept for no older one.
        known = generation.known
        with as_unavailable():
            return known.answer(request, lambda: Search(generation, request).run())

    def suggest(self, text: str, *, scope: Scope, limit: int = 8) -> list[Suggestion]:
        """Titles and tags; see :mod:`km_pages.search.suggesting` for their order."""
        generation = self.folder.current()
        with as_unavailable():
            return Suggesting(generation, scope).run(text, limit)

    def apply(self, *, upserts: Iterable[IndexDocument], deletes: Iterable[int]) -> None:
        """Replace, remove, commit and reload."""
        generation = self.folder.to_write()
        documents = list({each.page_id: each for each in upserts}.values())
        with as_unavailable():
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

    @staticmethod
    def _writer(generation: Generation, heap: int, *, threads: int = 1) -> IndexWriter:
        try:
            writer = generation.index.writer(heap_size=heap, num_threads=threads)
            # A writer that was killed leaves files under the names that the next would use.
            writer.garbage_collect_files()
            return writer
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
        with as_unavailable():
            searcher = generation.index.searcher()
            if not searcher.num_docs:
                return {}
            every = searcher.search(Query.all_query(), limit=searcher.num_docs, count=False).hits
            found: dict[int, str] = {}
            for row in (searcher.doc(address) for _score, address in every):
                key = row["page_id"][0]
                found[key] = TWICE if key in found else row["fingerprint"][0]
            return found

    def rebuild(
        self, documents: Iterable[IndexDocument], *, progress: Progress | None = None
    ) -> RebuildStats:
        """Write a new generation from ``documents``, then swap."""
        began = time.monotonic()
        generation = self.folder.begin()
        try:
            number = self._write(generation, documents, progress)
            self.folder.point_to(generation)
        except BaseException:
            # Half an index on a full disk would keep the next attempt from its room.
            self.folder.abandon(generation.name)
            raise
        return RebuildStats(number, time.monotonic() - began)

    def _write(
        self, generation: Generation, documents: Iterable[IndexDocument], progress: Progress | None
    ) -> int:
        number = 0
        with as_unavailable():
            writer = self._writer(generation, REBUILD_BYTES)
        for number, document in enumerate(documents, start=1):
            with as_unavailable():
                if number == MANY:
                    writer = self._with_two_threads(generation, writer)
                writer.add_document(to_tantivy(document))
            if progress:
                progress(number)
        with as_unavailable():
            writer.commit()
            writer.wait_merging_threads()
        return number

    def _with_two_threads(self, generation: Generation, writer: IndexWriter) -> IndexWriter:
        writer.commit()
        # It gives its lock back, and can write no more.
        writer.wait_merging_threads()
        return self._writer(generation, REBUILD_BYTES, threads=2)

    def damage(self) -> str:
        """Compare every file with the checksum that was written with it."""
        try:
            return self.folder.damage()
        except EngineUnavailable as problem:
            return "" if "no index yet" in str(problem) else str(problem)

    def status(self) -> EngineStatus:
        """Documents, size and whether it can be read."""
        size = self.folder.size()
        try:
            generation = self.folder.current()
            with as_unavailable():
                documents = generation.index.searcher().num_docs
        except EngineUnavailable as problem:
            return EngineStatus(
                documents=0, size_bytes=size, generation="none", healthy=False, reason=str(problem)
            )
        return EngineStatus(
            documents=documents, size_bytes=size, generation=generation.name, healthy=True
        )
