"""Techniques as cards to print, one in the format that was chosen or all of a framework."""

from __future__ import annotations

import io
from typing import Any

import segno
from django.apps import apps
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from km_pages.listings.techniques import chosen_format, format_facts, timed
from km_pages.paper.cards import ACCENT, Card, CardStep, cards_pdf
from km_pages.visibility import reader_for, visible_to
from km_pages.wording import first_sentence, minutes_in_words

# The colours of tokens.css, on paper.
COLOURS = {
    "blue": "#1f4f8f",
    "green": "#1e6b3c",
    "purple": "#5a3d8c",
    "teal": "#0b5f69",
    "maroon": "#8c2f4a",
}


def technique_card(page: Any, request: HttpRequest) -> Card:
    """The card of ``page`` in the format that ``?format=`` names."""
    one = chosen_format(list(page.formats.all()), request)
    phase = page.primary_phase
    return Card(
        title=page.title,
        kind=str(phase or ""),
        way=str(one or ""),
        colour=COLOURS.get(phase.colour, ACCENT) if phase else ACCENT,
        strapline=page.strapline,
        facts=[(str(each.label), str(each.value)) for each in format_facts(one)] if one else [],
        steps=card_steps(one.steps, running=one.minutes_min is not None) if one else [],
        questions=[str(each.value) for each in page.key_questions],
        open=page.opening_words,
        open_label=_("To open, say"),
        close=page.closing_words,
        note=page.escalation,
        avoid=[],
        asides=aside(_("Who sees what comes out"), first_sentence(page.who_sees_output)),
        credit=page.source_credit,
        **where(page, request),
    )


def where(page: Any, request: HttpRequest) -> dict[str, str]:
    """The address of ``page`` in full, and that as a QR code."""
    address = request.build_absolute_uri(page.get_url(request) or "/")
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", scale=4, border=1)
    return {"address": address, "qr": picture.getvalue().decode()}


def aside(label: str, text: str) -> list[tuple[str, str]]:
    """``text`` under its label, as the asides of a card; none where there is no text."""
    return [(label, text)] if text else []


def card_steps(steps: Any, *, running: bool = True) -> list[CardStep]:
    """``steps`` with who takes them, and from which minute until which.

    Without ``running``, how long each takes: they lie weeks apart.
    """
    rows = []
    for each in timed(steps):
        step = each.step
        minutes = step.get("minutes") or 0
        times = {"from": each.since, "until": each.until}
        when = (
            _("Minutes %(from)d–%(until)d") % times
            if running
            else minutes_in_words(minutes, minutes)
        )
        note = [when if minutes else "", step.get("who")]
        text = step.get("instruction") or ""
        rows.append(
            CardStep(
                title=step.get("title") or "",
                note=" · ".join(part for part in note if part),
                text=text,
                short=first_sentence(text),
                prompt=step.get("prompt") or "",
            )
        )
    return rows


def technique_set(request: HttpRequest, framework: str) -> tuple[str, list[Card]]:
    """A title, and a card for every technique of ``framework`` (all without one) that one may see.

    Drafts are left out, whoever asks. The queries do not grow with the techniques.
    """
    model = apps.get_model("km_pages", "TechniquePage")
    rows = visible_to(model.objects.live(), reader_for(request))
    title = _("All techniques: cards to print")
    if framework:
        rows = rows.filter(framework_entries__framework__slug=framework).distinct()
    rows = rows.select_related("primary_phase").prefetch_related("formats")
    rows = rows.order_by(F("primary_phase__sort_order").asc(nulls_last=True), "title")
    return title, [technique_card(each, request) for each in rows]


def card_answer(title: str, cards: list[Card], request: HttpRequest) -> HttpResponse:
    """``cards`` as a PDF to look at or keep; ``?size=a6`` makes postcards of them."""
    postcards = request.GET.get("size") == "a6"
    response = HttpResponse(
        cards_pdf(title, cards, postcards=postcards), content_type="application/pdf"
    )
    name = slugify(f"{title} a6" if postcards else title)[:80] or "card"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response
