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
    """What may be meant by ``q`` so far: text, what it is and where it leads; kept by no cache."""
    typed = SearchParams.read(request.GET).q
    found = suggest(typed, reader=reader_for(request), site=Site.find_for_request(request))
    said = ngettext("%(number)s suggestion", "%(number)s suggestions", len(found))
    answer = {
        "suggestions": [_row(each) for each in found],
        "said": said % {"number": len(found)} if found else _("No suggestions"),
    }
    response = JsonResponse(answer)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _row(each: Suggested) -> dict[str, Any]:
    url = each.url or f"{reverse('km_pages:search')}?{urlencode({each.facet: each.value})}"
    about = " · ".join(filter(None, (each.kind_name, each.team)))
    return {"text": each.text, "about": about, "url": url}
