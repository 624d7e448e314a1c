"""The menu of modules on paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from km_toolkit.menu_paper import menu_as_pdf


@require_safe
def menu_pdf(request: HttpRequest) -> HttpResponse:
    """The menu as a tagged PDF; for those signed in with their name and their own ticks."""
    title, content = menu_as_pdf(request)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{slugify(title)}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response
