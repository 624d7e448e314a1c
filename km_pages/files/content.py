"""Whether what is inside a file is what its extension promises.

Only the first and last 64 kB and, for zips and older Office files, the list of parts are looked
at. :mod:`filetype` and :mod:`puremagic` are asked too: neither may name something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import filetype
import puremagic

from km_pages.files.compound import SIGNATURE, BadCompoundError, Compound
from km_pages.files.formats import Family, Format
from km_pages.files.pictures import DamagedPictureError, is_too_large, pixel_size
from km_pages.files.refusals import RefusedFile, refused
from km_pages.files.zips import BadZipError, has_zip_end, open_zip

EDGE_BYTES = 64 * 1024 + 64
_MARKUP = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|svg|iframe|\?php)\b", re.I)
_ANY_TAG = re.compile(rb"<\s*(!doctype|/?[a-z][a-z0-9]*)[\s/>]", re.I)
_PROGRAM_HEADS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_MAIL_HEADER = re.compile(
    rb"^(from|to|cc|subject|date|received|message-id|mime-version|content-type|return-path|"
    rb"delivered-to|sender|reply-to|x-[a-z-]+)[ \t]*:",
    re.I | re.M,
)
_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
_MACRO_PART = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml)$|^xl/macrosheets/", re.I)
# LibreOffice writes the two lists even where there is no macro.
_ODF_MACRO_PART = re.compile(r"^(Basic/.+/(?!script-l[bc]\.xml$)[^/]+\.xml|Scripts/.*[^/])$")
_OLE_MACRO_NAMES = frozenset({"_VBA_PROJECT", "Macros", "_VBA_PROJECT_CUR"})


@dataclass(frozen=True, slots=True)
class Sample:
    """The edges of a file, and the file itself for those who need one more look."""

    source: BinaryIO
    size: int
    head: bytes
    tail: bytes


def sample(source: BinaryIO, *, size: int) -> Sample:
    """Read the edges of a seekable file of ``size`` bytes."""
    source.seek(0)
    head = source.read(EDGE_BYTES)
    source.seek(max(0, size - EDGE_BYTES))
    return Sample(source=source, size=size, head=head, tail=source.read(EDGE_BYTES))


def check_content(edges: Sample, promised: Format) -> None:
    """Return where the content is what ``promised`` says; raise :class:`RefusedFile` elsewhere."""
    if promised.family is not Family.TEXT and edges.head.startswith(_PROGRAM_HEADS):
        raise refused("program")
    _CHECKS[promised.family](edges, promised)
    if promised.detected:
        _check_detected(edges.head, promised)


def mismatch(promised: Format) -> RefusedFile:
    """The refusal of a file whose content is not what its extension says."""
    return refused("mismatch", ending=f".{promised.extension}", label=promised.label)


def _check_detected(head: bytes, promised: Format) -> None:
    guess = filetype.guess(head)
    if guess is not None and guess.extension not in promised.detected:
        raise mismatch(promised)
    try:
        names = {each.extension.lstrip(".") for each in puremagic.magic_string(head)}
    except puremagic.PureError:
        return
    if names and not names & promised.detected:
        raise mismatch(promised)


def _check_pdf(edges: Sample, promised: Format) -> None:
    head = edges.head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\0\t\n\f\r ")
    if not head.startswith(b"%PDF-"):
        raise refused("two_in_one") if b"%PDF-" in edges.head[:1024] else mismatch(promised)
    first_object = _OBJECT.search(head)
    before_objects = head[: first_object.start() if first_object else 1024]
    if _MARKUP.search(before_objects) or has_zip_end(edges.tail):
        raise refused("two_in_one")


def _check_office(edges: Sample, promised: Format) -> None:
    if edges.head.startswith(SIGNATURE):
        _check_encrypted_office(edges, promised)
        return
    names = _part_names(edges, promised)
    if any(_MACRO_PART.search(each) for each in names):
        raise refused("macros")
    if "[Content_Types].xml" not in names:
        raise mismatch(promised)
    if not any(each.startswith(folder) for folder in promised.needs for each in names):
        raise mismatch(promised)


def _check_encrypted_office(edges: Sample, promised: Format) -> None:
    """A Word, Excel or PowerPoint file with a password is a compound file around the zip."""
    if "EncryptedPackage" not in _compound(edges).names:
        raise mismatch(promised)


def _check_open_document(edges: Sample, promised: Format) -> None:
    names = _part_names(edges, promised)
    if any(_ODF_MACRO_PART.match(each) for each in names):
        raise refused("macros")
    if "mimetype" not in names or "content.xml" not in names:
        raise mismatch(promised)
    # The mimetype comes first and is not compressed, so it stands in the head as it is.
    start = edges.head.find(b"mimetype")
    if not edges.head[start + 8 :].startswith(promised.mime.encode()):
        raise mismatch(promised)


def _check_zip(edges: Sample, promised: Format) -> None:
    _part_names(edges, promised)


def _part_names(edges: Sample, promised: Format) -> list[str]:
    if not edges.head.startswith(b"PK"):
        raise mismatch(promised)
    try:
        with open_zip(edges.source, size=edges.size) as opened:
            return opened.namelist()
    except BadZipError as error:
        raise refused(error.code) from error


def _check_older_office(edges: Sample, promised: Format) -> None:
    if not edges.head.startswith(SIGNATURE):
        raise mismatch(promised)
    names = _compound(edges).names
    if names & _OLE_MACRO_NAMES:
        raise refused("macros")
    if not names & {*promised.needs, *_ALSO_CALLED.get(promised.extension, ())}:
        raise mismatch(promised)


def _compound(edges: Sample) -> Compound:
    try:
        return Compound(edges.source)
    except BadCompoundError as error:
        raise refused("damaged") from error


def _check_rtf(edges: Sample, promised: Format) -> None:
    if not edges.head.lstrip().startswith(b"{\\rtf"):
        raise mismatch(promised)
    if has_zip_end(edges.tail):
        raise refused("two_in_one")


def _check_text(edges: Sample, promised: Format) -> None:
    head, tail = edges.head, edges.tail
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    if len(_BINARY.findall(head)) + len(_BINARY.findall(tail)) > (len(head) + len(tail)) // 500:
        raise mismatch(promised)
    if b"\0" in head or b"\0" in tail:
        raise mismatch(promised)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"%PDF-", b"{\\rtf", *_NOT_TEXT)):
        raise mismatch(promised)
    _TEXT_CHECKS.get(promised.extension, _check_no_markup)(start, promised)


def _check_no_markup(start: bytes, promised: Format) -> None:
    if _MARKUP.match(start):
        raise mismatch(promised)


def _check_html(start: bytes, promised: Format) -> None:
    if not _ANY_TAG.search(start):
        raise mismatch(promised)


def _check_mail(start: bytes, promised: Format) -> None:
    headers = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    if not _MAIL_HEADER.search(headers):
        raise mismatch(promised)


def _check_captions(start: bytes, promised: Format) -> None:
    if not start.startswith(b"WEBVTT"):
        raise mismatch(promised)


def _check_picture(edges: Sample, promised: Format) -> None:
    if not _PICTURE_STARTS[promised.extension](edges.head):
        raise mismatch(promised)
    also_pdf = b"%PDF-" in edges.head[:1024]
    if also_pdf or has_zip_end(edges.tail) or _MARKUP.search(edges.head[:4096]):
        raise refused("two_in_one")
    try:
        width, height = pixel_size(edges.source, extension=promised.extension)
    except DamagedPictureError as error:
        raise refused("damaged") from error
    if is_too_large(width, height):
        raise refused("too_many_pixels", width=width, height=height)


def _check_recording(edges: Sample, promised: Format) -> None:
    if not _RECORDING_STARTS[promised.extension](edges.head):
        raise mismatch(promised)
    if has_zip_end(edges.tail) or _MARKUP.search(edges.head[:1024]):
        raise refused("two_in_one")


def _brand(head: bytes) -> bytes:
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _is_mp3(head: bytes) -> bool:
    # A frame begins with eleven set bits; layer and bit rate 0 and 15 do not exist.
    if head.startswith(b"ID3"):
        return True
    return (
        len(head) > 2
        and head[0] == 0xFF
        and head[1] & 0xE0 == 0xE0
        and head[1] & 0x06 != 0
        and head[2] & 0xF0 not in (0x00, 0xF0)
    )


_OLD_MOV_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free"})
_ALSO_CALLED = {"xls": ("Book",)}
_NOT_TEXT = (b"\x89PNG", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"PK\x03\x04")
_TEXT_CHECKS: dict[str, Callable[[bytes, Format], None]] = {
    "html": _check_html,
    "eml": _check_mail,
    "vtt": _check_captions,
}
_PICTURE_STARTS: dict[str, Callable[[bytes], bool]] = {
    "png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "jpg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "webp": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    "heic": lambda head: _brand(head) in {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"},
}
_RECORDING_STARTS: dict[str, Callable[[bytes], bool]] = {
    "mp3": _is_mp3,
    "m4a": lambda head: bool(_brand(head)) and _brand(head) != b"qt  ",
    "mp4": lambda head: bool(_brand(head)) and _brand(head) not in {b"qt  ", b"heic", b"mif1"},
    "mov": lambda head: _brand(head) == b"qt  " or head[4:8] in _OLD_MOV_BOXES,
    "webm": lambda head: head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:4096],
}
_CHECKS: dict[Family, Callable[[Sample, Format], None]] = {
    Family.PDF: _check_pdf,
    Family.OFFICE: _check_office,
    Family.OPEN_DOCUMENT: _check_open_document,
    Family.OLDER_OFFICE: _check_older_office,
    Family.RTF: _check_rtf,
    Family.TEXT: _check_text,
    Family.PICTURE: _check_picture,
    Family.RECORDING: _check_recording,
    Family.ZIP: _check_zip,
}
