"""Why the words of a file cannot be searched, as its uploader reads it beside the file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Any] = {
    "protected": _(
        "This file is protected by a password: its name can be found, its text cannot. "
        "To make it searchable, add a copy without the password."
    ),
    "scan": _(
        "This file has no text: it looks like a scan, a picture of pages. Its name can be found. "
        "To make it searchable, add a copy with text or describe it in the summary."
    ),
    "empty": _(
        "There are no words in this file. Its name can be found. "
        "Describe it in the summary, so that others can find it."
    ),
    "damaged": _(
        "This file is damaged, so its text could not be read. It is kept and its name can be "
        "found. If it opens on your computer, save a fresh copy and add that."
    ),
    "too_slow": _(
        "Reading this file took too long, so we stopped. It is kept and its name can be found. "
        "To make it searchable, split it or save it as a simpler PDF."
    ),
    "too_big": _(
        "Reading this file needs too much memory, so we stopped. It is kept and its name can be "
        "found. To make it searchable, split it into smaller files."
    ),
    "bomb": _(
        "This file would unpack to far more than a real document ever does, so it was not opened. "
        "Its name can be found. Add a fresh copy or a PDF instead."
    ),
    "forbidden": _(
        "This file holds instructions that could harm a computer, so it was not read. "
        "Its name can be found. Save a fresh copy and add that."
    ),
    "photograph": _(
        "This photograph could not be opened, so it is kept back: it may tell where it was taken. "
        "Save it as JPEG and add that."
    ),
    "not_converted": _(
        "This older file could not be opened here; perhaps it is damaged or has a password. "
        "Its name can be found. Save it in the newer format or as PDF and add that."
    ),
    "no_reader": _(
        "Files of this kind are kept, but their text cannot be read here. Its name can be found. "
        "To make it searchable, add a PDF copy too."
    ),
}
"""Plain words for every ``reason_code``; none is longer than 255 characters."""
