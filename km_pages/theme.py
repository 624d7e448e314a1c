"""An organisation's colours as a small stylesheet, because pages carry no inline style."""

from __future__ import annotations

import hashlib
import re

from django.http import HttpRequest
from wagtail.models import Site

from km_pages.models import SiteSettings

HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")
BLACK = "#000000"
WHITE = "#ffffff"


def organisation_of(request: HttpRequest) -> SiteSettings:
    """The settings of the site behind ``request``; defaults where there is no site yet."""
    if Site.find_for_request(request) is None:
        return SiteSettings()
    return SiteSettings.for_request(request)


def blend(colour: str, other: str, *, share: float) -> str:
    """``#rrggbb`` between two colours; ``share`` (0 to 1) is how much of ``other`` is in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(own + (far - own) * share):02x}" for own, far in pairs)


def _channels(colour: str) -> list[int]:
    return [int(part, 16) for part in re.findall("..", colour[1:])]


def _colour(organisation: SiteSettings, field: str) -> str:
    """The colour an editor gave, or the default: an import may have brought something else."""
    given = getattr(organisation, field) or ""
    if HEX.match(given):
        return given.lower()
    return str(SiteSettings._meta.get_field(field).get_default())


def stylesheet(organisation: SiteSettings) -> str:
    """CSS that sets the custom properties of brand and accent, with their shades and tints.

    Nothing but colours of the form ``#rrggbb`` gets into it.
    """
    brand = _colour(organisation, "brand_colour")
    accent = _colour(organisation, "accent_colour")
    values = {
        "brand": brand,
        "brand-text": _colour(organisation, "brand_text_colour"),
        "brand-tint": blend(brand, WHITE, share=0.9),
        "accent": accent,
        "accent-deep": blend(accent, BLACK, share=0.3),
        "accent-tint": blend(accent, WHITE, share=0.88),
    }
    lines = [f"  --km-{name}: {value};" for name, value in values.items()]
    return "\n".join([":root {", *lines, "}", ""])


def version_of(css: str) -> str:
    """A short digest of ``css``: it stands in the address and as the ETag."""
    return hashlib.sha256(css.encode()).hexdigest()[:12]
