"""How long a WEBM plays: as it says itself or, as browsers record, by the time of its last picture.

Runs only in the child process. The format is EBML, elements of a number, a size and a content:
https://www.matroska.org/technical/elements.html
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

_SEGMENT, _INFO, _CLUSTER = 0x18538067, 0x1549A966, 0x1F43B675
_SCALE, _DURATION, _TIME, _BLOCK, _GROUP = 0x2AD7B1, 0x4489, 0xE7, 0xA3, 0xA0
_INSIDE_GROUP = 0xA1
_CLUSTER_MARK = b"\x1f\x43\xb6\x75"
_USUAL_SCALE = 1_000_000
_SMALL = 4096
_BACK = 1024 * 1024
_MOST_BACK = 64 * 1024 * 1024
_MOST_ELEMENTS = 200_000


def webm_seconds(source: BinaryIO) -> float:
    """Seconds that the recording plays; 0 where nothing in it tells. Raises ``ValueError``,
    ``EOFError`` or ``struct.error`` for what is no WEBM.
    """
    size = source.seek(0, os.SEEK_END)
    scale, duration = _stated(source, size)
    ticks = duration or _last_time(source, size)
    return ticks * scale / 1_000_000_000


def _stated(source: BinaryIO, size: int) -> tuple[int, float]:
    """Nanoseconds a tick, and how many ticks it plays: 0 where that is not said."""
    scale, duration = _USUAL_SCALE, 0.0
    for number, at, until in _facts(source, size):
        data = _content(source, at, until) if number in (_SCALE, _DURATION) else b""
        if number == _SCALE:
            scale = int.from_bytes(data, "big")
        elif number == _DURATION:
            duration = struct.unpack(">f" if len(data) == 4 else ">d", data)[0]
    return scale, duration


def _facts(source: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """What the recording says of itself before it begins."""
    whole = next((each for each in _elements(source, 0, size) if each[0] == _SEGMENT), None)
    for number, start, end in _elements(source, whole[1], whole[2]) if whole else ():
        if number == _INFO:
            yield from _elements(source, start, end)
        if number in (_INFO, _CLUSTER):
            return


def _last_time(source: BinaryIO, size: int) -> int:
    """The time of the last picture or sound in the last cluster, in ticks."""
    start = _last_cluster(source, size)
    if start < 0:
        return 0
    (_number, begin, end) = next(_elements(source, start, size))
    base = last = 0
    for number, at, until in _elements(source, begin, min(end, size)):
        if number == _TIME:
            base = last = int.from_bytes(_content(source, at, until), "big")
        elif number == _BLOCK:
            last = max(last, base + _offset(source, at))
        elif number == _GROUP:
            for inner, inner_at, _until in _elements(source, at, until):
                if inner == _INSIDE_GROUP:
                    last = max(last, base + _offset(source, inner_at))
    return last


def _last_cluster(source: BinaryIO, size: int) -> int:
    """Where the last cluster begins, looked for from the end; -1 where there is none near it."""
    end = size
    while end > 0 and size - end < _MOST_BACK:
        begin = max(end - _BACK, 0)
        source.seek(begin)
        found = source.read(end - begin + len(_CLUSTER_MARK) - 1).rfind(_CLUSTER_MARK)
        if found >= 0:
            return begin + found
        end = begin
    return -1


def _offset(source: BinaryIO, at: int) -> int:
    """A block's time after that of its cluster; it stands behind the number of the track."""
    source.seek(at)
    _coded(source, keep_mark=False)
    return int(struct.unpack(">h", source.read(2))[0])


def _elements(source: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, beginning and end of each element between two places. One whose size is not known,
    as while a browser still records, reaches to the end.
    """
    for _each in range(_MOST_ELEMENTS):
        if start >= end:
            return
        source.seek(start)
        number = _coded(source, keep_mark=True)
        length = _coded(source, keep_mark=False)
        begin = source.tell()
        start = end if length < 0 else begin + length
        yield number, begin, min(start, end)


def _coded(source: BinaryIO, *, keep_mark: bool) -> int:
    """A number of one to eight bytes, as many as the first says; -1 for "not known"."""
    first = source.read(1)
    if not first or not first[0]:
        raise EOFError
    length = 9 - first[0].bit_length()
    rest = source.read(length - 1)
    if len(rest) < length - 1:
        raise EOFError
    value = int.from_bytes(first + rest, "big")
    if keep_mark:
        return value
    value &= (1 << (7 * length)) - 1
    return -1 if value == (1 << (7 * length)) - 1 else value


def _content(source: BinaryIO, start: int, end: int) -> bytes:
    if end - start > _SMALL:
        raise ValueError("too large for a number")
    source.seek(start)
    return source.read(end - start)
