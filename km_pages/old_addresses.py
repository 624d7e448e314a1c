"""From the old address of a page that was moved or renamed to where it stands now.

Wagtail writes down the old address and leads everybody on from it. That tells whoever knows an old
link of a private page that it still exists, and in words what it and the pages above it are called
now; and whoever is asked to sign in first is not led on at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

from django.apps import apps
from django.core.exceptions import MiddlewareNotUsed
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.utils.module_loading import import_string

from km_pages.serving import was_refused
from km_pages.visibility import may_see, reader_for

Handler = Callable[[HttpRequest], HttpResponse]


def lead_on(get_response: Handler) -> Handler:
    """Lead from an old address to its page where the reader may see that page, else nowhere.

    Middleware in the place of Wagtail's own. What editors lead to another address, not to a page,
    is open to all as before. Costs nothing where there is an answer already.
    """
    if not apps.is_installed("wagtail.contrib.redirects"):
        raise MiddlewareNotUsed
    look_up = import_string("wagtail.contrib.redirects.middleware.get_redirect")
    normal = apps.get_model("wagtailredirects", "Redirect").normalise_path

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 404 and not was_refused(response):
            return response
        path = normal(request.get_full_path(), decode_unicode=False)
        old = look_up(request, path) or look_up(request, urlparse(path).path)
        if old is None or not _may_be_told(old, request) or not old.link:
            return response
        lead = HttpResponsePermanentRedirect if old.is_permanent else HttpResponseRedirect
        return lead(old.link)

    return handle


def _may_be_told(old: Any, request: HttpRequest) -> bool:
    page = old.redirect_page
    return page is None or may_see(page, reader_for(request))
