"""How large a picture is, from its header alone: nothing is decoded."""

from __future__ import annotations

import struct
from typing import BinaryIO

MAX_PIXELS = 120_000_000
MAX_SIDE = 30_000
_MAX_BOXES = 64
_MAX_SEGMENTS = 512
_META_BYTES = 256 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers of JPEG; C4, C8 and CC have other meanings.
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


class DamagedPictureError(Exception):
    """The header does not say how large the picture is."""


def pixel_size(source: BinaryIO, *, extension: str) -> tuple[int, int]:
    """Width and height of a png, jpg, webp or heic; else :class:`DamagedPictureError`."""
    source.seek(0)
    try:
        width, height = _READERS[extension](source)
    except (struct.error, IndexError) as error:
        raise DamagedPictureError(extension) from error
    if width < 1 or height < 1:
        raise DamagedPictureError(extension)
    return width, height


def is_too_large(width: int, height: int) -> bool:
    """Whether a picture has more pixels than would safely be decoded."""
    return width * height > MAX_PIXELS or max(width, height) > MAX_SIDE


def _png(source: BinaryIO) -> tuple[int, int]:
    head = source.read(33)
    if not head.startswith(_PNG) or head[12:16] != b"IHDR":
        raise DamagedPictureError("png")
    width, height = struct.unpack_from(">2L", head, 16)
    return width, height


def _jpeg(source: BinaryIO) -> tuple[int, int]:
    if source.read(2) != b"\xff\xd8":
        raise DamagedPictureError("jpg")
    for _segment in range(_MAX_SEGMENTS):
        marker = _next_marker(source)
        if marker in _JPEG_ALONE:
            continue
        (length,) = struct.unpack(">H", source.read(2))
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">x2H", source.read(5))
            return width, height
        if marker in (0xD9, 0xDA) or length < 2:
            break
        source.seek(length - 2, 1)
    raise DamagedPictureError("jpg")


def _next_marker(source: BinaryIO) -> int:
    if source.read(1) != b"\xff":
        raise DamagedPictureError("jpg")
    for _fill in range(_MAX_SEGMENTS):
        byte = source.read(1)
        if byte != b"\xff":
            return byte[0]
    raise DamagedPictureError("jpg")


def _webp(source: BinaryIO) -> tuple[int, int]:
    head = source.read(40)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        raise DamagedPictureError("webp")
    kind = head[12:16]
    if kind == b"VP8X":
        return _three_bytes(head, 24) + 1, _three_bytes(head, 27) + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<L", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<2H", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise DamagedPictureError("webp")


def _three_bytes(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 3], "little")


def _heic(source: BinaryIO) -> tuple[int, int]:
    """The largest ``ispe`` in the ``meta`` box: the whole picture, not one of its tiles."""
    for _box in range(_MAX_BOXES):
        header = source.read(8)
        (length,) = struct.unpack(">L", header[:4])
        if header[4:] == b"meta":
            return _largest_extent(source.read(min(length, _META_BYTES)))
        if length < 8:
            break
        source.seek(length - 8, 1)
    raise DamagedPictureError("heic")


def _largest_extent(meta: bytes) -> tuple[int, int]:
    sizes = []
    offset = meta.find(b"ispe")
    while offset >= 0:
        sizes.append(struct.unpack_from(">2L", meta, offset + 8))
        offset = meta.find(b"ispe", offset + 4)
    if not sizes:
        raise DamagedPictureError("heic")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return width, height


_READERS = {"png": _png, "jpg": _jpeg, "webp": _webp, "heic": _heic}
