"""``{% technique_cards %}``: cards of techniques as HTML, joined by hand.

A template takes ten times as long for a list. Whatever was written by somebody goes through
:func:`as_text`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import template
from django.utils.safestring import SafeString, mark_safe

from km_pages.html_text import as_text

if TYPE_CHECKING:
    from km_pages.listings.technique_cards import Card

register = template.Library()

TAG = (
    '<li><span class="km-tag"><span class="km-icon km-icon--%s" aria-hidden="true"></span>%s'
    "</span></li>"
)


@register.simple_tag
def technique_cards(cards: Iterable[Card]) -> SafeString:
    """A ``<ul>`` of ``cards``."""
    rows = "".join(f"<li>{_card(each)}</li>" for each in cards)
    return mark_safe(f'<ul class="km-cards">{rows}</ul>')  # noqa: S308 - see as_text


def _card(card: Card) -> str:
    phase, tags, colour = card.primary_phase, "", "none"
    if phase:
        colour = phase.colour or colour
        tags = (
            '<li><span class="km-tag km-tag--phase">'
            f'<span class="km-icon km-icon--phase-{as_text(phase.slug)}" aria-hidden="true"></span>'
            f"{as_text(phase.name)}</span></li>"
        )
    if card.minutes:
        tags += TAG % ("clock", as_text(card.minutes))
    if card.people:
        tags += TAG % ("people", as_text(card.people))
    if card.also:
        tags += f'<li><span class="km-tag km-tag--quiet">{as_text(card.also)}</span></li>'
    line = f'<p class="km-card__text">{as_text(card.strapline)}</p>' if card.strapline else ""
    return (
        f'<article class="km-card km-card--phase km-phase--{as_text(colour)}">'
        f'<h3 class="km-card__title"><a href="{as_text(card.url)}">{as_text(card.title)}</a></h3>'
        f'{line}<ul class="km-tags km-card__foot">{tags}</ul></article>'
    )
