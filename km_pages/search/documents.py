"""What is put into the index: one document for each page, with the text of its files."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

OPEN_TOKEN, ORGANISATION_TOKEN = "open", "organisation"
# Who has all of these may see every document that bears one of them: mostly the larger part.
WIDE_TOKENS = frozenset({OPEN_TOKEN, ORGANISATION_TOKEN})


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """The text of one page, slide or sheet of a file; ``label`` is how it is called on screen."""

    number: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file of a document."""

    file_id: str
    name: str
    passages: tuple[IndexedPassage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDocument:
    """One page. ``tokens`` say who may find it, ``ancestors`` where it stands (itself among them).

    ``also`` are other names, which count as much as the title. ``facets`` maps a facet to values,
    ``labels`` is what a result shows besides, given back as it was. ``date`` sorts by newest.
    """

    page_id: int
    kind: str
    title: str
    url: str
    also: tuple[str, ...] = ()
    summary: str = ""
    body: str = ""
    files: tuple[IndexedFile, ...] = ()
    locale: str = ""
    site_root: int = 0
    tokens: tuple[str, ...] = ()
    ancestors: tuple[int, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    date: dt.date | None = None
    verified: dt.date | None = None

    def fingerprint(self) -> str:
        """16 hexadecimal digits that differ when anything in the document differs."""
        values = (getattr(self, each.name) for each in fields(self))
        # The order of keys says nothing.
        plain = [sorted(each.items()) if isinstance(each, Mapping) else each for each in values]
        raw = repr(plain).encode("utf-8", "backslashreplace")
        return hashlib.blake2b(raw, digest_size=8).hexdigest()
