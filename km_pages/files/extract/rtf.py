"""Rich text, by striprtf, which leaves out what stands beside the text: that is put back first."""

from __future__ import annotations

import re
from typing import BinaryIO

from striprtf.striprtf import rtf_to_text

from km_pages.files.extract.answer import Answer, UnreadableError

MAX_BYTES = 32 * 1024 * 1024
_BINARY = re.compile(rb"\\bin(\d+) ?")
# Pictures and objects are long runs of hexadecimal digits.
_HEXADECIMAL = re.compile(r"[0-9a-fA-F\s]{256,}")
_BESIDE = re.compile(
    r"\\(?:footnote|header[lrf]?|footer[lrf]?|shptxt|annotation|dptxbxtext)(?![a-zA-Z])"
)
_FACT = r"\{{\\{name} ?((?:[^{{}}\\]|\\'[0-9a-f]{{2}}|\\u-?\d+ ?\??)*)\}}"
_CREATED = re.compile(r"\\creatim\s*\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_CODEPAGE = re.compile(r"\\ansicpg(\d{3,5})")


def read(source: BinaryIO, answer: Answer) -> None:
    """One text; headers, footers, notes and boxes stand where the file has them."""
    data = source.read(MAX_BYTES + 1)
    answer.truncated = len(data) > MAX_BYTES
    if not data.lstrip().startswith(b"{\\rtf"):
        raise UnreadableError("damaged")
    rtf = _HEXADECIMAL.sub("", _without_binary(data[:MAX_BYTES]).decode("cp1252", "replace"))
    _describe(rtf, answer)
    text = rtf_to_text(_BESIDE.sub(r"\\par ", rtf), encoding=_encoding(rtf), errors="replace")
    answer.add("text", "\n".join(_spaced(line) for line in text.splitlines()))


def _without_binary(data: bytes) -> bytes:
    r"""``data`` without what ``\binN`` announces: N bytes that may look like anything."""
    parts, start = [], 0
    for found in _BINARY.finditer(data):
        if found.start() >= start:
            parts.append(data[start : found.start()])
            start = found.end() + min(int(found[1][:10]), len(data))
    return b"".join([*parts, data[start:]])


def _describe(rtf: str, answer: Answer) -> None:
    head = rtf[: 256 * 1024]
    facts = {name: re.search(_FACT.format(name=name), head) for name in ("title", "author")}
    answer.describe(
        **{
            name: rtf_to_text(f"{{\\rtf1 {found[1]}}}", errors="replace")
            for name, found in facts.items()
            if found
        }
    )
    if created := _CREATED.search(head):
        answer.describe(created=f"{created[1]}-{int(created[2]):02}-{int(created[3]):02}")


def _encoding(rtf: str) -> str:
    found = _CODEPAGE.search(rtf[:1024])
    return f"cp{found[1]}" if found else "cp1252"


def _spaced(line: str) -> str:
    """striprtf puts bare bars between cells; where a line is a row, they get their spaces."""
    if not line.rstrip().endswith("|"):
        return line
    return " | ".join(cell.strip() for cell in line.rstrip().rstrip("|").split("|"))
