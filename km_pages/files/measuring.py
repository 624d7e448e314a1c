"""How long recordings play, asked of the same confined child as words are."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import BinaryIO

from km_pages.files.children import ask, bounds_from_settings, on_disk
from km_pages.files.sandbox import End

logger = logging.getLogger(__name__)
MEASURED = frozenset({"mp3", "m4a", "mp4", "mov", "webm"})
_LONGEST_SECONDS = 7 * 24 * 3600
_MOST_BYTES = 100


def seconds_of(source: Path | BinaryIO, *, extension: str) -> int | None:
    """Whole seconds that a recording plays; nothing where it does not say or says nonsense.

    Raises ``SandboxUnavailable`` where no child can be started, and ``OSError`` for the storage.
    """
    if extension not in MEASURED:
        return None
    order = {"do": "measure", "extension": extension}
    with on_disk(source) as opened:
        outcome = ask(opened, order, bounds=bounds_from_settings(), output_bytes=_MOST_BYTES)
    if outcome.end is not End.ANSWERED:
        logger.warning("The measuring of a %s file ended: %s", extension, outcome.end)
        return None
    try:
        seconds = round(float(outcome.output))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds <= _LONGEST_SECONDS else None
