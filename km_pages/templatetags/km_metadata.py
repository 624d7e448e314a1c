"""Tags for the head of a page: what it says about itself to programmes."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from km_pages import metadata
from km_pages.models import TechniquePage
from km_pages.templatetags.km_keep import lists
from km_pages.theme import organisation_of

register = template.Library()


@register.simple_tag(takes_context=True)
def page_metadata(context: template.Context) -> SafeString:
    """Canonical address and card of the page that is shown; nothing where there is none."""
    page, request = context.get("page"), context.get("request")
    if request is None or not getattr(page, "pk", None):
        return SafeString()
    card = metadata.social_card(page, request)
    return render_to_string("km_pages/components/metadata.html", {"card": card})


@register.simple_tag(takes_context=True)
def how_to_json(context: template.Context) -> SafeString:
    """The technique that is shown, as JSON-LD."""
    page, request = context.get("page"), context.get("request")
    if request is None or not isinstance(page, TechniquePage) or not page.pk:
        return SafeString("{}")
    kept, organisation = context["kept"], organisation_of(request).organisation_name
    key = kept.key_of("how to", organisation, request.build_absolute_uri("/"))
    found = lists.get(key) if key else None
    if found is None:
        chosen = kept.filled["chosen"]
        found = metadata.as_json(metadata.how_to(page, chosen, request))
        if key:
            lists.put(key, found)
    return SafeString(found)
