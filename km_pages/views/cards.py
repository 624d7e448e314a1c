"""Cards to print of many techniques at once."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from km_pages.listings.paper_cards import card_answer, technique_set


@require_safe
def technique_cards(request: HttpRequest) -> HttpResponse:
    """The cards of a framework (``?framework=``), or of all techniques, as one PDF."""
    title, cards = technique_set(request, request.GET.get("framework", "").replace("\x00", ""))
    if not cards:
        raise Http404
    return card_answer(title, cards, request)
