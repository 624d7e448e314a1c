"""Outlook messages: headers, text and the names and words of what is attached.

Format: [MS-OXMSG], https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxmsg
"""

from __future__ import annotations

import re
from typing import BinaryIO

from km_pages.files.compound import STORAGE, BadCompoundError, Compound, Entry
from km_pages.files.extract.answer import Answer, UnreadableError
from km_pages.files.extract.decoding import decode
from km_pages.files.extract.html import text_of
from km_pages.files.extract.inside import MAX_ATTACHED, read_file

MAX_TEXT_BYTES = 16 * 1024 * 1024
MAX_ATTACHED_BYTES = 100 * 1024 * 1024
_SUBJECT, _BODY, _HTML, _HEADERS = "0037", "1000", "1013", "007D"
_SENDER, _SENDER_ADDRESS, _TO, _CC = "0C1A", "5D01", "0E04", "0E03"
_FILE_NAME, _LONG_FILE_NAME, _CONTENT = "3704", "3707", "3701"
_DATE = re.compile(r"^Date:\s*(.+)$", re.M)


def read(source: BinaryIO, answer: Answer) -> None:
    """The message first, then a passage for each page of each attached document."""
    try:
        message = Compound(source)
        _read(message, answer)
    except BadCompoundError as error:
        raise UnreadableError("damaged") from error


def _read(message: Compound, answer: Answer) -> None:
    root = message.root
    subject, sender = _text(message, root, _SUBJECT), _text(message, root, _SENDER)
    address = _text(message, root, _SENDER_ADDRESS)
    sender = f"{sender} <{address}>" if address and address != sender else sender
    sent = _DATE.search(_text(message, root, _HEADERS))
    facts = {
        "Subject": subject,
        "From": sender,
        "To": _text(message, root, _TO),
        "Cc": _text(message, root, _CC),
        "Date": sent[1] if sent else "",
    }
    body = _text(message, root, _BODY) or text_of(decode(_raw(message, root, _HTML)))
    attached = _attached(message)
    names = ", ".join(name for name, _entry in attached)
    answer.describe(title=subject, author=sender)
    shown = [f"{name}: {value}" for name, value in facts.items() if value]
    answer.add("message", "\n".join([*shown, "", body, f"Attachments: {names}" if names else ""]))
    for name, entry in attached[:MAX_ATTACHED]:
        read_file(name, message.read(entry, limit=MAX_ATTACHED_BYTES), answer)


def _attached(message: Compound) -> list[tuple[str, Entry]]:
    found = []
    for folder in message.children(message.root):
        if folder.kind == STORAGE and folder.name.startswith("__attach"):
            name = _text(message, folder, _LONG_FILE_NAME) or _text(message, folder, _FILE_NAME)
            content = message.child(folder, f"__substg1.0_{_CONTENT}0102")
            if name and content is not None:
                found.append((name, content))
    return sorted(found, key=lambda each: each[1].number)


def _text(message: Compound, folder: Entry, tag: str) -> str:
    """A property as text, in Unicode or in the letters of its time; "" where there is none."""
    wide = message.child(folder, f"__substg1.0_{tag}001F")
    if wide is not None:
        return message.read(wide, limit=MAX_TEXT_BYTES).decode("utf-16-le", "replace").strip("\0 ")
    narrow = message.child(folder, f"__substg1.0_{tag}001E")
    return decode(message.read(narrow, limit=MAX_TEXT_BYTES)) if narrow is not None else ""


def _raw(message: Compound, folder: Entry, tag: str) -> bytes:
    entry = message.child(folder, f"__substg1.0_{tag}0102")
    return message.read(entry, limit=MAX_TEXT_BYTES) if entry is not None else b""
