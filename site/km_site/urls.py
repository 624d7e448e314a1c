"""Addresses of the site: the admin, accounts, what km_pages offers, and the pages themselves."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from km_pages.serving import serve_page
from km_site.media import media


def health(_request: HttpRequest) -> HttpResponse:
    """Say that the web process answers; asks no database."""
    return HttpResponse("ok", content_type="text/plain")


handler400 = "km_site.errors.bad_request"
handler500 = "km_site.errors.server_error"

urlpatterns = [
    path("-/health/", health, name="health"),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("account/", include("km_site.account_urls")),
    path("", include("km_pages.urls")),
    path("handovers/", include("km_toolkit.urls")),
    path("learning/record/", include("km_toolkit.record_urls")),
    path("learning/", include("km_toolkit.learning_urls")),
    path(f"{settings.MEDIA_URL.lstrip('/')}<path:path>", media, name="media"),
    re_path(wagtail_urls.serve_pattern, serve_page, name="wagtail_serve"),
    path("", include(wagtail_urls)),
]
