"""``{% technique_cards %}``: cards of techniques as HTML, joined by hand.

A template takes ten times as long for a list. Whatever was written by somebody goes through
:func:`_text`.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from km_pages.listings.technique_cards import Card

register = template.Library()

TAG = (
    '<li><span class="km-tag"><span class="km-icon km-icon--%s" aria-hidden="true"></span>%s'
    "</span></li>"
)


def _text(value: Any) -> str:
    """``value`` as text between tags or in an attribute."""
    return escape(str(value))


@register.simple_tag
def technique_cards(cards: Iterable[Card]) -> SafeString:
    """A ``<ul>`` of ``cards``."""
    rows = "".join(f"<li>{_card(each)}</li>" for each in cards)
    return mark_safe(f'<ul class="km-cards">{rows}</ul>')  # noqa: S308 - see _text


def _card(card: Card) -> str:
    phase, tags, colour = card.primary_phase, "", "none"
    if phase:
        colour = phase.colour or colour
        tags = (
            '<li><span class="km-tag km-tag--phase">'
            f'<span class="km-icon km-icon--phase-{_text(phase.slug)}" aria-hidden="true"></span>'
            f"{_text(phase.name)}</span></li>"
        )
    if card.minutes:
        tags += TAG % ("clock", _text(card.minutes))
    if card.people:
        tags += TAG % ("people", _text(card.people))
    if card.also:
        tags += f'<li><span class="km-tag km-tag--quiet">{_text(card.also)}</span></li>'
    line = f'<p class="km-card__text">{_text(card.strapline)}</p>' if card.strapline else ""
    return (
        f'<article class="km-card km-card--phase km-phase--{_text(colour)}">'
        f'<h3 class="km-card__title"><a href="{_text(card.url)}">{_text(card.title)}</a></h3>'
        f'{line}<ul class="km-tags km-card__foot">{tags}</ul></article>'
    )
