"""What a reader fills: passages of clean text, and what a document says about itself."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from km_pages.files.extract.cleaning import clean, one_line

MAX_LABEL = 80
MAX_PASSAGES = 20_000
PASSAGE_CHARACTERS = 20_000
"""Where a passage is longer than this it is cut between paragraphs, so that a hit is near."""

_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d")
# Programs write these where nobody gave a title.
_NO_TITLE = re.compile(
    r"^(untitled|document\d*|microsoft word|powerpoint presentation|presentation\d*|slide 1|"
    r"book\d*|unknown|none|print|\(anonymous\)|\(unspecified\))$",
    re.I,
)
_PRINTED_FROM = re.compile(r"^Microsoft (Word|Excel|PowerPoint) - ")

# What bad input makes libraries raise, besides the errors of their own. Anything else is a fault
# of ours and ends the child with a traceback that the parent logs.
BAD_INPUT = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

Reader = Callable[[BinaryIO, "Answer"], None]
"""Reads a seekable file into an answer. May raise :class:`UnreadableError` and :class:`Full`."""


class UnreadableError(Exception):
    """The file has no text for us. ``code`` says why; see :mod:`km_pages.files.reasons`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Full(Exception):
    """The answer holds as much text as it may. What is in it stays."""


class Answer:
    """The text of a file as far as it has been read, at most ``text_bytes`` of it."""

    def __init__(self, *, text_bytes: int) -> None:
        self.passages: list[tuple[int, str, str]] = []
        self.truncated = False
        self.pages: int | None = None
        self.about: dict[str, str] = {}
        self.pages_without_text: list[int] = []
        self.pages_recognised: list[int] = []
        self.depth = 0
        self._left = text_bytes
        self._last_page = 0

    @property
    def has_text(self) -> bool:
        """Whether any text was found."""
        return bool(self.passages)

    def add(self, label: str, text: str, *, number: int | None = None) -> None:
        """Add a passage called ``label``; nothing where ``text`` has no words.

        ``number`` is that of its page or slide, for links that open there; without it the next
        free one is taken. Raises :class:`Full` when the answer can hold no more.
        """
        text = clean(text)
        if not text:
            return
        pieces = [text] if number else _cut(text)
        for index, piece in enumerate(pieces, 1):
            part = label if len(pieces) == 1 else f"{label}, part {index}"
            self._add(one_line(part, limit=MAX_LABEL), piece, number)

    @property
    def texts(self) -> list[str]:
        """The texts of all passages so far."""
        return [text for _number, _label, text in self.passages]

    def revise(self, better: Callable[[str], str]) -> None:
        """Put ``better(text)`` for the text of every passage; it must not be longer."""
        self.passages = [(number, label, better(text)) for number, label, text in self.passages]

    def describe(self, **facts: str | None) -> None:
        """Note what the document says of itself: title, author, language, created and
        changed (ISO dates).

        The first word on each counts; what is no title, no language or no date is left out.
        """
        for name, value in facts.items():
            value = one_line(clean(value or ""), limit=250)
            if value and name not in self.about and _means_something(name, value):
                self.about[name] = _PRINTED_FROM.sub("", value) if name == "title" else value

    def go_on_behind(self, page: int) -> None:
        """Give what comes now numbers behind ``page``, whether or not there are words on it."""
        self._last_page = page

    def inside(self, prefix: str) -> Answer:
        """An answer for a file inside this one: its passages come here, its facts do not.

        ``prefix``, the name of that file, stands before its labels.
        """
        return _Inner(self, prefix)

    def stopped(self, code: str) -> str:
        """The reason for having no text, or "" where some was read before ``code`` struck."""
        if not self.has_text:
            return code
        self.truncated = True
        return ""

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {
            "passages": self.passages,
            "truncated": self.truncated,
            "pages": self.pages,
            "pages_without_text": self.pages_without_text,
            "pages_recognised": self.pages_recognised,
            **self.about,
        }

    def _add(self, label: str, text: str, number: int | None) -> None:
        encoded = text.encode("utf-8", "replace")
        if len(encoded) > self._left:
            text = encoded[: self._left].decode("utf-8", "ignore")
        if not text or len(self.passages) >= MAX_PASSAGES:
            raise Full
        last = max(self._last_page, self.passages[-1][0] if self.passages else 0)
        self.passages.append((max(number or 0, last + 1), label, text))
        self._left -= len(encoded)
        if self._left <= 0:
            raise Full


class _Inner(Answer):
    """The answer of a file that is inside another."""

    def __init__(self, outer: Answer, prefix: str) -> None:
        super().__init__(text_bytes=0)
        self.depth = outer.depth + 1
        self._outer = outer
        self._prefix = prefix

    def _add(self, label: str, text: str, _number: int | None) -> None:
        self._outer._add(one_line(self._prefix + label, limit=MAX_LABEL), text, None)
        self.passages.append((len(self.passages) + 1, label, text))

    def revise(self, better: Callable[[str], str]) -> None:
        """Revise the passages of this file where they went."""
        revised = dict(zip(self.texts, map(better, self.texts), strict=True))
        self._outer.revise(lambda text: revised.get(text, text))


def _means_something(name: str, value: str) -> bool:
    if name == "title":
        return not _NO_TITLE.match(value)
    if name == "language":
        return bool(_LANGUAGE.match(value))
    if name in ("created", "changed"):
        return bool(_DATE.match(value))
    return True


def _cut(text: str) -> list[str]:
    """``text`` in pieces of about :data:`PASSAGE_CHARACTERS`, cut at line ends where there are."""
    pieces = []
    start = 0
    while len(text) - start > PASSAGE_CHARACTERS * 3 // 2:
        wanted = start + PASSAGE_CHARACTERS
        cut = text.rfind("\n", start + PASSAGE_CHARACTERS // 2, wanted)
        if cut < 0:
            cut = text.rfind(" ", start + PASSAGE_CHARACTERS // 2, wanted)
        cut = cut if cut > 0 else wanted
        pieces.append(text[start:cut].strip())
        start = cut
    pieces.append(text[start:].strip())
    return [each for each in pieces if each]
