"""A stored file as a part of an archive."""

from __future__ import annotations

import zipfile

from django.utils.translation import gettext as _

from km_pages.models import StoredFile

CHUNK = 2**20


def pack_stored(packed: zipfile.ZipFile, name: str, stored: StoredFile) -> None:
    """Put ``stored`` into ``packed`` as ``name``; where its bytes are lost, a note that says so.

    Raises ``OSError`` while the storage is away: an archive without its files would pass for whole.
    """
    try:
        source = stored.blob.open("rb")
    except FileNotFoundError:
        # Everything else is given all the same, and the archive says what is missing.
        packed.writestr(f"{name}.missing.txt", _("This file is not on the server any more."))
        return
    with source, packed.open(name, "w") as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)


def free_name(name: str, taken: set[str]) -> str:
    """``name``, or with a number before its ending if it is taken already; it is taken then."""
    stem, dot, ending = name.rpartition(".")
    number, free = 2, name
    while free.lower() in taken:
        free = f"{stem}-{number}{dot}{ending}"
        number += 1
    taken.add(free.lower())
    return free
