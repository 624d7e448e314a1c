"""File names that are safe to store, to show and to send in a header."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_NAME_BYTES = 240
"""Longest name in UTF-8. File systems stop at 255 bytes, and a browser may add " (1)"."""

MAX_EXTENSION = 12
NAMELESS = "file"

# Joiners are part of emoji and of Persian words; every other invisible character only deceives.
_KEPT_INVISIBLE = frozenset("\u200c\u200d")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_SPACES = re.compile(r"\s+")
_EXTENSION = re.compile(rf"^[A-Za-z0-9]{{1,{MAX_EXTENSION}}}$")
_NOT_IN_QUOTES = re.compile(r'[^ -~]|["\\%;]')
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_WINDOWS_DEVICE = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$", re.I)


def safe_name(raw: str) -> str:
    """A name for the file that was called ``raw``: never empty, one line, no path, no tricks.

    Folders, control characters and characters that turn the direction of text are dropped, so
    that what is read is what is stored. Letters of every script and emoji stay. The extension
    stays even where the name before it has to be shortened to :data:`MAX_NAME_BYTES`.
    """
    visible = "".join(_visible(character) for character in unicodedata.normalize("NFC", raw))
    last = [part for part in re.split(r"[/\\]", visible) if part.strip(" .")]
    name = _NOT_IN_NAMES.sub("-", last[-1] if last else "")
    name = _SPACES.sub(" ", name).strip()
    stem, extension = _split(name)
    stem = stem.strip(" .") or NAMELESS
    if _WINDOWS_DEVICE.match(stem.split(".")[0].strip()):
        stem = f"_{stem}"
    ending = f".{extension}" if extension else ""
    return _shortened(stem, MAX_NAME_BYTES - len(ending.encode())) + ending


def extension_of(name: str) -> str:
    """The extension of ``name`` in lower case without its dot, or "" where there is none."""
    return _split(safe_name(name))[1].lower()


def content_disposition(name: str, *, inline: bool = False) -> str:
    """The ``Content-Disposition`` that offers a file under ``name``; it cannot be split.

    RFC 6266 with the encoding of RFC 8187: plain letters for old programs, the true name beside.
    """
    name = safe_name(name)
    plain = _NOT_IN_QUOTES.sub("_", unicodedata.normalize("NFKD", name))
    kind = "inline" if inline else "attachment"
    encoded = quote(name, safe="!#$&+-.^_`|~")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\t\r\n" or category in ("Zl", "Zp", "Zs"):
        return " "
    if category in ("Cc", "Cs") or (category == "Cf" and character not in _KEPT_INVISIBLE):
        return ""
    return character


def _split(name: str) -> tuple[str, str]:
    trimmed = name.rstrip(" .")
    stem, dot, extension = trimmed.rpartition(".")
    if dot and _EXTENSION.match(extension):
        return stem, extension
    return trimmed, ""


def _shortened(stem: str, limit: int) -> str:
    encoded = stem.encode()
    if len(encoded) <= limit:
        return stem
    return encoded[:limit].decode(errors="ignore").rstrip(" .\u200c\u200d") or NAMELESS
