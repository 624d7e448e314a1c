"""Files inside other files: what hangs on an e-mail or is attached to a PDF."""

from __future__ import annotations

import io
from importlib import import_module

from km_pages.files.extract import READERS
from km_pages.files.extract.answer import BAD_INPUT, Answer, UnreadableError
from km_pages.files.extract.cleaning import one_line

MAX_ATTACHED = 50
MAX_DEPTH = 5
"""A file in a file in a file. Forwarded mail has two or three."""

_ALSO_CALLED = {"htm": "html", "text": "txt", "markdown": "md"}
_MESSAGES = ("eml", "msg")


def read_file(name: str, data: bytes, answer: Answer) -> None:
    """Read a file that is inside another; what cannot be read is left out."""
    extension = name.rpartition(".")[2].lower()
    extension = _ALSO_CALLED.get(extension, extension)
    if extension not in READERS:
        return
    if answer.depth >= MAX_DEPTH:
        answer.truncated = True
        return
    module = import_module(f"{__package__}.{READERS[extension]}")
    reader = getattr(module, f"read_{extension}", None) or module.read
    called = "forwarded" if extension in _MESSAGES else one_line(name, limit=40)
    inner = answer.inside(f"{called}, ")
    try:
        reader(io.BytesIO(data), inner)
    except UnreadableError:
        return
    except BAD_INPUT:
        inner.truncated = True
    answer.truncated = answer.truncated or inner.truncated
