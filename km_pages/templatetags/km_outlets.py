"""Tags that put an outlet of the search into a page, for the reader who asks for the page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _
from wagtail.models import Site

from km_pages.forms.following import RhythmForm
from km_pages.forms.search import SearchParams
from km_pages.listings.parts import Part
from km_pages.models import Offer, SavedSearch
from km_pages.navigation import ways_on as ways_on_from
from km_pages.outlets.collected import collected
from km_pages.outlets.following import search_path
from km_pages.outlets.related import related_to
from km_pages.outlets.who_knows import who_knows
from km_pages.views.search import facets_of, results_of
from km_pages.visibility import reader_for

register = template.Library()


@register.inclusion_tag("km_pages/outlets/related.html", takes_context=True)
def more_like_this(context: template.Context, page: Any) -> dict[str, Any]:
    """Pages like ``page``, besides those that stand on it as ``related`` already."""
    request = context.get("request")
    if request is None:
        return {"hits": ()}
    named = context.get("related") or ()
    shown = [each.pk for _relation, pages in named for each in pages]
    site = Site.find_for_request(request)
    return {"hits": related_to(page, reader=reader_for(request), site=site, without=shown)}


@register.inclusion_tag("km_pages/outlets/people.html", takes_context=True)
def people_to_ask(
    context: template.Context,
    *,
    topics: Any = (),
    technique: Any = None,
    contact: str = "",
    level: int = 2,
) -> dict[str, Any]:
    """Who may be asked about ``topics`` (entries of the list) or about a ``technique``.

    ``contact`` is whom its editors name, and stands first.
    """
    request = context.get("request")
    if request is None:
        return {"people": [], "contact": contact}
    slugs = [each.slug for each in topics or ()]
    found = who_knows(
        reader_for(request), topics=slugs, technique=technique.pk if technique else None
    )
    return {
        "people": found,
        "contact": contact,
        "level": level,
        "subjects_shown": not technique,
        "heading": _("Who can help") if technique else _("People who know"),
    }


@register.inclusion_tag("km_pages/outlets/collected.html", takes_context=True)
def collection(context: template.Context, page: Any) -> dict[str, Any]:
    """What the collection ``page`` lists for the reader, also in a preview."""
    request = context["request"]
    params = SearchParams.read(request.GET)
    narrowed = params.filters if page.can_be_narrowed else {}
    found = collected(
        page,
        reader=reader_for(request),
        site=Site.find_for_request(request),
        number=params.page,
        chosen=narrowed,
    )
    shown = SearchParams(filters=narrowed, more=params.more)
    return {
        "request": request,
        "page": page,
        "found": found,
        "results": results_of(found),
        "part": Part(found.page, found.pages),
        **facets_of(found, shown),
    }


@register.inclusion_tag("km_pages/outlets/my_searches.html", takes_context=True)
def my_searches(context: template.Context) -> dict[str, Any]:
    """The searches that the reader follows, with a form each. One query."""
    request = context["request"]
    rows = SavedSearch.objects.filter(person=request.user).defer("seen")
    searches = [(each, search_path(each), _rhythm_form(each)) for each in rows]
    return {"searches": searches, "csrf_token": context.get("csrf_token")}


def _rhythm_form(search: SavedSearch) -> RhythmForm:
    # Several of these forms stand on one page: each field needs an id of its own.
    return RhythmForm(initial={"rhythm": search.rhythm}, auto_id=f"following-{search.pk}-%s")


@register.inclusion_tag("km_pages/outlets/my_offer.html", takes_context=True)
def my_offer(context: template.Context) -> dict[str, Any]:
    """What the reader may be asked about. Three queries."""
    request = context["request"]
    rows = Offer.objects.filter(person=request.user).prefetch_related("topics", "techniques")
    offer = rows.first()
    subjects = []
    if offer:
        subjects = [each.name for each in offer.topics.all()]
        subjects += [each.title for each in offer.techniques.all()]
        subjects += [offer.words] if offer.words else []
    stands = offer is not None and Offer.objects.standing().filter(pk=offer.pk).exists()
    return {"offer": offer, "subjects": subjects, "stands": stands}


@register.inclusion_tag("km_pages/outlets/ways_on.html", takes_context=True)
def ways_on(context: template.Context, page: Any) -> dict[str, Any]:
    """What a signed-in reader can do who has used ``page``."""
    request = context.get("request")
    return {"ways": ways_on_from(page, request) if request is not None else []}
