"""The list of parts at the end of a zip, read without unpacking anything.

Word, Excel, PowerPoint and OpenDocument files are zips. Whether one is a bomb can be told from
this list; ``zipfile`` is only asked once the list is known to be short.
"""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

MAX_PARTS = 10_000
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
SMALL_BYTES = 64 * 1024 * 1024
MAX_RATIO = 100
"""Above :data:`SMALL_BYTES` unpacked, no honest document shrinks to a hundredth."""

_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT = 65_535


class BadZipError(Exception):
    """Not a zip that will be opened. ``code`` is ``damaged``, ``bomb`` or ``too_many_parts``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _End:
    """The record at a zip's end: how many parts, and where their list is."""

    parts: int
    directory_bytes: int


def has_zip_end(tail: bytes) -> bool:
    """Whether a file that ends in ``tail`` ends as a zip does, up to the last byte."""
    return _end_offset(tail) is not None


def open_zip(source: BinaryIO, *, size: int) -> zipfile.ZipFile:
    """The zip in ``source`` (``size`` bytes), its list checked, nothing unpacked.

    Raises :class:`BadZipError`: ``damaged`` without a readable list, ``too_many_parts`` beyond
    :data:`MAX_PARTS`, ``bomb`` where the parts would unpack to too much or overlap.
    """
    end = _read_end(source, size)
    if end.parts > MAX_PARTS or end.directory_bytes > MAX_DIRECTORY_BYTES:
        raise BadZipError("too_many_parts")
    try:
        opened = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
        raise BadZipError("damaged") from error
    _check_sizes(opened.infolist(), size)
    return opened


def _check_sizes(parts: list[zipfile.ZipInfo], size: int) -> None:
    if len(parts) > MAX_PARTS:
        raise BadZipError("too_many_parts")
    unpacked = sum(each.file_size for each in parts)
    if unpacked > MAX_UNPACKED_BYTES:
        raise BadZipError("bomb")
    if unpacked > SMALL_BYTES and unpacked > MAX_RATIO * size:
        raise BadZipError("bomb")
    end_of_last = 0
    for each in sorted(parts, key=lambda part: part.header_offset):
        # Overlapping parts unpack the same bytes again and again: https://www.bamsoftware.com/hacks/zipbomb/
        if each.header_offset < end_of_last:
            raise BadZipError("bomb")
        end_of_last = each.header_offset + 30 + each.compress_size


def _read_end(source: BinaryIO, size: int) -> _End:
    tail_bytes = min(size, _END.size + _LONGEST_COMMENT + _END_64_LOCATOR.size)
    source.seek(size - tail_bytes)
    tail = source.read(tail_bytes)
    offset = _end_offset(tail)
    if offset is None:
        raise BadZipError("damaged")
    _sign, _disk, _start_disk, _here, parts, directory_bytes, _where, _comment = _END.unpack_from(
        tail, offset
    )
    locator_offset = offset - _END_64_LOCATOR.size
    if locator_offset >= 0 and tail[locator_offset:].startswith(b"PK\x06\x07"):
        return _read_end_64(source, _END_64_LOCATOR.unpack_from(tail, locator_offset)[2])
    return _End(parts=parts, directory_bytes=directory_bytes)


def _read_end_64(source: BinaryIO, where: int) -> _End:
    try:
        source.seek(where)
        record = _END_64.unpack(source.read(_END_64.size))
    except (struct.error, OSError, OverflowError, ValueError) as error:
        raise BadZipError("damaged") from error
    return _End(parts=record[7], directory_bytes=record[8])


def _end_offset(tail: bytes) -> int | None:
    """Where in ``tail`` the end record begins: its comment must reach to the last byte."""
    offset = tail.rfind(b"PK\x05\x06")
    while offset >= 0:
        if len(tail) - offset >= _END.size:
            comment_bytes = _END.unpack_from(tail, offset)[7]
            if offset + _END.size + comment_bytes == len(tail):
                return offset
        offset = tail.rfind(b"PK\x05\x06", 0, offset)
    return None
