"""Large files that come in parts: an upload that broke off goes on where it stopped.

No program that keeps such uploads for Django is still looked after, so this is the least that
does it, in the manner of the tus protocol: begin, ask how far it is, send the next part from there.
The parts stand in one file in the data folder, known by a random name to its person only.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from km_pages.incoming import CHUNK, Arrived, incoming_folder

PREFIX = "part-"
MOST_AT_ONCE = 40
_FACTS, _CONTENT = "facts.json", "content"


class WrongOffset(Exception):
    """A part does not begin where the file ends; ``offset`` is where it would have to."""

    def __init__(self, offset: int) -> None:
        super().__init__(str(offset))
        self.offset = offset


class TooManyParts(Exception):
    """This person has begun more uploads than anybody needs at once."""


@dataclass(frozen=True, slots=True)
class Partial:
    """One upload on its way: whose it is, what it is called, how many bytes it will have.

    ``mark`` is what the browser knows the file by, so that it finds the upload again.
    """

    key: UUID
    person: int
    name: str
    size: int
    mark: str

    @property
    def folder(self) -> Path:
        """Where it stands."""
        return incoming_folder() / f"{PREFIX}{self.key.hex}"

    @property
    def offset(self) -> int:
        """How many bytes have come."""
        try:
            return (self.folder / _CONTENT).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, offset: int, source: BinaryIO, length: int) -> int:
        """Add at most ``length`` bytes of ``source`` that begin at ``offset``; the new end.

        What has come stays when the reader goes away in the middle. Raises :class:`WrongOffset`,
        ``FileNotFoundError`` for an upload that is gone, and ``OSError`` for a full disk.
        """
        with self._alone() as content:
            end = content.seek(0, os.SEEK_END)
            if offset != end or offset + length > self.size:
                raise WrongOffset(end)
            left = length
            while left and (piece := source.read(min(CHUNK, left))):
                content.write(piece)
                left -= len(piece)
            content.flush()
            return content.tell()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[BinaryIO]:
        """The content, locked against a second sender of the same upload."""
        with (self.folder / _CONTENT).open("r+b") as content:
            fcntl.flock(content, fcntl.LOCK_EX)
            yield content

    @contextlib.contextmanager
    def whole(self) -> Iterator[Arrived]:
        """The file once it has come as a whole, counted, hashed and on the disk."""
        path = self.folder / _CONTENT
        digest = hashlib.sha256()
        with self._alone() as content:
            while piece := content.read(CHUNK):
                digest.update(piece)
            os.fsync(content.fileno())
            if content.tell() != self.size:
                raise WrongOffset(content.tell())
            yield Arrived(path, self.size, digest.hexdigest())

    def forget(self) -> None:
        """Remove what has come."""
        shutil.rmtree(self.folder, ignore_errors=True)


def begin(person: int, name: str, size: int, mark: str) -> Partial:
    """A new upload, or the one of the same file that this person began before.

    Raises :class:`TooManyParts`, and ``OSError`` for a full disk.
    """
    mine = of_person(person)
    for each in mine:
        if (each.name, each.size, each.mark) == (name, size, mark):
            os.utime(each.folder)
            return each
    if len(mine) >= MOST_AT_ONCE:
        raise TooManyParts
    made = Partial(uuid4(), person, name, size, mark)
    made.folder.mkdir(mode=0o700)
    facts = {"person": person, "name": name, "size": size, "mark": mark, "began": time.time()}
    (made.folder / _CONTENT).touch(mode=0o600)
    # Last: an upload without its facts is nobody's, and is swept away.
    (made.folder / _FACTS).write_text(json.dumps(facts))
    return made


def find(person: int, key: UUID) -> Partial | None:
    """The upload ``key`` of this person; ``None`` for others' and for what is not there."""
    found = _read(incoming_folder() / f"{PREFIX}{key.hex}")
    return found if found is not None and found.person == person else None


def of_person(person: int) -> list[Partial]:
    """Every upload that this person has begun and not finished."""
    folders = incoming_folder().glob(f"{PREFIX}*")
    return [each for each in map(_read, folders) if each is not None and each.person == person]


def _read(folder: Path) -> Partial | None:
    try:
        facts: Any = json.loads((folder / _FACTS).read_text())
        key = UUID(folder.name.removeprefix(PREFIX))
        return Partial(key, facts["person"], facts["name"], facts["size"], facts["mark"])
    except (OSError, ValueError, KeyError):
        return None
