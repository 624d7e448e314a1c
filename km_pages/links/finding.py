"""Find the addresses of other sites in the content of a page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

LONGEST = 2000
HREF = re.compile(r"""<a\s[^>]*?href\s*=\s*["'](https?://[^"']+)["']""", re.IGNORECASE)


def addresses_in(value: Any) -> set[str]:
    """Addresses that begin with ``http`` in ``value``: texts, HTML, JSON, lists and mappings.

    A text counts if it is an address, or HTML with links; words that merely mention one do not.
    Fragments are left out: they are never sent.
    """
    found = (_clean(each) for each in _walk(value))
    return {each for each in found if each}


def _walk(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each)
    elif isinstance(value, str):
        yield from _in_text(value.strip())


def _in_text(text: str) -> Iterator[str]:
    if text[:1] in "[{":
        try:
            yield from _walk(json.loads(text))
        except ValueError:
            return
    elif text[:8].lower().startswith(("http://", "https://")):
        if not re.search(r"\s", text):
            yield text
    elif "<a" in text:
        yield from (html.unescape(each) for each in HREF.findall(text))


def _clean(address: str) -> str:
    """``address`` without its fragment, or nothing where it is none."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ""
    if not host or len(address) > LONGEST:
        return ""
    return urlunsplit((parts.scheme.lower(), parts.netloc, parts.path, parts.query, ""))


def host_of(address: str) -> str:
    """The host that ``address`` names, in small letters."""
    return (urlsplit(address).hostname or "").lower()
