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
