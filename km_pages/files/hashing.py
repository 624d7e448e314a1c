"""Taking in a file while counting and hashing it: constant memory, nothing half left behind."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


class TooLarge(Exception):
    """More bytes came than are allowed. ``limit`` is what is allowed, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


def stream_to(path: Path, chunks: Iterable[bytes], *, limit: int) -> tuple[int, str]:
    """Write ``chunks`` to the new file ``path``; return its size in bytes and its sha256 in hex.

    The file is on the disk, not only in memory, when this returns. Raises :class:`TooLarge` as
    soon as more than ``limit`` bytes have come, ``FileExistsError`` where ``path`` is taken, and
    whatever ``chunks`` or the disk raise; then nothing of the file is left.
    """
    size = 0
    digest = hashlib.sha256()
    with path.open("xb") as target:
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(limit)
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return size, digest.hexdigest()
