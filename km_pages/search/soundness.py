"""Whether the files of an embedded index are what was written, before anybody reads from them.

Tantivy writes each file once, with a checksum at its end that it does not compare by itself.
Damaged bytes could end the process, and so could a file that is cut while it is mapped into memory.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path

# The end of each file: a JSON object with "crc", its length, and this number.
FOOTER_MAGIC = 1337
NUMBER_BYTES = 4
CHUNK = 1 << 20
# The list of what was committed. It is replaced, not written once, and tantivy checks it itself.
LIST = "meta.json"

Facts = dict[str, tuple[int, int]]
"""Size and time of change (nanoseconds) of each file, by name."""


def facts_of(folder: Path) -> Facts:
    """The files of ``folder`` that belong to what was committed.

    Others are being written at this moment, perhaps only half. Raises ``OSError``, and
    ``ValueError`` where the list of them is damaged.
    """
    wanted = _committed(folder)
    with os.scandir(folder) as entries:
        rows = ((each.name, each.stat()) for each in entries if wanted(each.name))
        return {name: (facts.st_size, facts.st_mtime_ns) for name, facts in rows}


def _committed(folder: Path) -> Callable[[str], bool]:
    """Tells of a file's name whether the last commit made it one of the index."""
    parts, removed = set(), set()
    try:
        for each in json.loads((folder / LIST).read_text())["segments"]:
            part = each["segment_id"].replace("-", "")
            parts.add(part)
            if each.get("deletes"):
                removed.add(f"{part}.{each['deletes']['opstamp']}.del")
    except (LookupError, TypeError, AttributeError) as problem:
        raise ValueError(f"the list of its files is damaged: {problem!r}") from problem

    def is_committed(name: str) -> bool:
        part, _dot, kind = name.partition(".")
        return part in parts and (name in removed if kind.endswith("del") else bool(kind))

    return is_committed


def changed(known: Facts, now: Facts) -> str:
    """The name of a file that is not as it was; empty where all are. Missing ones were merged."""
    return next((name for name, facts in known.items() if now.get(name, facts) != facts), "")


def changed_in(folder: Path, known: Facts) -> str:
    """The name of a file of ``folder`` that is not as it was ``known``; empty where all are.

    For each search, so that it asks for nothing but these. Missing ones were merged; without the
    folder, ``OSError``.
    """
    place = os.open(folder, os.O_RDONLY)
    try:
        for name, (size, time) in known.items():
            try:
                facts = os.stat(name, dir_fd=place)
            except FileNotFoundError:
                continue
            if facts.st_size != size or facts.st_mtime_ns != time:
                return name
    finally:
        os.close(place)
    return ""


def damaged(folder: Path, names: list[str]) -> str:
    """The name of a file whose checksum is wrong; empty where all are right.

    Reads every byte: about a second for each gigabyte. Files that are gone were merged meanwhile.
    """
    for name in names:
        try:
            if not _is_sound(folder / name):
                return name
        except FileNotFoundError:
            continue
    return ""


def _is_sound(path: Path) -> bool:
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size < 2 * NUMBER_BYTES:
            return False
        stream.seek(size - 2 * NUMBER_BYTES)
        length, magic = (_number(stream.read(NUMBER_BYTES)) for _each in range(2))
        begin = size - 2 * NUMBER_BYTES - length
        if magic != FOOTER_MAGIC or begin < 0:
            return False
        stream.seek(begin)
        try:
            wanted = json.loads(stream.read(length))["crc"]
        except (ValueError, LookupError, TypeError):
            return False
        stream.seek(0)
        sum_so_far, left = 0, begin
        while left > 0:
            piece = stream.read(min(CHUNK, left))
            if not piece:
                return False
            sum_so_far = zlib.crc32(piece, sum_so_far)
            left -= len(piece)
        return bool(sum_so_far == wanted)


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "little")
