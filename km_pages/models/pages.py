"""The home page and ordinary pages."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from km_pages.blocks.page import DoorBlock, PageBodyBlock
from km_pages.listings.cards import newest_for
from km_pages.models.own import OwnPage
from km_pages.routing import straight_route


class HomePage(OwnPage):
    """The front door: find a technique, search what we know, leaving a role."""

    km_kind = "page"

    sentence = models.CharField(
        _("your organisation's sentence"),
        max_length=255,
        blank=True,
        help_text=_("One line under the heading: why people here share what they know."),
    )
    doors = StreamField(
        [("door", DoorBlock())],
        blank=True,
        verbose_name=_("your own words on the three cards"),
        help_text=_("A card that is not here keeps the words it came with."),
    )
    new_heading = models.CharField(
        _("heading above what is new"),
        max_length=120,
        blank=True,
        help_text=_("Leave it empty for: New in what you can see."),
    )
    body = StreamField(PageBodyBlock(), blank=True, verbose_name=_("more text"))

    search_fields = [*Page.search_fields, index.SearchField("sentence"), index.SearchField("body")]
    content_panels = [
        *Page.content_panels,
        FieldPanel("sentence"),
        FieldPanel("doors"),
        FieldPanel("new_heading"),
        FieldPanel("body"),
    ]

    # Below any page of a site, but for ours.
    parent_page_types = None
    template = "km_pages/home_page.html"

    class Meta:
        verbose_name = _("home page")

    @classmethod
    def clean_parent_page_models(cls) -> list[type[Page]]:
        """The page types of the site: knowledge has one front door wherever it stands."""
        return [
            each for each in super().clean_parent_page_models() if not issubclass(each, OwnPage)
        ]

    def route(self, request: Any, path_components: list[str]) -> RouteResult:
        """Route as Wagtail does, but read the whole way at once."""
        found = straight_route(self, request, path_components)
        return found or super().route(request, path_components)

    def get_context(self, request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add ``newest``: what is new that this reader may see."""
        context = super().get_context(request, *args, **kwargs)
        context["newest"] = newest_for(request)
        return context


class StandardPage(OwnPage):
    """A page of text: about, accessibility, privacy, what knowledge mobilisation is."""

    km_kind = "page"

    introduction = models.TextField(_("introduction"), blank=True)
    body = StreamField(PageBodyBlock(), blank=True, verbose_name=_("text"))
    last_reviewed = models.DateField(_("last checked on"), null=True, blank=True)

    search_fields = [
        *Page.search_fields,
        index.SearchField("introduction"),
        index.SearchField("body"),
    ]
    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("last_reviewed")], heading=_("Checking")),
    ]

    parent_page_types = ["km_pages.HomePage", "km_pages.StandardPage"]
    subpage_types = ["km_pages.StandardPage"]
    template = "km_pages/standard_page.html"

    class Meta:
        verbose_name = _("page of text")
        verbose_name_plural = _("pages of text")
