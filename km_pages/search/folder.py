"""The folder of an embedded index: generations beside each other, and a pointer to the current.

A rebuild writes a new generation and then replaces the pointer in one step, so that every process
sees either the old index or the new one, whole.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tantivy import Index

from km_pages.search.analysis import register
from km_pages.search.engine import EngineUnavailable
from km_pages.search.schema import SCHEMA_VERSION, make_schema

POINTER = "current.json"


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn what tantivy raises for a folder that is gone, full or damaged into one exception.

    Damaged bytes make it panic, which reaches Python as a ``BaseException`` that no module names.
    """
    try:
        yield
    except (ValueError, OSError) as problem:
        raise EngineUnavailable(f"the index failed: {problem}") from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise EngineUnavailable(f"the index is damaged: {problem}") from None


@dataclass(frozen=True)
class Generation:
    """One index on disk."""

    name: str
    index: Index


class IndexFolder:
    """Opens the current generation, and again when another process or a rebuild changed it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: Generation | None = None
        self._process = 0

    def current(self) -> Generation:
        """The index in use, with all that was committed. Raises :class:`EngineUnavailable`."""
        name = self._pointed()
        if name is None:
            raise EngineUnavailable("there is no index yet; run km_index --rebuild")
        known = self._open
        if known is None or known.name != name or self._process != os.getpid():
            # An index that was opened before a fork does not work in the child.
            known = Generation(name, self._load(name))
            self._open, self._process = known, os.getpid()
        try:
            known.index.reload()
        except (ValueError, OSError) as problem:
            self._open = None
            raise EngineUnavailable(f"the index cannot be read: {problem}") from problem
        return known

    def _pointed(self) -> str | None:
        try:
            pointer = json.loads((self.root / POINTER).read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as problem:
            raise EngineUnavailable(f"the index folder cannot be read: {problem}") from problem
        if pointer.get("schema") != SCHEMA_VERSION:
            raise EngineUnavailable("the index is of another version; run km_index --rebuild")
        return str(pointer["generation"])

    def _load(self, name: str) -> Index:
        path = self.root / name
        try:
            index = Index.open(str(path))
        except (ValueError, OSError) as problem:
            raise EngineUnavailable(f"the index is damaged: {problem}") from problem
        register(index)
        return index

    def current_or_new(self) -> Generation:
        """The index in use; an empty one where there is none yet."""
        if self._pointed() is None:
            made = self.begin()
            self.point_to(made)
        return self.current()

    def begin(self) -> Generation:
        """A new, empty generation that nobody uses yet."""
        name = f"generation-{uuid.uuid4().hex[:12]}"
        try:
            (self.root / name).mkdir(parents=True)
            index = Index(make_schema(), path=str(self.root / name))
        except (ValueError, OSError) as problem:
            shutil.rmtree(self.root / name, ignore_errors=True)
            raise EngineUnavailable(f"the index folder cannot be written: {problem}") from problem
        register(index)
        return Generation(name, index)

    def point_to(self, generation: Generation) -> None:
        """Make ``generation`` the one in use, and remove what no process opens any more."""
        content = json.dumps({"generation": generation.name, "schema": SCHEMA_VERSION})
        fresh = self.root / f"{POINTER}.{uuid.uuid4().hex}"
        try:
            with fresh.open("w") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(self.root / POINTER)
        except OSError as problem:
            raise EngineUnavailable(f"the index folder cannot be written: {problem}") from problem
        for other in self.root.glob("generation-*"):
            if other.name != generation.name:
                shutil.rmtree(other, ignore_errors=True)

    def size(self) -> int:
        """Bytes of the generation in use."""
        try:
            name = self._pointed()
        except EngineUnavailable:
            return 0
        files = (self.root / name).rglob("*") if name else ()
        return sum(each.stat().st_size for each in files if each.is_file())
