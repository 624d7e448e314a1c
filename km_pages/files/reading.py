"""The words of a file, read in a child process that may come to any end.

This is what the worker calls. Whatever the file is, the answer is an :class:`ExtractResult`.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, BinaryIO

from km_pages.files.child import NOT_INSTALLED
from km_pages.files.children import ask, bounds_from_settings, on_disk
from km_pages.files.confinement import Bounds
from km_pages.files.extract import READERS
from km_pages.files.extract.answer import MAX_LABEL
from km_pages.files.formats import FORMATS
from km_pages.files.older import NEWER, can_be_converted, converted
from km_pages.files.program import NO_DESK
from km_pages.files.reasons import REASONS
from km_pages.files.sandbox import End, Outcome, SandboxUnavailable

__all__ = [
    "Bounds",
    "ExtractResult",
    "Passage",
    "SandboxUnavailable",
    "bounds_from_settings",
    "can_be_read",
    "read_text",
]

READ = "read"
UNREADABLE = "unreadable"
_MEBIBYTE = 1024 * 1024

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passage:
    """The text of one page, slide, sheet or part: ``label`` says which, in at most 80 letters."""

    number: int
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractResult:
    """What came of reading a file.

    ``state`` is ``read``, or ``unreadable`` with ``reason_code`` and ``reason`` in plain words.
    ``truncated``: there is more in the file than was read. ``pages``: how many pages, slides or
    sheets. ``pages_without_text``: numbers of pages that look like scans. ``pages_recognised``:
    numbers of scans that bring along what the scanner read off them. ``held``: which confinements
    were in force. ``peak_bytes`` and ``seconds``: what the child used.
    """

    state: str
    reason_code: str = ""
    reason: str = ""
    passages: tuple[Passage, ...] = ()
    pages: int | None = None
    title: str = ""
    author: str = ""
    language: str = ""
    created: date | None = None
    changed: date | None = None
    truncated: bool = False
    pages_without_text: tuple[int, ...] = ()
    pages_recognised: tuple[int, ...] = ()
    held: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_bytes: int = 0

    @property
    def text(self) -> str:
        """All passages in one text, for warnings about personal data."""
        return "\n\n".join(each.text for each in self.passages)


def read_text(
    source: Path | BinaryIO, *, extension: str, bounds: Bounds | None = None
) -> ExtractResult:
    """Read the words of a file with ``extension`` (as :class:`~km_pages.files.accept.Accepted`
    gives it) from a path or an open binary file.

    Bad files never raise. Raises :class:`SandboxUnavailable` where no child can be started, and
    ``OSError`` where ``source`` itself cannot be read: both are worth another try.
    """
    if extension not in READERS and not can_be_converted(extension):
        return _unreadable("no_reader")
    bounds = bounds or bounds_from_settings()
    with on_disk(source) as opened:
        if extension in READERS:
            return _read(opened, extension, bounds)
        with converted(opened, extension, bounds) as (newer, outcome):
            if newer is not None:
                return _read(newer, NEWER[extension], bounds)
            if outcome.exit_code == NO_DESK:
                return _unreadable("no_reader", outcome)
            is_slow = outcome.end is End.OUT_OF_TIME or outcome.cpu_seconds >= bounds.cpu_seconds
            return _unreadable("too_slow" if is_slow else "not_converted", outcome)


def can_be_read(extension: str) -> bool:
    """Whether the words of files with ``extension`` can be read on this site."""
    return FORMATS[extension].text or can_be_converted(extension)


def _read(source: IO[bytes], extension: str, bounds: Bounds) -> ExtractResult:
    outcome = ask(
        source,
        {"do": "read", "extension": extension},
        bounds=bounds,
        # JSON doubles quotes and line ends.
        output_bytes=2 * bounds.text_bytes + _MEBIBYTE,
    )
    if outcome.end is not End.ANSWERED:
        return _ended(outcome, bounds, extension)
    try:
        return _answered(json.loads(outcome.output), outcome, bounds)
    except (KeyError, TypeError, ValueError, RecursionError):
        logger.warning("The reading of a %s file gave no answer that makes sense", extension)
        return _unreadable("damaged", outcome)


def _ended(outcome: Outcome, bounds: Bounds, extension: str) -> ExtractResult:
    """The result of a child that came to an end without an answer.

    Raises :class:`SandboxUnavailable` where it lacks a library: no file can do that.
    """
    logger.warning(
        "The reading of a %s file ended: %s after %.1f s. %s",
        extension,
        outcome.end,
        outcome.seconds,
        outcome.complaint[-2000:],
    )
    if outcome.exit_code == NOT_INSTALLED:
        raise SandboxUnavailable(outcome.complaint[-500:])
    if outcome.end is End.OUT_OF_TIME or outcome.cpu_seconds >= bounds.cpu_seconds:
        return _unreadable("too_slow", outcome)
    if outcome.end is End.TOO_MUCH_OUTPUT or "MemoryError" in outcome.complaint:
        return _unreadable("too_big", outcome)
    return _unreadable("damaged", outcome)


def _answered(answer: Any, outcome: Outcome, bounds: Bounds) -> ExtractResult:
    """The result that the child's JSON tells; it may lie, so only what fits is taken.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` for what no honest child says.
    """
    if answer["reason_code"]:
        return _unreadable(answer["reason_code"], outcome, pages=_count(answer["pages"]))
    passages = tuple(_passage(*each) for each in answer["passages"])
    numbers = [each.number for each in passages]
    if not passages or numbers != sorted(set(numbers)):
        raise ValueError("passages out of order")
    if sum(len(each.text.encode()) for each in passages) > bounds.text_bytes:
        raise ValueError("more text than allowed")
    return ExtractResult(
        state=READ,
        passages=passages,
        pages=_count(answer["pages"]),
        title=str(answer.get("title", ""))[:250],
        author=str(answer.get("author", ""))[:250],
        language=str(answer.get("language", ""))[:35],
        created=_date(answer.get("created")),
        changed=_date(answer.get("changed")),
        truncated=bool(answer["truncated"]),
        pages_without_text=tuple(int(each) for each in answer["pages_without_text"]),
        pages_recognised=tuple(int(each) for each in answer["pages_recognised"]),
        held=tuple(str(each) for each in answer["held"]),
        seconds=outcome.seconds,
        peak_bytes=outcome.peak_bytes,
    )


def _passage(number: Any, label: Any, text: Any) -> Passage:
    if not (isinstance(number, int) and isinstance(label, str) and isinstance(text, str)):
        raise TypeError("not a passage")
    if not 0 < number < 2**31 or len(label) > MAX_LABEL or "\0" in text + label:
        raise ValueError("not a passage")
    return Passage(number, label, text)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value < 2**31 else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _unreadable(
    code: str, outcome: Outcome | None = None, *, pages: int | None = None
) -> ExtractResult:
    return ExtractResult(
        state=UNREADABLE,
        reason_code=code,
        reason=str(REASONS[code]),
        pages=pages,
        seconds=outcome.seconds if outcome else 0.0,
        peak_bytes=outcome.peak_bytes if outcome else 0,
    )
