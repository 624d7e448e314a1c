"""Listings of the admin that read what their columns name in one query with the rows."""

from __future__ import annotations

from typing import Any

from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.pages.listing import IndexView as PagesView


class PostRows(IndexView):
    """Posts with their team and people."""

    def get_base_queryset(self) -> Any:
        """As Wagtail's, joined."""
        return super().get_base_queryset().select_related("team", "holder", "line_manager")


class OfferRows(IndexView):
    """Offers to be asked, with the person."""

    def get_base_queryset(self) -> Any:
        """As Wagtail's, joined."""
        return super().get_base_queryset().select_related("person")


class TechniqueRows(PagesView):
    """Techniques with their main phase."""

    def get_base_queryset(self) -> Any:
        """As Wagtail's; fetched beside, because Wagtail reads the rows as their own types."""
        return super().get_base_queryset().prefetch_related("primary_phase")
