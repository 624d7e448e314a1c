"""Whose turn it is to write the index, among all processes of one machine.

Locks of the kernel on files beside the index folder: a process that is killed gives its own back
at once, and a folder that is deleted or swapped takes none of them with it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from km_pages.conf import search_folder

DRAIN, REBUILD = "drain", "rebuild"
PAUSE_SECONDS = 0.02


class TurnTakenError(Exception):
    """Another process has the turn."""


class TurnError(Exception):
    """The files of the turns cannot be made: the folder of the index cannot be written."""


@contextmanager
def turn(name: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the turn ``name`` (``DRAIN`` or ``REBUILD``) for the length of a block.

    Waits at most ``wait_seconds``, then raises :class:`TurnTakenError`. Raises :class:`TurnError`.
    """
    path = _path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as fault:
        raise TurnError(f"{path} cannot be opened: {fault}") from fault
    try:
        _take(descriptor, fcntl.LOCK_EX, time.monotonic() + wait_seconds)
        yield
    finally:
        os.close(descriptor)


def is_rebuilding() -> bool:
    """Whether some process builds the index anew at this moment."""
    try:
        descriptor = os.open(_path(REBUILD), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        _take(descriptor, fcntl.LOCK_SH, time.monotonic())
    except TurnTakenError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(descriptor: int, kind: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as held:
            if time.monotonic() >= until:
                raise TurnTakenError from held
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _path(name: str) -> Path:
    folder = search_folder()
    return folder.with_name(f"{folder.name}.{name}-turn")
