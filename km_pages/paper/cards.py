"""Cards to print: A4, one side each, or A6 postcards, four to a sheet."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.core.cache import cache
from django.utils.translation import gettext as _

from km_pages.paper import as_pdf

TEMPLATE = Path(__file__).with_name("card.typ")
ON_A_SHEET = 4
A_DAY = 24 * 60 * 60
ACCENT = "#12405c"


@dataclass(frozen=True, slots=True)
class CardStep:
    """A step: its title, ``note`` (minutes, who), what to do, that in short, what to say."""

    title: str
    note: str = ""
    text: str = ""
    short: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """All that may stand on a card. ``facts`` are (label, value); ``qr`` is an SVG.

    ``way`` is the format; ``avoid`` what to leave out; ``asides`` are (label, text).
    """

    title: str
    address: str
    qr: str
    kind: str = ""
    way: str = ""
    colour: str = ACCENT
    strapline: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    steps: list[CardStep] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    open: str = ""
    open_label: str = ""
    close: str = ""
    note: str = ""
    avoid: list[str] = field(default_factory=list)
    asides: list[tuple[str, str]] = field(default_factory=list)
    credit: str = ""


def cards_pdf(title: str, cards: list[Card], *, postcards: bool = False) -> bytes:
    """``cards`` as a tagged PDF: a page each, or four postcards to a page.

    One card alone fills the sheet of postcards four times. Kept for a day by a digest of all that
    stands on them, so that the same cards are set once.
    """
    shown = cards * ON_A_SHEET if postcards and len(cards) == 1 else cards
    data = {
        "title": title,
        "postcards": postcards,
        "cards": [asdict(each) for each in shown],
        "words": _words(),
    }
    written = json.dumps(data, sort_keys=True) + TEMPLATE.read_text(encoding="utf-8")
    key = f"km-cards-{hashlib.sha256(written.encode()).hexdigest()}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        kept = as_pdf(TEMPLATE, data)
        cache.set(key, kept, A_DAY)
    return kept


def _words() -> dict[str, str]:
    return {
        "close": _("To close, say"),
        "steps": _("Step by step"),
        "questions": _("Key questions"),
        "avoid": _("Leave out"),
        "serious": _("If something serious comes up"),
        "shortened": _("Shortened to fit one page. Everything else stands at:"),
        "qr": _("QR code that leads to this page"),
    }
