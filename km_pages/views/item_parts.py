"""What a knowledge item holds for other programs: its contacts and its dates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from km_pages.contacts import cards_of
from km_pages.dates import calendar_text, dated_entries, events_of
from km_pages.models import KnowledgeAssetPage
from km_pages.notifications import page_address
from km_pages.serving import refuse
from km_pages.visibility import reader_for, visible_to


@require_safe
def item_contacts(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The contacts of the item ``pk`` as vCards, for whoever may read it."""
    page = _page(request, pk)
    cards = cards_of([page.body]) if page else ""
    if page is None or not cards:
        return refuse(request)
    return _given(cards, "text/vcard", f"{_stem(page)}.vcf")


@require_safe
def item_dates(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The dates of the item ``pk`` as a calendar, for whoever may read it."""
    page = _page(request, pk)
    entries = dated_entries([page.body]) if page else []
    if page is None or not entries:
        return refuse(request)
    events = events_of(entries, f"item-{page.identifier}", page_address(page))
    return _given(calendar_text(page.title, events), "text/calendar", f"{_stem(page)}.ics")


def _page(request: HttpRequest, pk: int) -> KnowledgeAssetPage | None:
    live = KnowledgeAssetPage.objects.live().filter(pk=pk)
    found: KnowledgeAssetPage | None = visible_to(live, reader_for(request)).first()
    return found


def _stem(page: KnowledgeAssetPage) -> str:
    return slugify(page.title)[:60] or "item"


def _given(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
