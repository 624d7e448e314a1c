"""Photographs without the place they were taken at, and without anything else a camera adds.

Nothing is decoded and no pixel changes: the parts that hold such data are left out of the copy.
How a photograph is to be turned and what its colours mean stays.
"""

from __future__ import annotations

import io
import mmap
import re
import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from km_pages.files.pictures import DamagedPictureError

_CHUNK = 256 * 1024
Bytes = bytes | mmap.mmap

_JPEG_KEPT = frozenset({0xE0, 0xEE})  # JFIF, Adobe's kind of colours
_JPEG_PROFILE = b"ICC_PROFILE\0"
_JPEG_EXIF = 0xE1
_JPEG_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ORIENTATION = 0x0112
_PNG_DROPPED = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_WEBP_DROPPED = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04


def without_location(source: BinaryIO, *, extension: str) -> Iterator[bytes]:
    """The bytes of a jpg, png or webp without place, time and camera; of other files, all bytes.

    What hangs after the end of the picture is left out too. Raises
    :class:`~km_pages.files.pictures.DamagedPictureError` where the file is not what it says.
    """
    pieces = _PIECES.get(extension)
    if pieces is None:
        source.seek(0)
        yield from iter(lambda: source.read(_CHUNK), b"")
        return
    data = _mapped(source)
    try:
        for start, end in pieces(data):
            if isinstance(start, bytes):
                yield start
                continue
            for place in range(start, end, _CHUNK):
                yield data[place : min(place + _CHUNK, end)]
    except (struct.error, IndexError) as error:
        raise DamagedPictureError(extension) from error


Piece = tuple[int, int] | tuple[bytes, int]
"""A part of the file from one place to another, or new bytes to stand there (and 0)."""


def _mapped(source: BinaryIO) -> Bytes:
    """The whole file without holding it in memory, where it is on a disk."""
    try:
        return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
    except (io.UnsupportedOperation, AttributeError, OSError, ValueError):
        source.seek(0)
        return source.read()


def _jpeg(data: Bytes) -> Iterator[Piece]:
    if data[:2] != b"\xff\xd8":
        raise DamagedPictureError("jpg")
    yield 0, 2
    place = 2
    while True:
        while data[place + 1] == 0xFF:
            place += 1
        marker = data[place + 1]
        if data[place] != 0xFF or marker == 0:
            raise DamagedPictureError("jpg")
        if marker == 0xD9:
            yield place, place + 2
            return
        (length,) = struct.unpack(">H", data[place + 2 : place + 4])
        end = place + 2 + length
        if marker == 0xDA:
            end = _end_of_scan(data, end)
        if marker == _JPEG_EXIF and (turned := _orientation(data[place + 4 : end])):
            yield _exif_of(turned), 0
        is_added = 0xE0 <= marker <= 0xEF or marker == 0xFE
        has_profile = marker == 0xE2 and data[place + 4 : place + 16] == _JPEG_PROFILE
        if marker in _JPEG_KEPT or has_profile or not is_added:
            yield place, end
        if end >= len(data):
            # Cut off, as browsers show it too: as far as it goes.
            return
        place = end


def _end_of_scan(data: Bytes, place: int) -> int:
    found = _JPEG_NEXT_MARKER.search(data, place)
    return found.start() if found else len(data)


def _orientation(exif: bytes) -> int:
    """How the picture is to be turned, 2 to 8; 0 where it is not, or nobody said."""
    tiff = exif[6:]
    if not exif.startswith(b"Exif\0\0") or tiff[:2] not in (b"II", b"MM"):
        return 0
    order = "<" if tiff[:2] == b"II" else ">"
    try:
        (first,) = struct.unpack_from(f"{order}L", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(min(count, 200)):
            tag, _kind, _count, value = struct.unpack_from(
                f"{order}HHLH", tiff, first + 2 + 12 * number
            )
            if tag == _ORIENTATION:
                return value if 2 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _exif_of(orientation: int) -> bytes:
    entry = struct.pack(">HHLHH", _ORIENTATION, 3, 1, orientation, 0)
    tiff = b"MM\0*" + struct.pack(">LH", 8, 1) + entry + b"\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _png(data: Bytes) -> Iterator[Piece]:
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise DamagedPictureError("png")
    yield 0, 8
    place = 8
    while place < len(data):
        length, kind = struct.unpack(">L4s", data[place : place + 8])
        end = place + 12 + length
        if kind not in _PNG_DROPPED:
            yield place, min(end, len(data))
        if kind == b"IEND":
            return
        place = end


def _webp(data: Bytes) -> Iterator[Piece]:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise DamagedPictureError("webp")
    kept = list(_webp_kept(data))
    size = 4 + sum(end - start for start, end in kept)
    yield b"RIFF" + struct.pack("<L", size) + b"WEBP", 0
    for start, end in kept:
        if data[start : start + 4] == b"VP8X":
            chunk = bytearray(data[start:end])
            chunk[8] &= ~_WEBP_FLAGS & 0xFF
            yield bytes(chunk), 0
        else:
            yield start, end


def _webp_kept(data: Bytes) -> Iterator[tuple[int, int]]:
    (size,) = struct.unpack("<L", data[4:8])
    last = min(8 + size, len(data))
    place = 12
    while place + 8 <= last:
        kind, length = struct.unpack("<4sL", data[place : place + 8])
        end = min(place + 8 + length + length % 2, last)
        if kind not in _WEBP_DROPPED:
            yield place, end
        place = end


_PIECES: dict[str, Callable[[Bytes], Iterator[Piece]]] = {
    "jpg": _jpeg,
    "png": _png,
    "webp": _webp,
}

PICTURES_WITH_PLACE = frozenset(_PIECES)
"""Extensions of the pictures whose place can be left out without decoding them."""
