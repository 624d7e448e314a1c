"""What is answered when something fails: in words, with everything that was typed at hand."""

from __future__ import annotations

import sys

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from km_pages.incoming import IncomingUploadHandler

WAIT_SECONDS = 30
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
# Faults of the program under the same name as a database that is away; waiting mends none.
NOT_AWAY = ("no such table", "no such column", "syntax error", "has no column", "too many")
MOST_FIELDS = 500
MOST_CHARACTERS = 1_000_000


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database is away, locked or full; 500 for a fault of the program."""
    fault = sys.exc_info()[1]
    if not is_away(fault):
        return defaults.server_error(request)
    if "application/json" in request.headers.get("Accept", ""):
        words = _("We are busy for a moment, and this was not saved. Try it again in a minute.")
        response: HttpResponse = JsonResponse({"error": words, "code": "busy"}, status=503)
    else:
        typed = typed_in(request)
        context = {"typed": typed, "action": request.get_full_path(), "posted": _posted(request)}
        # Without the request: what the shell puts around a page asks the database.
        response = HttpResponse(render_to_string("503.html", context), status=503)
    response.headers["Retry-After"] = str(WAIT_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    return response


def is_away(fault: BaseException | None) -> bool:
    """Whether the database did not answer, or could not write: a matter of waiting."""
    if isinstance(fault, InterfaceError):
        return True
    return isinstance(fault, OperationalError) and not any(
        each in str(fault).lower() for each in NOT_AWAY
    )


def _posted(request: HttpRequest) -> bool:
    return request.method not in ("GET", "HEAD", "OPTIONS")


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of the form that could not be taken, so that it can be sent again as it was.

    Empty where there are none, or where a password is among them. The token of the form is one of
    them and no new one is made: what was forged is refused the second time as well.
    """
    if request.method != "POST":
        return []
    try:
        if not hasattr(request, "_files"):
            # The files themselves cannot be sent again by a page, and are thrown away.
            request.upload_handlers = [IncomingUploadHandler(request, most=0)]
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
    except (OSError, SuspiciousOperation, MultiPartParserError):
        return []
    if any("password" in name for name, _value in fields) or len(fields) > MOST_FIELDS:
        return []
    if sum(len(value) for _name, value in fields) > MOST_CHARACTERS:
        return []
    return fields


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 for what cannot be understood; 413 for more at once than a form may hold."""
    if not isinstance(exception, TOO_MUCH):
        return defaults.bad_request(request, exception or SuspiciousOperation())
    response = HttpResponse(render_to_string("413.html"), status=413)
    response.headers["Cache-Control"] = "no-store"
    return response
