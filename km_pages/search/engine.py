"""The interface of every engine, and which one is used here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from django.utils.module_loading import import_string

from km_pages.conf import conf, search_folder
from km_pages.search.documents import IndexDocument
from km_pages.search.requests import (
    EngineStatus,
    RebuildStats,
    Scope,
    SearchRequest,
    SearchResult,
    Suggestion,
)

Progress = Callable[[int], None]


class EngineUnavailable(Exception):
    """The engine cannot answer or write now; ``str()`` says why. Nothing is lost by it."""


class WriterBusy(Exception):
    """Another process writes to the index at this moment."""


class Engine(ABC):
    """A full-text engine that knows who may find what."""

    @abstractmethod
    def search(self, request: SearchRequest) -> SearchResult:
        """Answer ``request``. Raises :class:`EngineUnavailable`."""

    @abstractmethod
    def suggest(self, text: str, *, scope: Scope, limit: int = 8) -> list[Suggestion]:
        """Titles and tags within ``scope`` that have all words of ``text``, best first.

        The last word may be the beginning of one or stand inside of one. Raises
        :class:`EngineUnavailable`.
        """

    @abstractmethod
    def apply(self, *, upserts: Iterable[IndexDocument], deletes: Iterable[int]) -> None:
        """Put in or replace ``upserts``, take out ``deletes`` (page ids), and commit.

        When it returns, every search sees it. Raises :class:`WriterBusy` at once where another
        process writes, and :class:`EngineUnavailable` where the index cannot be written; then
        nothing was changed.
        """

    @abstractmethod
    def fingerprints(self) -> Mapping[int, str]:
        """The fingerprint of every document in the index, by page id."""

    @abstractmethod
    def rebuild(
        self, documents: Iterable[IndexDocument], *, progress: Progress | None = None
    ) -> RebuildStats:
        """Write a new index beside the old one, then put it in its place in one step."""

    def damage(self) -> str:
        """What of the stored index is not as it was written; empty where all is. Raises nothing.

        Reads all of it, where an engine keeps checksums; others leave that to their own tools.
        """
        return ""

    @abstractmethod
    def status(self) -> EngineStatus:
        """How the index stands. Raises nothing."""


@lru_cache(maxsize=8)
def _engine(dotted_path: str, folder: Path) -> Engine:
    made: Engine = import_string(dotted_path)(folder)
    return made


def get_engine() -> Engine:
    """The engine of this site: one for each process and folder."""
    return _engine(conf().search_engine, search_folder())
