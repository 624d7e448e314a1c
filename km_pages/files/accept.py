"""Whether a file may be added: its name, its size and its first look inside.

Cheap enough for the web process: the file is never read as a whole and never unpacked or decoded.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.template.defaultfilters import filesizeformat

from km_pages.conf import conf
from km_pages.files.content import check_content, sample
from km_pages.files.formats import (
    ARCHIVE_EXTENSIONS,
    MACRO_EXTENSIONS,
    PROGRAM_EXTENSIONS,
    SCRIPTED_PICTURE_EXTENSIONS,
    Format,
    format_of,
)
from km_pages.files.names import extension_of, safe_name
from km_pages.files.refusals import RefusedFile, refused

__all__ = ["AcceptLimits", "Accepted", "RefusedFile", "check_announced", "check_upload"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be added: ``name`` is safe, ``extension`` is the usual one of its kind."""

    name: str
    extension: str
    mime: str
    label: str
    format: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptLimits:
    """What is allowed. ``max_bytes`` is for one file."""

    max_bytes: int
    allow_zip: bool = False

    @classmethod
    def from_settings(cls) -> AcceptLimits:
        """The limits of this site."""
        return cls(max_bytes=conf().upload_max_bytes, allow_zip=conf().upload_zip)


def check_announced(name: str, *, size: int | None, limits: AcceptLimits | None = None) -> Format:
    """What can be said before a byte has come: the format that ``name`` promises.

    ``size`` is what the browser announced, if it did. Raises :class:`RefusedFile`.
    """
    limits = limits or AcceptLimits.from_settings()
    promised = _promised(name, limits)
    if size == 0:
        raise refused("empty")
    if size is not None and size > limits.max_bytes:
        raise refused("too_large", limit=filesizeformat(limits.max_bytes))
    return promised


def check_upload(
    name: str, source: Path | BinaryIO, *, limits: AcceptLimits | None = None
) -> Accepted:
    """Check the whole file in ``source``, a path or a seekable binary stream, called ``name``.

    Extension and content must agree. ``source`` is left where it was. Raises
    :class:`RefusedFile` with words for the person, and ``OSError`` where it cannot be read.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return check_upload(name, opened, limits=limits)
    position = source.tell()
    size = source.seek(0, os.SEEK_END)
    try:
        promised = check_announced(name, size=size, limits=limits)
        check_content(sample(source, size=size), promised)
    finally:
        source.seek(position)
    return Accepted(
        name=safe_name(name),
        extension=promised.extension,
        mime=promised.mime,
        label=str(promised.label),
        format=promised,
    )


def _promised(name: str, limits: AcceptLimits) -> Format:
    extension = extension_of(name)
    if not extension:
        raise refused("no_ending")
    if extension in MACRO_EXTENSIONS:
        raise refused("macros")
    if extension in PROGRAM_EXTENSIONS:
        raise refused("program")
    if extension in SCRIPTED_PICTURE_EXTENSIONS:
        raise refused("scripted_picture")
    promised = format_of(name)
    if extension in ARCHIVE_EXTENSIONS and not (limits.allow_zip and promised):
        raise refused("archive")
    if promised is None:
        raise refused("kind", ending=f".{extension}")
    return promised
