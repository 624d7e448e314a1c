"""The page that gives back what was typed when the sign-in had ended."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from km_pages.typed import typed_by


@require_safe
@login_required
def typed(request: HttpRequest) -> HttpResponse:
    """Show the text and one button that sends it where it was going; looking sends nothing."""
    kept = typed_by(request)
    if kept is None:
        return redirect("km_pages:my_page")
    return render(request, "km_pages/typed.html", {"typed": kept})
