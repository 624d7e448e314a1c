"""What was made once, kept under the digest of everything that it was made of."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sized
from typing import Generic, TypeVar

MOST_PIECES = 400
MOST_LETTERS = 200_000

T = TypeVar("T", bound=Sized)


class Pieces(Generic[T]):
    """The pieces that were used last, for all threads of this process."""

    def __init__(self, most: int = MOST_PIECES) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> T | None:
        """The piece under ``key``, if it is kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: bytes, piece: T) -> None:
        """Keep ``piece``; what was not used for longest goes."""
        if len(piece) > MOST_LETTERS:
            return
        with self._lock:
            self._kept[key] = piece
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    @property
    def size(self) -> int:
        """How many pieces are kept."""
        return len(self._kept)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
