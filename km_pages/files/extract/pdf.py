"""PDF: the text of each page, with what was typed into its forms and notes, by pypdf.

Then that of the files attached to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pypdf import PdfReader
from pypdf._page import PageObject
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError
from pypdf.generic import DictionaryObject

from km_pages.files.extract.answer import BAD_INPUT, Answer, UnreadableError
from km_pages.files.extract.cleaning import clean
from km_pages.files.extract.lines import mend, words_of
from km_pages.files.extract.pdf_attached import read_attached
from km_pages.files.extract.pdf_page import in_rows, was_read_off

MAX_PAGES = 5_000
MAX_NOTES = 500
MAX_PACKET_BYTES = 1024 * 1024
_DAY = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?")
_IN_PACKET = {
    "title": "title",
    "creator": "author",
    "CreateDate": "created",
    "ModifyDate": "changed",
}
_BUTTON_STATES = ("", "/Off", "Off")
_NOTES = ("/FreeText", "/Text", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut", "/Popup")

# What pypdf lets through besides its own errors when a page is broken.
BROKEN = (PyPdfError, ParseError, DefusedXmlException, *BAD_INPUT)


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
        label = f"page {number}"
        if not text:
            answer.pages_without_text.append(number)
        elif _is_scan(page):
            label = f"page {number}, scanned"
            answer.pages_recognised.append(number)
        answer.add(label, text, number=number)
    answer.truncated = pages > MAX_PAGES
    words = words_of(answer.texts)
    answer.revise(lambda text: mend(text, words))
    answer.go_on_behind(pages)
    try:
        read_attached(document, answer)
    except BROKEN:
        answer.truncated = True
    if not answer.has_text:
        raise UnreadableError(_why_no_text(document))


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
        text = in_rows(page)
    except BROKEN:
        text = ""
    try:
        added = list(_added_by_readers(page))
    except BROKEN:
        added = []
    return "\n".join([text, *(each for each in added if each not in text)])


def _is_scan(page: PageObject | None) -> bool:
    try:
        return page is not None and was_read_off(page)
    except BROKEN:
        return False


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
    """What stands in the table of facts or, as in newer documents, in a packet of XML.

    One that is broken costs no other.
    """
    for facts in (_stated, _from_packet):
        try:
            answer.describe(**facts(document))
        except BROKEN:
            continue


def _stated(document: PdfReader) -> dict[str, str]:
    table = document.trailer.get("/Info")
    table = table.get_object() if table is not None else {}
    language = _as_text(document.root_object.get("/Lang"))
    if not isinstance(table, DictionaryObject):
        return {"language": language}
    return {
        "title": _as_text(table.get("/Title")),
        "author": _as_text(table.get("/Author")),
        "created": _day(table.get("/CreationDate")),
        "changed": _day(table.get("/ModDate")),
        "language": language,
    }


def _day(moment: Any) -> str:
    """Not pypdf's own reading of it: LibreOffice writes "Z'" for London, where that gives up."""
    found = _DAY.match(_as_text(moment))
    return "-".join(found.groups("01")) if found else ""


def _from_packet(document: PdfReader) -> dict[str, str]:
    packet = document.root_object.get("/Metadata")
    data = packet.get_object().get_data() if packet is not None else b""
    if not data or len(data) > MAX_PACKET_BYTES:
        return {}
    found: dict[str, str] = {}
    for element in fromstring(data.rstrip(b"\0"), forbid_dtd=True).iter():
        named = {element.tag.rpartition("}")[2]: "".join(element.itertext()), **_short(element)}
        for name, text in named.items():
            if name in _IN_PACKET:
                found.setdefault(_IN_PACKET[name], text.strip())
    return found


def _short(element: Any) -> dict[str, str]:
    """What an element says in attributes, by their names alone."""
    return {name.rpartition("}")[2]: value for name, value in element.attrib.items()}


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
