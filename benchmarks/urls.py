"""The site's addresses, and two to compare with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from km_site.urls import urlpatterns as site_patterns


def bare(_request: HttpRequest) -> HttpResponse:
    """What Django and the site's middleware cost."""
    return HttpResponse("ok", content_type="text/plain")


def empty(request: HttpRequest) -> HttpResponse:
    """A page with nothing in it: what the shell around every page costs."""
    return render(request, "benchmarks/empty.html")


urlpatterns = [
    path("-/bare/", bare),
    path("-/empty/", empty),
    *site_patterns,
]
