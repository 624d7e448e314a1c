"""How long a recording plays. Runs only in the child process, without Django or settings."""

from __future__ import annotations

from typing import BinaryIO

from tinytag import TinyTag, TinyTagException

from km_pages.files.extract.answer import BAD_INPUT
from km_pages.files.webm import webm_seconds

BROKEN = (*BAD_INPUT, TinyTagException)
# A film of QuickTime has the parts of an MP4 under another ending.
_READ_AS = {"mov": "mp4"}


def length_in(source: BinaryIO, extension: str) -> float:
    """Seconds that the recording plays; 0 where it does not say. Raises one of ``BROKEN``."""
    if extension == "webm":
        return webm_seconds(source)
    name = f"recording.{_READ_AS.get(extension, extension)}"
    return TinyTag.get(name, file_obj=source, tags=False).duration or 0.0
