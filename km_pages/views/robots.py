"""``/sitemap.xml`` and ``/robots.txt``: what robots are shown, and what they should leave."""

from __future__ import annotations

from typing import Any

from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from km_pages.visibility import as_reader, visible_to

PART = 5_000
NAME = "pages"
LEAVE = ("/admin/", "/django-admin/", "/account/", "/add/", "/my-page/", "/search/")


class OpenPages(Sitemap):
    """Every page that a stranger may see, and no other."""

    limit = PART

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def items(self) -> QuerySet[Page]:
        """The pages of this site, in the order of the tree."""
        site = Site.find_for_request(self.request)
        if site is None:
            return Page.objects.none()
        rows = Page.objects.descendant_of(site.root_page, inclusive=True).filter(alias_of=None)
        return visible_to(rows, as_reader(None)).order_by("path")

    def location(self, item: Page) -> str:
        """Its address, beginning with ``/``."""
        return item.get_url(self.request) or "/"

    def lastmod(self, item: Page) -> Any:
        """When it was published last."""
        return item.last_published_at or item.first_published_at


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The parts of the site map."""
    return views.index(
        request, {NAME: OpenPages(request)}, sitemap_url_name="km_pages:sitemap_part"
    )


@require_safe
def sitemap_part(request: HttpRequest, section: str) -> HttpResponse:
    """One part of the site map; 404 for one that does not exist."""
    return views.sitemap(request, {NAME: OpenPages(request)}, section=section)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots should leave alone, and where the site map is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in LEAVE), ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('km_pages:sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
