"""Zips of XML parts: Office Open XML and OpenDocument, read as a stream with hard limits."""

from __future__ import annotations

import os
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from km_pages.files.extract.answer import UnreadableError
from km_pages.files.zips import BadZipError, open_zip

MAX_PART_BYTES = 256 * 1024 * 1024
MAX_ALL_BYTES = 1024 * 1024 * 1024
MAX_SMALL_PART_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_BROKEN = (
    zipfile.BadZipFile,
    ParseError,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
)


class Events(Protocol):
    """What is told of an XML part, in its order."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins. ``tag`` is ``{namespace}name``."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text of the element that is open."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another: ``kind`` is the last word of its type."""

    id: str
    kind: str
    target: str


class Package:
    """An open zip of parts. Raises :class:`UnreadableError` where it is none or may not be one."""

    def __init__(self, source: BinaryIO) -> None:
        size = source.seek(0, os.SEEK_END)
        try:
            self._zip = open_zip(source, size=size)
        except BadZipError as error:
            raise UnreadableError("damaged" if error.code == "damaged" else "bomb") from error
        self.names = frozenset(self._zip.namelist())
        self._left = MAX_ALL_BYTES

    def parse(self, name: str, events: Events) -> bool:
        """Tell ``events`` what is in the part; return whether it could be read to its end.

        A part that is missing or damaged is not an error: what comes before the damage is told.
        Raises :class:`UnreadableError` for a document type, entities, or too much of it.
        """
        parser = DefusedXMLParser(target=_Named(events), forbid_dtd=True)
        try:
            for chunk in self._chunks(name, MAX_PART_BYTES):
                parser.feed(chunk)
            parser.close()
        except DefusedXmlException as error:
            raise UnreadableError("forbidden") from error
        except _BROKEN:
            return False
        return True

    def read(self, name: str) -> bytes:
        """A small part as it is; b"" where it is missing or damaged."""
        try:
            return b"".join(self._chunks(name, MAX_SMALL_PART_BYTES))
        except _BROKEN:
            return b""

    def relations(self, part: str) -> list[Relation]:
        """Where ``part`` links to inside the package; "" is the package itself."""
        folder, file = posixpath.split(part)
        found = _Relations(folder)
        self.parse(posixpath.join(folder, "_rels", f"{file}.rels"), found)
        return [each for each in found.relations if each.target in self.names]

    def main_part(self, *, otherwise: str) -> str:
        """The part that everything else hangs on; some programs call it by another name."""
        return next(
            (each.target for each in self.relations("") if each.kind == "officeDocument"), otherwise
        )

    def _chunks(self, name: str, limit: int) -> Iterator[bytes]:
        if name not in self.names:
            raise zipfile.BadZipFile(name)
        info = self._zip.getinfo(name)
        if info.flag_bits & 1:
            raise UnreadableError("protected")
        with self._zip.open(info) as part:
            while chunk := part.read(_CHUNK):
                limit -= len(chunk)
                self._left -= len(chunk)
                if limit < 0 or self._left < 0:
                    raise UnreadableError("bomb")
                yield chunk


class _Named:
    """Passes events on with names alone: ``w:p`` and its twin of the strict standard are one."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._names: dict[str, str] = {}
        self.data: Callable[[str], None] = events.data

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._events.start(
            self._name(tag), {self._name(key): value for key, value in attributes.items()}
        )

    def end(self, tag: str) -> None:
        self._events.end(self._name(tag))

    def close(self) -> None:
        return

    def _name(self, tag: str) -> str:
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = tag.rpartition("}")[2]
        return name


class _Relations:
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.relations: list[Relation] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(
                posixpath.join("/", self._folder, attributes.get("Target", ""))
            )
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.relations.append(Relation(attributes.get("Id", ""), kind, target.lstrip("/")))

    def end(self, tag: str) -> None:
        return

    def data(self, text: str) -> None:
        return


class Properties:
    """The texts of simple elements by their name: title, creator, language, Pages."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._text = []

    def end(self, tag: str) -> None:
        """An element ends: keep its text."""
        self.values.setdefault(tag, "".join(self._text).strip())
        self._text = []

    def data(self, text: str) -> None:
        """Text of the element."""
        self._text.append(text)


def properties(package: Package, *names: str) -> dict[str, str]:
    """What the parts called ``names`` say in simple elements."""
    found = Properties()
    for name in names:
        package.parse(name, found)
    return found.values
