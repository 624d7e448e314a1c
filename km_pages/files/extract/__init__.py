"""Readers of files: each turns one kind of file into passages of plain text.

They run only in the child process of :mod:`km_pages.files.reading`, never in a web process, and
know neither Django nor settings.
"""

from __future__ import annotations

from importlib import import_module

from km_pages.files.extract.answer import Reader

_PACKAGE = "km_pages.files.extract"
READERS: dict[str, str] = {
    "pdf": "pdf",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "xlsx",
    "odt": "odf",
    "ods": "odf",
    "odp": "odf",
    "rtf": "rtf",
    "txt": "plain",
    "md": "plain",
    "csv": "plain",
    "vtt": "plain",
    "html": "html",
    "eml": "eml",
    "msg": "msg",
}
"""The module that reads files with an extension: it has a function ``read``."""


def reader_for(extension: str) -> Reader:
    """The reader for ``extension``; only its own libraries are imported. ``KeyError`` for none."""
    module = import_module(f"{_PACKAGE}.{READERS[extension]}")
    reader: Reader = getattr(module, f"read_{extension}", None) or module.read
    return reader
