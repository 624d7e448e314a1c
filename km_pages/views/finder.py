"""The finder: a few questions, at most three answers, and everything in the address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from km_pages.listings.finder import finder_context


@require_safe
def finder(request: HttpRequest) -> HttpResponse:
    """Which techniques fit. Answers 200 to whatever is in the address."""
    return render(request, "km_pages/finder.html", finder_context(request))
