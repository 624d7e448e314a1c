"""What the pages to fill in answer: the form, a Word file, or text for the repository.

Stands below the models, which call it from their routes.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.text import slugify
from wagtail.models import Site

from km_toolkit.documents import DOCX, activity_document, workbook_document
from km_toolkit.worksheets import ROWS, worksheet

WORKBOOK_ROWS = 5
ROWS_IN_FILE = 8


def fill_in_answer(page: Any, request: HttpRequest, *, as_file: bool = False) -> HttpResponse:
    """The page to fill in of an activity.

    By GET empty; by POST with what was typed: ``do`` is ``docx`` for a file, ``keep`` for the text
    on its way to the repository, and anything else shows the form again, such as ``more-f2`` with
    more rows in the third field. Nothing is stored.
    """
    if not page.fill_in:
        raise Http404
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    typed = request.POST if request.method == "POST" else {}
    sheet = worksheet(page.fill_in, typed, rows=ROWS_IN_FILE if as_file else ROWS)
    wanted = typed.get("do", "")
    if as_file or wanted == "docx":
        return _file(page, activity_document(page, sheet, **_origin(page, request)))
    context = {"page": page, "sheet": sheet, "activity_url": page.get_url(request)}
    if wanted == "keep" and sheet.is_filled and request.user.is_authenticated:
        context |= {"text": sheet.as_text(), "key": uuid.uuid4()}
        return render(request, "km_toolkit/fill_in_keep.html", context)
    context["nothing_typed"] = wanted == "keep" and not sheet.is_filled
    return render(request, "km_toolkit/fill_in.html", context)


def workbook_answer(page: Any, request: HttpRequest, *, as_file: bool = False) -> HttpResponse:
    """The six steps of the toolkit with room to write, to print or as a Word file."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    steps = list(page.steps.all())
    if not steps:
        raise Http404
    rows = [
        (step, worksheet(step.fill_in, {}, prefix=f"s{number}-", rows=WORKBOOK_ROWS))
        for number, step in enumerate(steps)
    ]
    if as_file:
        return _file(page, workbook_document(page, rows, **_origin(page, request)))
    context = {"page": page, "rows": rows, "toolkit_url": page.get_url(request)}
    return render(request, "km_toolkit/workbook.html", context)


def _origin(page: Any, request: HttpRequest) -> dict[str, str]:
    """Where a file comes from: the page's full address and the organisation's name."""
    address = request.build_absolute_uri(page.get_url(request) or "/")
    settings = apps.get_model("km_pages", "SiteSettings")
    found = settings.for_request(request) if Site.find_for_request(request) else settings()
    return {"address": address, "organisation": found.organisation_name}


def _file(page: Any, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=DOCX)
    name = slugify(page.title) or "page"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
