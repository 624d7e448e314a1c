"""Files on their way in: written to the data folder while they come, counted and hashed.

Nothing of a file is held in memory. What a killed process leaves behind is swept away later.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from km_pages.conf import conf
from km_pages.files.accept import check_announced
from km_pages.files.hashing import TooLarge, stream_to
from km_pages.files.refusals import RefusedFile, refused

CHUNK = 256 * 1024


def incoming_folder() -> Path:
    """Where files stand while they come: in the data folder, so that a full disk shows at once."""
    folder = Path(conf().var) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def too_large(limit: int) -> RefusedFile:
    """The refusal of a file that went on after ``limit`` bytes."""
    return refused("too_large", limit=filesizeformat(limit))


@dataclass(frozen=True)
class Arrived:
    """A whole file at ``path``, on the disk and not only in memory."""

    path: Path
    size: int
    sha256: str

    def as_file(self) -> File[bytes]:
        """The file for a storage, which moves it where it stands on the same disk."""
        return _Movable(self.path)


class _Movable(File):  # type: ignore[type-arg] # Django itself cannot be asked File[bytes]
    """An open file that Django's local storage moves instead of copying."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)


@contextlib.contextmanager
def arriving(chunks: Iterable[bytes], *, limit: int) -> Iterator[Arrived]:
    """Take in ``chunks``; what still stands there at the end of the block is removed.

    Raises :class:`RefusedFile` after more than ``limit`` bytes, and ``OSError`` for a full disk.
    """
    with tempfile.TemporaryDirectory(dir=incoming_folder(), prefix="upload-") as own:
        path = Path(own) / "content"
        try:
            size, sha256 = stream_to(path, chunks, limit=limit)
        except TooLarge as problem:
            raise too_large(problem.limit) from problem
        yield Arrived(path, size, sha256)


class IncomingFile(UploadedFile):
    """An upload of a form. ``arrived`` is the file; it goes when the request ends."""

    def __init__(self, arrived: Arrived, name: str, content_type: str) -> None:
        super().__init__(
            file=arrived.path.open("rb"), name=name, content_type=content_type, size=arrived.size
        )
        self.arrived = arrived

    def close(self) -> None:
        """Close it and remove what is left of it."""
        super().close()
        shutil.rmtree(self.arrived.path.parent, ignore_errors=True)


class _Target:
    """What is being written of one file."""

    def __init__(self, limit: int) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=incoming_folder(), prefix="upload-"))
        self.path = self.folder / "content"
        self.open = self.path.open("xb")
        self.limit = limit
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self.limit:
            raise too_large(self.limit)
        self.digest.update(chunk)
        self.open.write(chunk)

    def finish(self) -> Arrived:
        self.open.flush()
        os.fsync(self.open.fileno())
        self.open.close()
        return Arrived(self.path, self.size, self.digest.hexdigest())

    def close(self) -> None:
        """Throw away what has come; Django calls this for a file that is skipped."""
        self.open.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class IncomingUploadHandler(FileUploadHandler):
    """Writes the files of a form as they come, at most ``most`` of them.

    A file that cannot be taken is read to its end and thrown away, so that the fields after it
    still arrive: nothing that was typed is lost. ``refusals`` says which and why.
    """

    chunk_size = CHUNK

    def __init__(self, request: Any = None, *, most: int) -> None:
        super().__init__(request)
        self.left = most
        self.refusals: list[tuple[str, RefusedFile]] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file, or skip one that its name or the limits refuse."""
        super().new_file(*args, **kwargs)
        self._forget()
        try:
            check_announced(self.file_name or "", size=None)
            self._take_one()
            self.file = _Target(conf().upload_max_bytes)
        except (RefusedFile, OSError) as problem:
            self._skip(problem)

    def _take_one(self) -> None:
        if self.left < 1:
            raise too_many(conf().upload_max_files)
        self.left -= 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the next piece."""
        try:
            self.file.write(raw_data)
        except (RefusedFile, OSError) as problem:
            self._skip(problem)

    def file_complete(self, file_size: int) -> IncomingFile | None:
        """The whole file, or nothing where the disk refused its end."""
        target = self.file
        try:
            arrived = target.finish()
        except OSError as problem:
            target.close()
            self._note(problem)
            return None
        self._forget()
        return IncomingFile(arrived, self.file_name or "", self.content_type or "")

    def upload_interrupted(self) -> None:
        """The reader went away in the middle: nothing of the file is kept."""
        if hasattr(self, "file"):
            self.file.close()
            self._forget()

    def _skip(self, problem: Exception) -> None:
        self._note(problem)
        raise SkipFile(str(problem)) from problem

    def _note(self, problem: Exception) -> None:
        refusal = problem if isinstance(problem, RefusedFile) else no_room_on_disk()
        self.refusals.append((self.file_name or "", refusal))

    def _forget(self) -> None:
        # Django closes whatever is called ``file`` when it gives up.
        if hasattr(self, "file"):
            del self.file


def too_many(most: int) -> RefusedFile:
    """The refusal of one file more than an item takes."""
    return RefusedFile(
        "too_many",
        _(
            "This file was not added, because one item takes at most %(most)d files. Everything "
            "else you gave is kept. Make a second item for the rest."
        )
        % {"most": most},
    )


def no_room_on_disk() -> RefusedFile:
    """The refusal where the disk cannot take the file. Programs answer 507 to it."""
    return RefusedFile(
        "storage",
        _(
            "This file could not be stored, because the store is full or out of reach. Everything "
            "else you gave is kept. Try again later, or tell the knowledge team."
        ),
    )
