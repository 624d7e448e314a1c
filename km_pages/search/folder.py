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
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tantivy import Index

from km_pages.search.analysis import register
from km_pages.search.engine import EngineUnavailable
from km_pages.search.known import Known
from km_pages.search.schema import SCHEMA_VERSION, make_schema
from km_pages.search.soundness import Facts, changed, changed_in, damaged, facts_of

POINTER = "current.json"
META = "meta.json"


@contextmanager
def as_unavailable(said: str = "the index failed") -> Iterator[None]:
    """Turn what tantivy raises for a folder that is gone, full or damaged into one exception.

    Damaged bytes can make it panic, which reaches Python as a ``BaseException`` without a name.
    """
    try:
        yield
    except (ValueError, OSError, LookupError) as problem:
        raise EngineUnavailable(f"{said}: {problem}") from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise EngineUnavailable(f"the index is damaged: {problem}") from None


@dataclass
class Generation:
    """One index on disk; ``state`` is that of its files when they were read last."""

    name: str
    index: Index
    process: int = field(default_factory=os.getpid)
    state: tuple[int, ...] = ()
    files: Facts = field(default_factory=dict)
    # Where tantivy cannot make its lock: a folder of links, removed with the last use.
    links: Any = None
    known: Known = field(default_factory=Known)

    def renew(self, state: tuple[int, ...], files: Facts) -> None:
        """Read what was committed."""
        self.index.reload()
        self.state, self.files, self.known = state, files, Known()


class IndexFolder:
    """Opens the current generation, and again when another process or a rebuild changed it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: Generation | None = None
        self._pointer: tuple[tuple[int, ...], str] | None = None

    def current(self) -> Generation:
        """The index in use, with all that was committed. Raises :class:`EngineUnavailable`."""
        name = self._pointed()
        if name is None:
            raise EngineUnavailable("there is no index yet; run km_index --rebuild")
        known = self._open
        if known is None or known.name != name or known.process != os.getpid():
            # An index that was opened before a fork does not work in the child.
            known = self._load(name)
        else:
            try:
                self._refresh(known)
            except EngineUnavailable:
                self._open = None
                raise
        self._open = known
        return known

    def _pointed(self) -> str | None:
        """The name of the index in use. It is read only where the pointer is another one."""
        try:
            facts = _state_of(self.root, POINTER)
            if self._pointer and self._pointer[0] == facts:
                return self._pointer[1]
            pointer = json.loads((self.root / POINTER).read_text())
            version, name = pointer["schema"], str(pointer["generation"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as problem:
            raise EngineUnavailable(f"the index folder cannot be read: {problem}") from problem
        if version != SCHEMA_VERSION:
            raise EngineUnavailable("the index is of another version; run km_index --rebuild")
        self._pointer = (facts, name)
        return name

    def _load(self, name: str) -> Generation:
        """Open a generation whose files are what was written."""
        path = self.root / name
        with as_unavailable("the index cannot be read"):
            state, files = _state_of(path), facts_of(path)
            _refuse(damaged(path, list(files)))
            opened = self._opened(name)
            # It is read anew when something was committed: no thread needs to look out for that.
            opened.index.config_reader(reload_policy="manual")
        opened.state, opened.files = state, files
        register(opened.index)
        return opened

    def _opened(self, name: str) -> Generation:
        path = self.root / name
        try:
            return Generation(name, Index.open(str(path)))
        except ValueError as problem:
            if "Lockfile" not in str(problem):
                raise
        # A folder that can only be read is good enough to search in.
        links = TemporaryDirectory(prefix="km-search-")
        for each in path.iterdir():
            if not each.name.endswith(".lock"):
                (Path(links.name) / each.name).symlink_to(each.resolve())
        return Generation(name, Index.open(links.name), links=links)

    def _refresh(self, known: Generation) -> None:
        """Read what was committed since, if anything was."""
        path = self.root / known.name
        with as_unavailable("the index cannot be read"):
            state = _state_of(path)
            if state == known.state and known.state:
                _refuse(changed_in(path, known.files))
            else:
                files = facts_of(path)
                _refuse(changed(known.files, files))
                known.renew(state, files)

    def to_write(self) -> Generation:
        """The index in use, to be changed; an empty one where there is none yet.

        Raises :class:`EngineUnavailable` where the folder can only be read.
        """
        if self._pointed() is None:
            self.point_to(self.begin())
        found = self.current()
        if found.links:
            # Perhaps it can be written again.
            self._open = None
            found = self.current()
        if found.links:
            raise EngineUnavailable("the index folder can only be read")
        return found

    def begin(self) -> Generation:
        """A new, empty generation that nobody uses yet."""
        name = f"generation-{uuid.uuid4().hex[:12]}"
        try:
            with as_unavailable("the index folder cannot be written"):
                (self.root / name).mkdir(parents=True)
                index = Index(make_schema(), path=str(self.root / name))
        except EngineUnavailable:
            self.abandon(name)
            raise
        register(index)
        return Generation(name, index)

    def abandon(self, name: str) -> None:
        """Remove a generation that was begun and will never be used."""
        shutil.rmtree(self.root / name, ignore_errors=True)

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
            fresh.unlink(missing_ok=True)
            raise EngineUnavailable(f"the index folder cannot be written: {problem}") from problem
        for other in self.root.glob("generation-*"):
            if other.name != generation.name:
                shutil.rmtree(other, ignore_errors=True)

    def damage(self) -> str:
        """What is wrong with the files of the index in use; empty where nothing is."""
        path = self.root / self.current().name
        with as_unavailable("the index cannot be read"):
            name = damaged(path, list(facts_of(path)))
        return f"{name} is not as it was written" if name else ""

    def size(self) -> int:
        """Bytes of the generation in use; 0 where that cannot be said."""
        try:
            name = self._pointed()
            return (
                sum(size for size, _changed in facts_of(self.root / name).values()) if name else 0
            )
        except (EngineUnavailable, OSError, ValueError):
            return 0


def _state_of(path: Path, name: str = META) -> tuple[int, ...]:
    """What differs after each commit, or after each change of the file ``name``."""
    facts = (path / name).stat()
    return (facts.st_ino, facts.st_size, facts.st_mtime_ns)


def _refuse(name: str) -> None:
    if name:
        raise EngineUnavailable(f"the index is damaged: {name} is not as it was written")
