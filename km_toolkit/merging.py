"""Two people write in the same text: what either has changed is kept."""

from __future__ import annotations

import hashlib


def seen_mark(*texts: object) -> str:
    """A short mark of texts as somebody was shown them. Line endings of a browser do not count."""
    plain = "\x1f".join("\n".join(str(text).strip().splitlines()) for text in texts)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def merged(typed: str, stored: str, seen: str | None) -> str:
    """What is kept of ``typed`` and of what is ``stored``.

    ``seen`` is the mark of what stood there when the form was opened; ``None``: not known, and
    ``typed`` counts. Where both have changed, both are kept, the stored text first.
    """
    if seen is None or seen_mark(stored) in (seen, seen_mark(typed)):
        return typed
    if seen_mark(typed) == seen or not typed.strip():
        return stored
    if not stored.strip():
        return typed
    return f"{stored.strip()}\n\n{typed.strip()}"
