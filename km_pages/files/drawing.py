"""Small pictures of files, and pictures in a kind that every browser shows.

Drawn in the same confined child as words are read in.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import BinaryIO

from km_pages.files.children import ask, bounds_from_settings, on_disk
from km_pages.files.formats import FORMATS, Family
from km_pages.files.sandbox import End

logger = logging.getLogger(__name__)
THUMBNAIL_SIDE = 480
SCREEN_SIDE = 4096
OCR_DOTS, OCR_SIDE = 300, 5000
_MOST_BYTES = 40 * 1024 * 1024
_BEGINS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}


def can_be_drawn(extension: str) -> bool:
    """Whether there is a picture of files with ``extension``."""
    known = FORMATS.get(extension)
    return known is not None and known.family in (Family.PDF, Family.PICTURE)


def thumbnail_of(source: Path | BinaryIO, *, extension: str) -> bytes | None:
    """A JPEG of the first page or of the picture, at most 480 pixels wide and high; or nothing.

    Raises ``SandboxUnavailable`` where no child can be started, and ``OSError`` for the storage.
    """
    return _drawn(source, extension, side=THUMBNAIL_SIDE)


def as_jpeg(source: Path | BinaryIO, *, extension: str) -> bytes | None:
    """The picture as JPEG without anything its camera said of place and time; or nothing."""
    return _drawn(source, extension, side=SCREEN_SIDE)


def page_for_ocr(source: Path | BinaryIO, *, extension: str, page: int) -> bytes | None:
    """A grey PNG of one page in the size that OCR reads best; or nothing."""
    return _drawn(source, extension, page=page, side=OCR_SIDE, dots=OCR_DOTS, grey=True, kind="PNG")


def _drawn(
    source: Path | BinaryIO, extension: str, *, kind: str = "JPEG", **wanted: int
) -> bytes | None:
    order = {"do": "draw", "extension": extension, "wanted": {"kind": kind, **wanted}}
    with on_disk(source) as opened:
        outcome = ask(opened, order, bounds=bounds_from_settings(), output_bytes=_MOST_BYTES)
    if outcome.end is not End.ANSWERED:
        logger.warning(
            "The drawing of a %s file ended: %s. %s",
            extension,
            outcome.end,
            outcome.complaint[-500:],
        )
        return None
    # The child may lie: what is not the picture it was asked for is not taken.
    return outcome.output if outcome.output.startswith(_BEGINS[kind]) else None
