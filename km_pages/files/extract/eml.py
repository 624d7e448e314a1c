"""E-mails: the headers that a person sees, the message, and the words of what is attached."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from typing import BinaryIO

from km_pages.files.extract.answer import Answer
from km_pages.files.extract.cleaning import one_line
from km_pages.files.extract.decoding import decode
from km_pages.files.extract.html import text_of
from km_pages.files.extract.inside import MAX_ATTACHED, read_file

MAX_BYTES = 128 * 1024 * 1024
MAX_NESTED = 20
"""Multiparts inside multiparts. Real mail has three or four."""

MAX_PARTS = 200
SHOWN = ("Subject", "From", "To", "Cc", "Bcc", "Date")
_MULTIPART = re.compile(rb"^content-type[ \t]*:[ \t\r\n]*multipart/", re.I | re.M)
_ENDINGS = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/html": "html",
    "text/csv": "csv",
    "application/rtf": "rtf",
    "message/rfc822": "eml",
    **{
        f"application/vnd.openxmlformats-officedocument.{kind}": ending
        for kind, ending in (
            ("wordprocessingml.document", "docx"),
            ("presentationml.presentation", "pptx"),
            ("spreadsheetml.sheet", "xlsx"),
        )
    },
    **{
        f"application/vnd.oasis.opendocument.{kind}": ending
        for kind, ending in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp"))
    },
}


def read(source: BinaryIO, answer: Answer) -> None:
    """The message first, then a passage for each page of each attached document."""
    data = source.read(MAX_BYTES + 1)
    answer.truncated = len(data) > MAX_BYTES
    _read_message(data[:MAX_BYTES], answer)


def _read_message(data: bytes, answer: Answer) -> None:
    if len(_MULTIPART.findall(data)) > MAX_PARTS:
        # Nested a thousand deep by somebody who wishes us ill: the headers are all we look at.
        answer.truncated = True
        _read_headers(BytesHeaderParser(policy=policy.compat32).parsebytes(data[:65536]), answer)
        return
    message = message_from_bytes(data, policy=policy.compat32)
    texts, attached = _Parts.of(message, answer)
    names = [name for name, _part in attached]
    listed = f"Attachments: {', '.join(names)}" if names else ""
    _describe(message, answer)
    answer.add("message", "\n".join([*headers(message), "", *texts, "", listed]))
    for name, part in attached[:MAX_ATTACHED]:
        _read_attached(name, part, answer)
    answer.truncated = answer.truncated or len(attached) > MAX_ATTACHED


def headers(message: Message) -> list[str]:
    """The headers that a mail program shows, decoded."""
    shown = []
    for name in SHOWN:
        for value in _values(message, name):
            shown.append(f"{name}: {decoded(value)}")
    return shown


def decoded(value: object) -> str:
    """A header's words, as ``=?utf-8?q?...?=`` stands for them."""
    text = " ".join(str(value).split())
    try:
        parsed = policy.default.header_factory("Subject", text)
    except (ValueError, LookupError, AttributeError, RecursionError):
        return text
    return str(parsed)


def _values(message: Message, name: str) -> list[str]:
    """The headers called ``name``, also where letters came bare and not as the rules want them."""
    found = [value for each, value in message.raw_items() if each.lower() == name.lower()]
    return [decode(str(each).encode("utf-8", "surrogateescape")) for each in found]


def _first(message: Message, name: str) -> str:
    return next(iter(_values(message, name)), "")


def _read_headers(message: Message, answer: Answer) -> None:
    _describe(message, answer)
    answer.add("message", "\n".join(headers(message)))


def _read_attached(name: str, part: Message, answer: Answer) -> None:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        if isinstance(inner, list) and inner:
            read_file("message.eml", inner[0].as_bytes(policy=policy.compat32), answer)
        return
    read_file(name, _payload(part), answer)


class _Parts:
    """Sorts the parts of a message into what is read and what is attached."""

    @classmethod
    def of(cls, message: Message, answer: Answer) -> tuple[list[str], list[tuple[str, Message]]]:
        """The texts of ``message`` and its attachments with their names."""
        texts: list[str] = []
        attached: list[tuple[str, Message]] = []
        for number, part in enumerate(_leaves(message, 0)):
            if number >= MAX_PARTS:
                answer.truncated = True
                break
            name = _name(part)
            if name or part.get_content_maintype() == "message":
                attached.append((name or "message", part))
            elif part.get_content_maintype() == "text":
                texts.append(_text(part))
        return texts, attached


def _leaves(message: Message, depth: int) -> Iterator[Message]:
    """The parts that hold something; of alternatives the plain one, or else the last."""
    if not message.is_multipart() or message.get_content_maintype() == "message":
        yield message
        return
    if depth > MAX_NESTED:
        return
    parts = [each for each in message.get_payload() if isinstance(each, Message)]
    if message.get_content_subtype() == "alternative" and parts:
        plain = [each for each in parts if each.get_content_type() == "text/plain"]
        worded = [each for each in plain if _text(each).strip()]
        parts = worded[:1] or parts[-1:]
    for part in parts:
        yield from _leaves(part, depth + 1)


def _name(part: Message) -> str:
    """The name of an attached file; "" for a part that is the message itself."""
    try:
        name = part.get_filename("")
    except (ValueError, LookupError, TypeError):
        name = ""
    name = one_line(decoded(name or _subject_inside(part)), limit=120)
    if not name and part.get_content_disposition() == "attachment":
        name = f"attachment.{_ENDINGS.get(part.get_content_type(), 'bin')}"
    if name and "." not in name and part.get_content_type() in _ENDINGS:
        name = f"{name}.{_ENDINGS[part.get_content_type()]}"
    return name


def _subject_inside(part: Message) -> str:
    """What a message that hangs on this one is called: mail programs show its subject."""
    inner = part.get_payload() if part.get_content_type() == "message/rfc822" else None
    first = inner[0] if isinstance(inner, list) and inner else None
    return _first(first, "Subject") if isinstance(first, Message) else ""


def _payload(part: Message) -> bytes:
    """The bytes of a part; base64 that was cut short is decoded as far as it goes."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return b""
    if part.get("Content-Transfer-Encoding", "").strip().lower() == "base64" and part.defects:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", payload)
        return base64.b64decode(letters[: len(letters) // 4 * 4])
    return payload


def _text(part: Message) -> str:
    text = decode(_payload(part), declared=part.get_content_charset("") or "")
    if part.get_content_subtype() == "html":
        return text_of(text)
    return text if part.get_content_subtype() != "calendar" else ""


def _describe(message: Message, answer: Answer) -> None:
    answer.describe(
        title=decoded(_first(message, "Subject")),
        author=decoded(_first(message, "From")),
        language=str(message.get("Content-Language", "")),
    )
    try:
        moment = parsedate_to_datetime(str(message.get("Date", "")))
        answer.describe(created=(moment.astimezone(UTC) if moment.tzinfo else moment).isoformat())
    except (TypeError, ValueError, OverflowError, IndexError):
        return
