"""Atom feeds of pages: one building block, asked through the one rule of who may see what.

A feed of one's own is a subclass of :class:`PageFeed` that says its title, where its pages stand,
and which pages it is about; see :class:`TechniqueFeed`. The rule, the lasting ids, text that every
XML reader takes, and the answer "nothing new" to a reader that asks again come from here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.syndication.views import Feed
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Site

from km_pages.finding import find
from km_pages.forms.search import SearchParams
from km_pages.outlets.collected import collected
from km_pages.theme import organisation_of
from km_pages.visibility import Reader, as_reader, order_by_ids, visible_to
from km_pages.xml_text import plain

ENTRIES = 30
TEN_MINUTES = 10 * 60
UPDATED = re.compile(rb"<updated>[^<]*</updated>")


def knowledge_items() -> QuerySet[Any]:
    """Knowledge items with what an entry tells of them, newest first."""
    items = apps.get_model("km_pages", "KnowledgeAssetPage").objects
    rows = items.select_related("output_type", "holder", "owner").defer("body")
    return rows.order_by("-first_published_at", "-pk")


class PageFeed(Feed):
    """An Atom feed of the newest pages that its reader may see, newest first.

    A subclass gives ``pages`` (all it is about, before the rule), ``feed_title`` and ``home``
    (the address of the page that lists them). ``get_object`` may return a context object that
    these three receive, as in Django's own feeds. Constant number of queries.
    """

    feed_type = Atom1Feed
    # Feeds for everybody may be kept by caches; one for named readers must say False.
    for_everybody = True

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @classmethod
    def as_view(cls) -> Callable[..., HttpResponse]:
        """The view for a URLconf; what the address names reaches ``get_object``."""

        @require_safe
        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return cls(request).answer(*args, **kwargs)

        return view

    def answer(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """The feed, or 304 where it is what the asking reader already has."""
        response = self(self.request, *args, **kwargs)
        if not self.for_everybody:
            response.headers["Cache-Control"] = "private, no-store"
            return response
        response.headers["Cache-Control"] = f"public, max-age={TEN_MINUTES}"
        # Without entries that have dates, Django says that the feed changed this very second.
        content = UPDATED.sub(b"", response.content, count=1)
        etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
        response.headers["ETag"] = etag
        return get_conditional_response(self.request, etag, response=response) or response

    def pages(self, about: Any) -> QuerySet[Any]:
        """The pages the feed is about, published or not."""
        raise NotImplementedError

    def feed_title(self, about: Any) -> str:
        """What the feed is called in a list of feeds, without the organisation's name."""
        raise NotImplementedError

    def home(self, about: Any) -> str:
        """The address of the page on which a person reads the same, beginning with ``/``."""
        return "/"

    def reader(self, request: HttpRequest) -> Reader:
        """For whom the feed is made. Feed readers have no session: a stranger, unless overridden.

        Override together with ``for_everybody = False``.
        """
        return as_reader(None)

    def title(self, obj: Any) -> str:
        """The feed's title, ending in the organisation's name."""
        organisation = organisation_of(self.request).organisation_name
        return plain(f"{self.feed_title(obj)} – {organisation}")

    def link(self, obj: Any) -> str:
        """The page that lists the same."""
        return self.home(obj)

    def feed_guid(self, obj: Any) -> str:
        """The feed's own address, which stays."""
        return self.request.build_absolute_uri(self.request.path)

    def author_name(self, obj: Any) -> str:
        """The organisation."""
        return plain(organisation_of(self.request).organisation_name)

    def items(self, obj: Any) -> list[Any]:
        """The newest pages that the reader may see."""
        newest = F("first_published_at").desc(nulls_last=True)
        rows = visible_to(self.pages(obj), self.reader(self.request)).order_by(newest, "-pk")
        return list(rows[:ENTRIES])

    def item_title(self, item: Any) -> str:
        """The page's title."""
        return plain(item.title)

    def item_description(self, item: Any) -> str:
        """Its summary or its one line. Atom takes it for HTML, so the text is escaped."""
        return escape(plain(getattr(item, "summary", "") or getattr(item, "strapline", "")))

    def item_link(self, item: Any) -> str:
        """Its full address."""
        return self.request.build_absolute_uri(item.get_url(self.request) or "/")

    def item_guid(self, item: Any) -> str:
        """An id that stays when the page is renamed or moved."""
        return f"urn:uuid:{getattr(item, 'identifier', None) or item.translation_key}"

    def item_pubdate(self, item: Any) -> Any:
        """When it was published first."""
        return item.first_published_at

    def item_updateddate(self, item: Any) -> Any:
        """When it was published last."""
        return item.last_published_at or item.first_published_at


