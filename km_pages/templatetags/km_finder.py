"""The questions of the finder on other pages."""

from __future__ import annotations

from typing import Any

from django import template

from km_pages.listings.finder import FinderForm

register = template.Library()


@register.inclusion_tag("km_pages/components/finder_form.html")
def finder_questions() -> dict[str, Any]:
    """The empty form of the finder; its answer opens on the finder's own page."""
    return {"form": FinderForm(auto_id="finder-%s")}
