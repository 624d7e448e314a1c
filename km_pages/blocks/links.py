"""A page that an editor chose, of which readers see only the link."""

from __future__ import annotations

import copy
from typing import Any

from wagtail import blocks

# What a link to a page needs, and whether there may be one.
LINK_FIELDS = (
    "content_type_id",
    "depth",
    "live",
    "locale_id",
    "path",
    "slug",
    "title",
    "url_path",
)


class LinkedPageBlock(blocks.PageChooserBlock):
    """Wagtail's chooser of a page, without reading all that stands on the page."""

    def bulk_to_python(self, values: list[int | None]) -> list[Any]:
        """The pages with the keys ``values``, in order, each an object of its own. One query."""
        wanted = [each for each in values if each is not None]
        pages = self.model_class.objects.only(*LINK_FIELDS).in_bulk(wanted) if wanted else {}
        return [copy.copy(pages.get(each)) for each in values]

    def deconstruct(self) -> tuple[str, Any, Any]:
        """To the database, and so to migrations, it is Wagtail's own."""
        _name, args, kwargs = super().deconstruct()
        return "wagtail.blocks.PageChooserBlock", args, kwargs