class FoundFeed(PageFeed):
    """The newest of what a stranger finds: a subclass says in ``found_ids`` what it looks for."""

    def found_ids(self, about: Any) -> list[int]:
        """Ids of the pages, newest first, as the search gives them."""
        raise NotImplementedError

    def items(self, obj: Any) -> list[Any]:
        """These pages, asked of the database once more."""
        pages = apps.get_model("wagtailcore", "Page").objects.all()
        seen = visible_to(pages, self.reader(self.request)).specific(defer=False)
        return order_by_ids(seen, self.found_ids(obj))


class SearchFeed(FoundFeed):
    """The newest matches of a search, among what is open to all."""

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> SearchParams:
        """The search in the address; without one there is no feed."""
        params = SearchParams.read(request.GET)
        if not params.asks:
            raise Http404
        return params

    def found_ids(self, about: SearchParams) -> list[int]:
        """Only what has all the words, as in the mails about a search."""
        found = find(
            about.q,
            reader=self.reader(self.request),
            filters=about.filters,
            sort="newest",
            page_size=ENTRIES,
            site=Site.find_for_request(self.request),
            strict=True,
            facets=(),
        )
        return [each.page_id for each in found.hits]

    def feed_title(self, about: SearchParams) -> str:
        """The words that are searched."""
        return _("Search: %(words)s") % {"words": about.q} if about.q else _("Search")

    def feed_guid(self, about: SearchParams) -> str:
        """The address with the search in it."""
        search = about.but(sort="relevance", strict=False, exact=False).query_string
        return f"{self.request.build_absolute_uri(self.request.path)}{search}"

    def home(self, about: SearchParams) -> str:
        """The search page."""
        return f"{reverse('km_pages:search')}{about.but(sort='newest', strict=True).query_string}"


class CollectionFeed(FoundFeed):
    """The newest of one collection, among what is open to all."""

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The collection, if a stranger may see it."""
        pages = apps.get_model("km_pages", "CollectionPage").objects.filter(pk=kwargs["pk"])
        return visible_to(pages, self.reader(request)).get()

    def found_ids(self, about: Any) -> list[int]:
        """What the collection lists for a stranger."""
        site = Site.find_for_request(self.request)
        reader = self.reader(self.request)
        found = collected(about, reader=reader, site=site, size=ENTRIES, sort="newest", facets=())
        return [each.page_id for each in found.hits]

    def feed_title(self, about: Any) -> str:
        """The collection's title."""
        return str(about.title)

    def home(self, about: Any) -> str:
        """The collection."""
        return about.get_url(self.request) or "/"


class TeamFeed(PageFeed):
    """What one team keeps that is open to all.

    Teams without such items have no feed, and so are not told from teams that do not exist.
    """

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The team's space, if there is something open in it."""
        spaces = apps.get_model("km_pages", "TeamSpacePage").objects.select_related("team")
        space = spaces.get(team__slug=kwargs["slug"], live=True)
        if not visible_to(self.pages(space), self.reader(request)).exists():
            raise Http404
        return space

    def pages(self, about: Any) -> QuerySet[Any]:
        """All items in the space: the rule leaves the open ones."""
        return knowledge_items().filter(path__startswith=about.path)

    def feed_title(self, about: Any) -> str:
        """The team's name, which its open items show as well."""
        return _("%(team)s: open to all") % {"team": about.team.name}

    def home(self, about: Any) -> str:
        """The team's space."""
        return about.get_url(self.request) or "/"


class TechniqueFeed(PageFeed):
    """New techniques."""

    def pages(self, about: Any) -> QuerySet[Any]:
        """All techniques."""
        return apps.get_model("km_pages", "TechniquePage").objects.defer_streamfields()

    def feed_title(self, about: Any) -> str:
        """In words."""
        return _("Techniques")

    def home(self, about: Any) -> str:
        """The first list of techniques that a stranger may see."""
        lists = apps.get_model("km_pages", "TechniqueIndexPage").objects.order_by("path")
        found = visible_to(lists, self.reader(self.request)).first()
        return (found.get_url(self.request) if found else "") or "/"


class OpenItemFeed(PageFeed):
    """Knowledge items that are open to anyone."""

    def pages(self, about: Any) -> QuerySet[Any]:
        """All knowledge items: the rule leaves the open ones."""
        return knowledge_items()

    def feed_title(self, about: Any) -> str:
        """In words."""
        return _("New and open to all")

    def home(self, about: Any) -> str:
        """The first repository that a stranger may see."""
        lists = apps.get_model("km_pages", "RepositoryPage").objects.order_by("path")
        found = visible_to(lists, self.reader(self.request)).first()
        return (found.get_url(self.request) if found else "") or "/"
