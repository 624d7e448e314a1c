"""Suggestions for the search boxes, as JSON for the script that shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from wagtail.models import Site

from km_pages.forms.search import SearchParams
from km_pages.suggestions import Suggested, suggest
from km_pages.visibility import reader_for


@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    """What may be meant by ``q`` so far: text, what it is and where it leads; kept by no cache.

    With ``for=browser`` in the form that browsers read, which the OpenSearch description names.
    """
    typed = SearchParams.read(request.GET).q
    found = suggest(typed, reader=reader_for(request), site=Site.find_for_request(request))
    rows = [_row(each) for each in found]
    response = _for_browser(request, rows) if request.GET.get("for") == "browser" else _own(rows)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _own(rows: list[dict[str, Any]]) -> JsonResponse:
    """The answer for the boxes on our pages."""
    said = ngettext("%(number)s suggestion", "%(number)s suggestions", len(rows))
    words = said % {"number": len(rows)} if rows else _("No suggestions")
    return JsonResponse({"suggestions": rows, "said": words})


def _for_browser(request: HttpRequest, rows: list[dict[str, Any]]) -> JsonResponse:
    """The answer for a browser's own box: what was typed, then texts, what they are, addresses.

    See https://github.com/dewitt/opensearch, its extension for suggestions.
    """
    answer = [
        request.GET.get("q", ""),
        [each["text"] for each in rows],
        [each["about"] for each in rows],
        [request.build_absolute_uri(each["url"]) for each in rows],
    ]
    return JsonResponse(answer, safe=False, content_type="application/x-suggestions+json")


def _row(each: Suggested) -> dict[str, Any]:
    url = each.url or f"{reverse('km_pages:search')}?{urlencode({each.facet: each.value})}"
    about = " · ".join(filter(None, (each.kind_name, each.team)))
    return {"text": each.text, "about": about, "url": url}
