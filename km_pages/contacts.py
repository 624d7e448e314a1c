"""Contacts for people's own address books (vCard 4.0, RFC 6350)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

FIELDS = (("organisation", "ORG"), ("role", "TITLE"), ("phone", "TEL"), ("email", "EMAIL"))


def cards_of(bodies: Iterable[Any]) -> str:
    """The contacts in ``bodies`` (StreamFields of knowledge items) as vCards; "" without any."""
    entries = [
        entry
        for body in bodies
        for block in body
        if block.block_type == "contacts"
        for entry in block.value["entries"]
    ]
    return "".join(_card(each) for each in entries)


def _card(entry: Any) -> str:
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{_escaped(entry['name'])}"]
    lines += [f"{name}:{_escaped(entry[key])}" for key, name in FIELDS if entry.get(key)]
    if entry.get("what_for"):
        lines.append(f"NOTE:{_escaped(entry['what_for'])}")
    return "\r\n".join([*lines, "END:VCARD", ""])


def _escaped(text: Any) -> str:
    """Text as RFC 6350, section 3.4, wants it; nothing typed can begin a line of its own."""
    words = " ".join(str(text).split())
    return words.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
