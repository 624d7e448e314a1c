"""The poster for the staff room: what is asked, until when, and a QR code that leads there."""

from __future__ import annotations

import io
from pathlib import Path

import segno
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.notifications import site_address
from km_pages.paper import as_pdf
from km_toolkit.models import Handover

TEMPLATE = Path(__file__).parent / "paper" / "poster.typ"


def poster_pdf(handover: Handover) -> bytes:
    """A page of A4 that leads to the question page. Whoever follows it has to sign in first."""
    address = site_address(reverse("km_toolkit:ask", args=[handover.pk]))
    picture = io.BytesIO()
    segno.make(address, error="q", micro=False).save(picture, kind="svg", scale=6, border=1)
    who = {"who": handover.leaver_name, "post": handover.post.title}
    if handover.holder_away:
        about = _("The post “%(post)s” is handed over.") % who
    else:
        about = _("%(who)s hands over the post “%(post)s”.") % who
    return as_pdf(
        TEMPLATE,
        {
            "title": _("What would you like to know?"),
            "about": about,
            "until": _until(handover),
            "steps": [
                _("Point the camera of your phone at the square, or type the address."),
                _("Sign in as you always do."),
                _("Ask. With your name, or without it. It takes two minutes."),
            ],
            "address": address,
            "qr": picture.getvalue().decode(),
            "qr_words": _("QR code of the address below"),
            "team": str(handover.post.team),
            "foot": _("For the staff room. No account? Ask the knowledge team for a link."),
        },
    )


def _until(handover: Handover) -> str:
    day = handover.questions_until or handover.last_day
    return _("Until %(day)s") % {"day": date_format(day, "j F Y")}
