"""OLE compound files: older Office documents, Outlook messages, and Office files with a password.

Format: [MS-CFB], https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb. Only what is
asked for is read, every chain has an end, and nothing in the file can make it longer.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_ENTRIES = 8192
MAX_SMALL_AREA_BYTES = 16 * 1024 * 1024
STORAGE, STREAM, ROOT = 1, 2, 5
_ENTRY_BYTES = 128
_NO_ENTRY = 0xFFFFFFFF
_LAST_REAL_SECTOR = 0xFFFFFFFA
_HEADER = struct.Struct("<8s16s5H6s9L")
_SMALL_CUTOFF = 4096


class BadCompoundError(Exception):
    """Not a compound file, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream or a storage (a folder) in a compound file."""

    number: int
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class Compound:
    """A compound file, open for reading. Raises :class:`BadCompoundError` where it is none."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._tables: dict[int, tuple[int, ...]] = {}
        source.seek(0)
        header = source.read(512)
        if len(header) < 512 or not header.startswith(SIGNATURE):
            raise BadCompoundError("no header")
        fields = _HEADER.unpack_from(header)
        shift, small_shift = fields[5], fields[6]
        if shift not in (9, 12) or small_shift != 6:
            raise BadCompoundError("unknown size of sectors")
        self._sector_bytes = 1 << shift
        self._small_table_start = fields[13]
        self._difat_start, self._difat_count = fields[15], fields[16]
        self._fat_sectors = list(struct.unpack_from("<109L", header, 76))
        self._small_area: bytes | None = None
        self.entries = self._entries(fields[10])

    def child(self, parent: Entry, name: str) -> Entry | None:
        """The entry called ``name`` directly in ``parent``, or ``None``."""
        wanted = name.lower()
        return next((each for each in self.children(parent) if each.name.lower() == wanted), None)

    def children(self, parent: Entry) -> list[Entry]:
        """The entries directly in ``parent``, in no order."""
        found, waiting, seen = [], [parent.child], set()
        while waiting:
            number = waiting.pop()
            if number == _NO_ENTRY or number in seen or number >= len(self.entries):
                continue
            seen.add(number)
            entry = self.entries[number]
            found.append(entry)
            waiting += [entry.left, entry.right]
        return found

    @property
    def root(self) -> Entry:
        """The entry that everything else is below."""
        return self.entries[0]

    @property
    def names(self) -> set[str]:
        """The names of all streams and storages."""
        return {each.name for each in self.entries if each.kind in (STORAGE, STREAM)}

    def read(self, entry: Entry, *, limit: int) -> bytes:
        """The first ``limit`` bytes of a stream."""
        wanted = min(entry.size, limit)
        if entry.size < _SMALL_CUTOFF:
            return self._read_small(entry, wanted)
        return self._read_chain(entry.start, wanted)

    def _entries(self, first_sector: int) -> list[Entry]:
        raw = self._read_chain(first_sector, MAX_ENTRIES * _ENTRY_BYTES)
        entries = [
            _entry(number, raw[offset : offset + _ENTRY_BYTES])
            for number, offset in enumerate(range(0, len(raw) - _ENTRY_BYTES + 1, _ENTRY_BYTES))
        ]
        if not entries or entries[0].kind != ROOT:
            raise BadCompoundError("no root entry")
        return entries

    def _read_chain(self, sector: int, limit: int) -> bytes:
        parts = []
        missing = limit
        while missing > 0 and sector < _LAST_REAL_SECTOR:
            part = self._sector(sector)[:missing]
            if not part:
                break
            parts.append(part)
            missing -= len(part)
            sector = self._next(sector)
        return b"".join(parts)

    def _read_small(self, entry: Entry, limit: int) -> bytes:
        if self._small_area is None:
            self._small_area = self._read_chain(
                self.root.start, min(self.root.size, MAX_SMALL_AREA_BYTES)
            )
        small_area = self._small_area
        table_bytes = self._read_chain(self._small_table_start, len(small_area) // 16 + 4)
        table = _numbers(table_bytes)
        parts, sector, missing = [], entry.start, limit
        while missing > 0 and sector < len(table):
            part = small_area[sector * 64 : sector * 64 + 64][:missing]
            if not part:
                break
            parts.append(part)
            missing -= len(part)
            sector = table[sector]
        return b"".join(parts)

    def _sector(self, number: int) -> bytes:
        self._source.seek((number + 1) * self._sector_bytes)
        return self._source.read(self._sector_bytes)

    def _next(self, sector: int) -> int:
        per_sector = self._sector_bytes // 4
        index, place = divmod(sector, per_sector)
        table = self._table(index)
        return table[place] if place < len(table) else _LAST_REAL_SECTOR

    def _table(self, index: int) -> tuple[int, ...]:
        """The part of the allocation table in its ``index``-th sector."""
        if index not in self._tables:
            raw = self._sector(self._table_sector(index))
            self._tables[index] = _numbers(raw)
        return self._tables[index]

    def _table_sector(self, index: int) -> int:
        per_sector = self._sector_bytes // 4 - 1
        while index >= len(self._fat_sectors):
            if self._difat_start >= _LAST_REAL_SECTOR or self._difat_count <= 0:
                raise BadCompoundError("the table of sectors ends too early")
            raw = self._sector(self._difat_start)
            if len(raw) < self._sector_bytes:
                raise BadCompoundError("the table of sectors is cut off")
            numbers = struct.unpack(f"<{per_sector + 1}L", raw)
            self._fat_sectors += numbers[:-1]
            self._difat_start = numbers[-1]
            self._difat_count -= 1
        sector = self._fat_sectors[index]
        if sector >= _LAST_REAL_SECTOR:
            raise BadCompoundError("the table of sectors has a hole")
        return sector


def _numbers(raw: bytes) -> tuple[int, ...]:
    whole = len(raw) // 4
    return struct.unpack(f"<{whole}L", raw[: whole * 4])


def _entry(number: int, raw: bytes) -> Entry:
    name_bytes = struct.unpack_from("<H", raw, 64)[0]
    name = raw[: max(0, min(name_bytes, 64) - 2)].decode("utf-16-le", "replace")
    left, right, child = struct.unpack_from("<3L", raw, 68)
    start, size = struct.unpack_from("<LL", raw, 116)
    return Entry(
        number=number,
        name=name,
        kind=raw[66],
        left=left,
        right=right,
        child=child,
        start=start,
        size=size,
    )
