"""One click: this item is still right."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_pages.actions.errors import ActionError
from km_pages.actions.still_right import StillRight, may_check
from km_pages.models import KnowledgeAssetPage
from km_pages.visibility import may_see, reader_for


@login_required
@require_POST
def still_right(request: HttpRequest, pk: int) -> HttpResponse:
    """Say so, and go back to the item. 404 for everybody whose word does not count."""
    page = KnowledgeAssetPage.objects.filter(pk=pk).first()
    if page is None or not may_see(page, reader_for(request)) or not may_check(page, request.user):
        raise Http404
    try:
        due = StillRight(page=page, by=request.user).execute()
    except ActionError as problem:
        messages.warning(request, str(problem))
    else:
        day = date_format(due)
        messages.success(request, _("Thank you. You are asked again by %(day)s.") % {"day": day})
    return redirect(page.get_url(request) or "km_pages:my_page")
