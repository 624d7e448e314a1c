"""``/km/theme.css``: the organisation's colours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from km_pages.theme import organisation_of, stylesheet, version_of

YEAR = 365 * 24 * 60 * 60
FIVE_MINUTES = 5 * 60


@require_safe
def theme(request: HttpRequest) -> HttpResponse:
    """The stylesheet of this site's organisation, the same for every reader.

    Kept for a year where the address names the current version, else for five minutes. Answers
    304 to a matching ``If-None-Match``.
    """
    css = stylesheet(organisation_of(request))
    version = version_of(css)
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    response.headers["ETag"] = f'"{version}"'
    if request.GET.get("v") == version:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = f"public, max-age={FIVE_MINUTES}"
    answer = get_conditional_response(request, response.headers["ETag"], response=response)
    return answer or response
