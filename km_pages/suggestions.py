"""What somebody may mean who is still typing, among what they may see."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wagtail.models import Page, Site

from km_pages.finding import scope_of
from km_pages.naming import FACET_NAMES, kind_name
from km_pages.outbox import pending
from km_pages.search import EngineUnavailable, get_engine
from km_pages.search.requests import Suggestion
from km_pages.visibility import Reader, as_reader, visible_to

if TYPE_CHECKING:
    from km_pages.visibility import AnyUser

logger = logging.getLogger(__name__)

MOST = 8
# One more than is shown of each, as the database may refuse some.
SPARE = 4


@dataclass(frozen=True, slots=True)
class Suggested:
    """One suggestion. ``kind_name`` and ``team`` say what it is and whose; ``url`` is its page.

    For a value of a facet, ``facet`` and ``value`` are given and there is no ``url``.
    """

    text: str
    kind_name: str
    team: str = ""
    url: str = ""
    facet: str = ""
    value: str = ""


def suggest(
    text: str, *, reader: Reader | AnyUser | None, site: Site | None = None, limit: int = MOST
) -> tuple[Suggested, ...]:
    """Titles, names of teams and tags that have the words of ``text``, the last one in part.

    None when the search is out of order. Queries: those of the reader (at most six) and two.
    """
    known = as_reader(reader)
    waiting = pending()
    if waiting.too_many or not text.strip():
        return ()
    scope = scope_of(known, waiting=waiting, site=site)
    try:
        found = get_engine().suggest(text, scope=scope, limit=limit + SPARE)
    except EngineUnavailable as fault:
        logger.error("The search cannot suggest: %s", fault)
        return ()
    return tuple(_suggested(each) for each in _still_visible(found, known))[:limit]


def _still_visible(found: list[Suggestion], reader: Reader) -> list[Suggestion]:
    """Those that the database lets the reader see at this moment. One query."""
    ids = [each.page_id for each in found if each.page_id]
    if not ids:
        return found
    pages = visible_to(Page.objects.filter(pk__in=ids), reader)
    seen = set(pages.order_by().values_list("pk", flat=True))
    return [each for each in found if not each.page_id or each.page_id in seen]


def _suggested(each: Suggestion) -> Suggested:
    if each.facet:
        return Suggested(each.text, str(FACET_NAMES[each.facet]), facet=each.facet, value=each.text)
    team = each.team if each.team != each.text else ""
    return Suggested(each.text, kind_name(each.kind), team=team, url=each.url)
