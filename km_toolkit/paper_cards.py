"""Activities as cards to print."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from km_pages.listings.paper_cards import aside, card_answer, card_steps, where
from km_pages.paper.cards import Card
from km_pages.visibility import reader_for, visible_to
from km_toolkit.listings import facts

ON_CARD = 3


def activity_card(page: Any, request: HttpRequest) -> Card:
    """The card of the activity ``page``: its steps, or the short version where it has no others."""
    return Card(
        title=page.title,
        kind=_("When somebody leaves"),
        strapline=page.strapline,
        facts=[(str(each.label), str(each.value)) for each in facts(page)[:ON_CARD] if each.value],
        steps=card_steps(page.steps or page.quick_steps),
        questions=[str(each.value) for each in page.questions],
        open=page.consent_wording,
        open_label=_("To ask for a yes, say"),
        avoid=[str(each.value) for each in page.what_not_to_record],
        asides=aside(_("Who checks it"), page.who_checks),
        credit=page.source_credit,
        **where(page, request),
    )


def activity_answer(page: Any, request: HttpRequest) -> HttpResponse:
    """The card of one activity as a PDF."""
    return card_answer(page.title, [activity_card(page, request)], request)


def toolbox_answer(toolkit: Any, request: HttpRequest) -> HttpResponse:
    """The cards of all published activities of ``toolkit`` that one may see, as one PDF."""
    model = apps.get_model("km_toolkit", "ActivityPage")
    rows = visible_to(model.objects.live().child_of(toolkit), reader_for(request)).order_by("title")
    cards = [activity_card(each, request) for each in rows]
    if not cards:
        raise Http404
    return card_answer(_("All activities: cards to print"), cards, request)
