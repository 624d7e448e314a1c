"""PDF: the text of each page, with what was typed into its forms and notes, by pypdf."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from pypdf import PdfReader
from pypdf._page import PageObject
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError
from pypdf.generic import DictionaryObject

from km_pages.files.extract.answer import BAD_INPUT, Answer, UnreadableError
from km_pages.files.extract.cleaning import clean
from km_pages.files.extract.lines import mend, words_of

MAX_PAGES = 5_000
MAX_NOTES = 500
_BUTTON_STATES = ("", "/Off", "Off")
_NOTES = ("/FreeText", "/Text", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Popup")

# What pypdf lets through besides its own errors when a page is broken.
BROKEN = (PyPdfError, *BAD_INPUT)


def read(source: BinaryIO, answer: Answer) -> None:
    """One passage a page; its number is that of the page, for links that open there."""
    document = _open(source)
    try:
        pages = len(document.pages)
    except BROKEN as error:
        raise UnreadableError("damaged") from error
    answer.pages = pages
    _describe(document, answer)
    for number, page in enumerate(_pages(document, min(pages, MAX_PAGES)), 1):
        text = clean(_text_of(page))
        if not text:
            answer.pages_without_text.append(number)
        answer.add(f"page {number}", text, number=number)
    answer.truncated = pages > MAX_PAGES
    if not answer.has_text:
        raise UnreadableError(_why_no_text(document))
    words = words_of(answer.texts)
    answer.revise(lambda text: mend(text, words))


def _open(source: BinaryIO) -> PdfReader:
    try:
        document = PdfReader(source, strict=False)
        # Many PDFs are encrypted with no password, only to forbid printing or copying.
        if document.is_encrypted and not document.decrypt(""):
            raise UnreadableError("protected")
    except (DependencyError, FileNotDecryptedError) as error:
        raise UnreadableError("protected") from error
    except BROKEN as error:
        raise UnreadableError("damaged") from error
    return document


def _pages(document: PdfReader, count: int) -> Iterator[PageObject | None]:
    for index in range(count):
        try:
            yield document.pages[index]
        except BROKEN:
            yield None


def _text_of(page: PageObject | None) -> str:
    """What is on ``page``; "" for a page that is broken: the others may be sound."""
    if page is None:
        return ""
    try:
        text = page.extract_text()
    except BROKEN:
        text = ""
    try:
        added = list(_added_by_readers(page))
    except BROKEN:
        added = []
    return "\n".join([text, *(each for each in added if each not in text)])


def _added_by_readers(page: PageObject) -> Iterator[str]:
    """What was typed into the fields of a form and written into notes on the page."""
    notes = page.get("/Annots")
    for reference in (notes.get_object() if notes is not None else [])[:MAX_NOTES]:
        note = reference.get_object()
        kind = note.get("/Subtype")
        if kind == "/Widget":
            yield from _filled_in(note)
        elif kind in _NOTES:
            yield _as_text(note.get("/Contents"))


def _filled_in(field: DictionaryObject) -> Iterator[str]:
    parent = field.get("/Parent")
    inherited = parent.get_object() if parent is not None else DictionaryObject()
    value = _as_text(field.get("/V", inherited.get("/V")))
    if value in _BUTTON_STATES or field.get("/FT", inherited.get("/FT")) == "/Btn":
        return
    name = _as_text(field.get("/TU", inherited.get("/TU")))
    yield f"{name}: {value}" if name else value


def _as_text(value: Any) -> str:
    value = value.get_object() if hasattr(value, "get_object") else value
    return value.strip() if isinstance(value, str) else ""


def _describe(document: PdfReader, answer: Answer) -> None:
    try:
        facts = document.metadata
        if facts is not None:
            answer.describe(
                title=_as_text(facts.get("/Title")),
                author=_as_text(facts.get("/Author")),
                created=_iso(facts.creation_date),
            )
        answer.describe(language=_as_text(document.root_object.get("/Lang")))
    except BROKEN:
        return


def _iso(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def _why_no_text(document: PdfReader) -> str:
    """A scan is pages with pictures and no letters; without pictures there is just nothing."""
    try:
        return "scan" if any(_has_picture(page) for page in document.pages[:20]) else "empty"
    except BROKEN:
        return "damaged"


def _has_picture(page: PageObject) -> bool:
    resources = page.get("/Resources")
    drawn = resources.get_object().get("/XObject") if resources is not None else None
    if drawn is None:
        return False
    return any(
        each.get_object().get("/Subtype") in ("/Image", "/Form")
        for each in drawn.get_object().values()
    )
