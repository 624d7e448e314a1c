"""What a page says about itself to programmes: cards of messengers, search engines.

Worked out from what stands on the page, so that there is no second text that could differ.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from km_pages.models import SiteSettings, TechniquePage
from km_pages.theme import organisation_of

LONGEST_DESCRIPTION = 200
PICTURE = "km_pages/img/card.png"
# What could end a script element or a comment, as JSON writes it.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True, slots=True)
class SocialCard:
    """What a messenger shows beside a link to a page; all addresses are full ones."""

    title: str
    description: str
    url: str
    picture: str
    organisation: str


def address_of(page: Any, request: HttpRequest) -> str:
    """The full address of ``page`` on the host that was asked, without a query."""
    return request.build_absolute_uri(page.get_url(request) or request.path)


def description_of(page: Any) -> str:
    """The page in at most 200 letters: what its editor wrote for this, else its own first words."""
    names = ("search_description", "strapline", "summary", "sentence", "introduction")
    text = next((getattr(page, name, "") for name in names if getattr(page, name, "")), "")
    words = " ".join(strip_tags(str(text)).split())
    return Truncator(words).chars(LONGEST_DESCRIPTION)


def social_card(page: Any, request: HttpRequest) -> SocialCard:
    """The card of ``page``: the organisation's logo is its picture, where there is one."""
    organisation = organisation_of(request)
    return SocialCard(
        title=page.seo_title or page.title,
        description=description_of(page),
        url=address_of(page, request),
        picture=request.build_absolute_uri(_picture(organisation)),
        organisation=organisation.organisation_name,
    )


def _picture(organisation: SiteSettings) -> str:
    if organisation.logo_id and organisation.logo:
        return str(organisation.logo.get_rendition("max-1200x630").url)
    return static(PICTURE)


def how_to(page: TechniquePage, chosen: Any, request: HttpRequest) -> dict[str, Any]:
    """A technique in the words of schema.org, in the format ``chosen``, if it has one."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "HowTo",
        "name": page.title,
        "description": description_of(page),
        "url": address_of(page, request),
        "inLanguage": _language(page),
        "publisher": {
            "@type": "Organization",
            "name": organisation_of(request).organisation_name,
        },
        "tool": [{"@type": "HowToTool", "name": each.value} for each in page.materials],
        "step": _steps(chosen) if chosen else [],
    }
    if chosen and chosen.total_minutes and (chosen.minutes_min or not chosen.ongoing):
        facts["totalTime"] = f"PT{chosen.total_minutes}M"
    if page.last_reviewed:
        facts["dateModified"] = page.last_reviewed.isoformat()
    return {name: value for name, value in facts.items() if value}


def _language(page: Any) -> str:
    """The language of ``page``; a site in one language is not asked for it."""
    if page.locale_id and getattr(settings, "WAGTAIL_I18N_ENABLED", False):
        return str(page.locale.language_code)
    return str(settings.LANGUAGE_CODE)


def _steps(chosen: Any) -> list[dict[str, Any]]:
    return [
        {
            "@type": "HowToStep",
            "position": number,
            "name": block.value.get("title") or "",
            "text": block.value.get("instruction") or block.value.get("title") or "",
        }
        for number, block in enumerate(chosen.steps, start=1)
    ]


def as_json(facts: dict[str, Any]) -> SafeString:
    """``facts`` as JSON that nothing typed can break out of (case 20)."""
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(ESCAPES))  # noqa: S308
