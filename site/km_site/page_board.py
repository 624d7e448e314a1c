"""A board that the web processes of one machine share: which of them make a page just now.

A small file, mapped into the memory of each. A process writes only its own line, and one that was
killed in the middle is believed for no longer than any page takes: nothing is ever locked for good.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import struct
import time
from pathlib import Path

LINES = 64
# A line: the process, and since when it makes pages; zero while it makes none.
_LINE = struct.Struct("=qd")
# Whoever takes longer waits for something else than the processor.
BELIEVED_SECONDS = 1.0


class PageBoard:
    """The board in the file ``path``. Where it cannot be had, nobody is seen there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._process = 0
        self._map: mmap.mmap | None = None
        self._own = -1

    def say(self, *, busy: bool) -> None:
        """Write that this process makes a page now, or none any more."""
        board = self._board()
        if board is not None and self._own >= 0:
            since = time.monotonic() if busy else 0.0
            _LINE.pack_into(board, self._own * _LINE.size, self._process, since)

    def others_are_busy(self) -> bool:
        """Whether another process makes a page just now."""
        board = self._board()
        if board is None:
            return False
        now = time.monotonic()
        return any(
            0 <= now - since < BELIEVED_SECONDS
            for line, (process, since) in enumerate(_LINE.iter_unpack(board[:]))
            if since and line != self._own
        )

    def _board(self) -> mmap.mmap | None:
        """The board as this process sees it: a child of one that has a line takes its own."""
        if self._process != os.getpid():
            self._process, self._map, self._own = os.getpid(), None, -1
            with contextlib.suppress(OSError):
                self._map = self._opened()
        return self._map

    def _opened(self) -> mmap.mmap:
        size = LINES * _LINE.size
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                if file.seek(0, os.SEEK_END) < size:
                    file.truncate(size)
                board = mmap.mmap(file.fileno(), size)
                free = (line for line in range(LINES) if not _is_taken(board, line))
                self._own = next(free, -1)
                if self._own >= 0:
                    _LINE.pack_into(board, self._own * _LINE.size, self._process, 0.0)
            finally:
                # The map keeps the file open, and a lock lasts as long as that.
                fcntl.flock(file, fcntl.LOCK_UN)
        return board


def _is_taken(board: mmap.mmap, line: int) -> bool:
    """Whether a process that lives holds ``line``."""
    process, _since = _LINE.unpack_from(board, line * _LINE.size)
    if not process or process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
