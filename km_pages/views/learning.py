"""What the search learns from its use: clicks, and what is missing. And how browsers add it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from km_pages.actions.errors import ActionError
from km_pages.actions.tell_gap import TellGap
from km_pages.forms.search import LONGEST_QUERY
from km_pages.numbers import whole
from km_pages.outlets.counting import who_asks
from km_pages.outlets.search_log import record_click

DAY = 24 * 60 * 60
MOST_DIGITS = 4


@csrf_exempt
@require_POST
def opened(request: HttpRequest) -> HttpResponse:
    """Count that a result was opened; tells nothing, whatever is sent.

    The browser sends it while it leaves the page, so it comes without a CSRF token: what it may
    count is signed, and nothing else is done.
    """
    rank = whole(request.POST.get("rank"), MOST_DIGITS)
    if rank is not None:
        record_click(request.POST.get("token", ""), rank)
    return HttpResponse(status=204)


@require_POST
def missing(request: HttpRequest) -> HttpResponse:
    """Tell the knowledge team that something is missing; goes back to the search."""
    query = " ".join(request.POST.get("q", "").replace("\x00", " ").split())[:LONGEST_QUERY]
    try:
        new = TellGap(who=who_asks(request), query=query).execute()
    except ActionError as problem:
        messages.warning(request, str(problem))
    else:
        words = _("Thank you. The knowledge team has your words, and not your name.")
        messages.success(request, words if new else _("You told us this today. Thank you."))
    address = reverse("km_pages:search")
    return redirect(f"{address}?{urlencode({'q': query})}" if query else address)


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """The OpenSearch description, by which browsers add this search. The same for everybody."""
    search = request.build_absolute_uri(reverse("km_pages:search"))
    suggest = request.build_absolute_uri(reverse("km_pages:suggest"))
    own = request.build_absolute_uri(request.path)
    response = render(
        request,
        "km_pages/opensearch.xml",
        {"search_address": search, "suggest_address": suggest, "own_address": own},
        content_type="application/opensearchdescription+xml",
    )
    response.headers["Cache-Control"] = f"public, max-age={DAY}"
    return response
