"""Turning bytes of an unknown encoding into text."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096


def decode(data: bytes, *, declared: str = "") -> str:
    """``data`` as text: by its byte order mark, as ``declared``, as UTF-8, else as Windows-1252.

    Never raises: what fits no encoding becomes the replacement character.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for encoding in (_known(declared), "utf-8", _wide(data)):
        if encoding:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                # A file that was cut within its last letter is still what its other letters say.
                is_cut = error.reason == "unexpected end of data" and encoding == "utf-8"
                if is_cut and not data[: error.start].isascii():
                    return data[: error.start].decode(encoding)
    return data.decode("cp1252", "replace")


def _known(name: str) -> str:
    """The codec called ``name`` where it turns bytes into text, else ""."""
    try:
        found = codecs.lookup(name.strip("\"' "))
    except (LookupError, ValueError):
        return ""
    return found.name if found._is_text_encoding and found.name != "ascii" else ""


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every second byte of plain letters is zero."""
    sample = data[:_SAMPLE]
    if sample[1::2].count(0) > len(sample) * 0.3:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > len(sample) * 0.3 else ""
