"""Deleting an entry of the lists that editors keep, which waits until no page uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property
from wagtail.admin.views.generic import DeleteView
from wagtail.models import Page

from km_pages.admin.policy import seen_in_admin
from km_pages.dependants import drafts_naming, pages_naming

MOST_NAMED = 20


@dataclass(frozen=True)
class Uses:
    """The pages that name an entry: ``shown`` to the reader, and how many there are ``besides``."""

    shown: list[Page]
    besides: int

    def __bool__(self) -> bool:
        return bool(self.shown or self.besides)


class EntryDeleteView(DeleteView):
    """Asks before an entry is deleted; refuses while a page, or a draft, still names it.

    Deleting it all the same would take it off those pages without a trace.
    """

    template_name = "km_pages/admin/delete_entry.html"

    @cached_property
    def uses(self) -> Uses:
        """The pages that name the entry."""
        keys = pages_naming(self.object) | drafts_naming(self.object)
        pages = seen_in_admin(Page.objects.filter(pk__in=keys), self.request.user)
        shown = list(pages.order_by("title")[:MOST_NAMED])
        return Uses(shown, len(keys) - len(shown))

    def form_valid(self, form: Any) -> HttpResponse:
        """Delete it, or show again what has to be changed first."""
        if self.uses or (self.usage and self.usage.is_protected):
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say that nothing is deleted while the entry is used."""
        context = super().get_context_data(**kwargs)
        if self.uses:
            context["is_protected"] = True
        return context
