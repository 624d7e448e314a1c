"""One page of a PDF, which knows places of letters but neither lines nor rows of tables."""

from __future__ import annotations

import re
from typing import Any

from pypdf._page import PageObject
from pypdf.generic import ContentStream

# Points; the letters of one line stand on one height, but for what rounding does to it.
_SAME_HEIGHT = 0.5
# Smaller and higher than the word before it: the number of a note.
_NOTE_MARK = re.compile(r"^(?:\d{1,3}(?:[,–-]\d{1,3})*|[ivxlc]{1,5}|[a-z*†‡§])$")
_NOTED_WORD = re.compile(r"[^\W\d_]{3}[.,;:)\]”’\"']{0,2}$")
_SMALLER, _HIGHER = 0.8, 0.15
# How text is shown that is not: PDF 32000-1, 9.3.6.
_UNSEEN_MODES = (3, 7)
_TURNS_UNSEEN = re.compile(rb"\b[37]\s+Tr\b")
_SHOWS = re.compile(rb"T[jJ]\b|\)\s*['\"]")
_SHOWING = (b"Tj", b"TJ", b"'", b'"')
_MOST_FORMS = 50


def in_rows(page: PageObject) -> str:
    """The text on ``page``, a line a line: what stands beside something, as the next cell of a
    table does, is in its line even where the program that wrote the page ended the line before.
    """
    pieces: list[_Piece] = []

    def take(text: str, space: Any, place: Any, _font: Any, size: Any) -> None:
        if text:
            pieces.append(_Piece(text, space, place, size))

    whole = page.extract_text(visitor_text=take)
    # Where pypdf has turned words around, what it told on the way is not what it gives.
    if "".join(each.text for each in pieces) != whole:
        return whole
    return _joined(pieces)


class _Piece:
    """Some text and where it begins."""

    __slots__ = ("size", "text", "x", "y")

    def __init__(self, text: str, space: Any, place: Any, size: Any) -> None:
        self.text = text
        self.size = abs(size * place[3] * space[3])
        self.x = place[4] * space[0] + place[5] * space[2] + space[4]
        self.y = place[4] * space[1] + place[5] * space[3] + space[5]


def _joined(pieces: list[_Piece]) -> str:
    written: list[str] = []
    last: _Piece | None = None
    for piece in pieces:
        if piece.text.strip():
            if last is not None and _stands_apart(last, piece, written):
                written.append(" ")
            last = piece
        written.append(piece.text)
    return "".join(written)


def _stands_apart(last: _Piece, piece: _Piece, written: list[str]) -> bool:
    """Whether ``piece`` is in the line of ``last`` without belonging to its last word."""
    if _beside(last, piece) and _line_ended_after(written):
        return True
    return _is_note_mark(last, piece)


def _beside(left: _Piece, right: _Piece) -> bool:
    """Whether ``right`` begins further to the right at the same height.

    A piece of several lines begins elsewhere than it ends.
    """
    is_line = "\n" not in left.text.strip() and not right.text.startswith("\n")
    return is_line and abs(left.y - right.y) < _SAME_HEIGHT and right.x > left.x


def _is_note_mark(word: _Piece, piece: _Piece) -> bool:
    """Whether ``piece`` is the raised number of a note, which is no part of the word before it."""
    is_raised = piece.y - word.y > _HIGHER * word.size and piece.size < _SMALLER * word.size
    marks = _NOTE_MARK.match(piece.text.strip()) and _NOTED_WORD.search(word.text)
    return bool(is_raised and marks)


def _line_ended_after(written: list[str]) -> bool:
    """Whether a line ended after the last words; then its end is taken back."""
    words = next(place for place in reversed(range(len(written))) if written[place].strip())
    ending = written[words][len(written[words].rstrip()) :] + "".join(written[words + 1 :])
    if "\n" not in ending:
        return False
    written[words:] = [written[words].rstrip()]
    return True


def was_read_off(page: PageObject) -> bool:
    """Whether ``page`` is a picture with unseen letters over it and no others: what a scanner
    took the picture to say, right or wrong.
    """
    looked = _Look(page.pdf)
    looked.at(page.get_contents(), page.get("/Resources"), 0)
    return looked.has_picture and looked.has_unseen and not looked.has_seen


def _drawn_things(resources: Any) -> Any:
    resources = resources.get_object() if resources is not None else {}
    drawn = resources.get("/XObject")
    return drawn.get_object() if drawn is not None else {}


class _Look:
    """Goes through what draws a page, and the forms it is made of, for letters and pictures."""

    def __init__(self, document: Any) -> None:
        self.has_picture = self.has_unseen = self.has_seen = False
        self._document = document
        self._forms = 0

    def at(self, content: Any, resources: Any, mode: int) -> None:
        """Look at one stream of operators, whose letters are shown as ``mode`` says at first."""
        if content is None or self.has_seen:
            return
        data = content.get_data()
        if mode == 0 and _SHOWS.search(data) and not _TURNS_UNSEEN.search(data):
            self.has_seen = True
            return
        drawn = _drawn_things(resources)
        if not isinstance(content, ContentStream):
            content = ContentStream(content, self._document)
        kept = [mode]
        for operands, operator in content.operations:
            if operator == b"q":
                kept.append(kept[-1])
            elif operator == b"Q" and len(kept) > 1:
                kept.pop()
            elif operator == b"Tr" and operands:
                kept[-1] = int(operands[0])
            elif operator in _SHOWING:
                self._letters(kept[-1])
            elif operator == b"Do" and operands and operands[0] in drawn:
                self._thing(drawn[operands[0]].get_object(), resources, kept[-1])

    def _letters(self, mode: int) -> None:
        self.has_unseen = self.has_unseen or mode in _UNSEEN_MODES
        self.has_seen = self.has_seen or mode not in _UNSEEN_MODES

    def _thing(self, thing: Any, resources: Any, mode: int) -> None:
        if thing.get("/Subtype") == "/Image":
            self.has_picture = True
        elif self._forms < _MOST_FORMS:
            self._forms += 1
            self.at(thing, thing.get("/Resources", resources), mode)
