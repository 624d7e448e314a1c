"""What makes a site an organisation's own: name, logo, colours, links, contact."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.forms import ColorInput
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import register_setting
from wagtail.fields import StreamField

from km_pages.blocks.page import FooterLinkBlock
from km_pages.models.own import OwnSiteSetting

HEX_COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Give a colour such as #1b4f72."))
MINIMUM_CONTRAST = 4.5


def luminance(colour: str) -> float:
    """Relative luminance (0 to 1) of ``#rrggbb``, as defined by WCAG 2.2."""
    channels = [int(part, 16) / 255 for part in re.findall("..", colour.lstrip("#"))]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio (1 to 21) of two colours ``#rrggbb``, as defined by WCAG 2.2."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@register_setting(icon="home")
class SiteSettings(OwnSiteSetting):
    """The organisation behind one site."""

    organisation_name = models.CharField(
        _("organisation"), max_length=120, default="Knowledge Mobilisation"
    )
    strapline = models.CharField(_("strapline"), max_length=160, blank=True)
    logo = models.ForeignKey(
        "wagtailimages.Image", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    brand_colour = models.CharField(
        _("colour of the header"), max_length=7, default="#12405a", validators=[HEX_COLOUR]
    )
    brand_text_colour = models.CharField(
        _("words on it"), max_length=7, default="#ffffff", validators=[HEX_COLOUR]
    )
    accent_colour = models.CharField(
        _("colour of links and buttons"), max_length=7, default="#0b6e5f", validators=[HEX_COLOUR]
    )
    footer_links = StreamField(
        [("link", FooterLinkBlock())], blank=True, verbose_name=_("links in the footer")
    )
    contact_name = models.CharField(_("knowledge team"), max_length=120, blank=True)
    contact_email = models.EmailField(_("its e-mail"), blank=True)
    contact_text = models.TextField(_("how it can help"), blank=True)
    welcome_title = models.CharField(_("welcome"), max_length=120, blank=True)
    welcome_text = models.TextField(_("welcome text"), blank=True)

    panels = [
        MultiFieldPanel(
            [FieldPanel("organisation_name"), FieldPanel("strapline"), FieldPanel("logo")],
            heading=_("Organisation"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("brand_colour", widget=ColorInput),
                FieldPanel("brand_text_colour", widget=ColorInput),
                FieldPanel("accent_colour", widget=ColorInput),
            ],
            heading=_("Colours"),
        ),
        MultiFieldPanel(
            [FieldPanel("welcome_title"), FieldPanel("welcome_text")], heading=_("Welcome")
        ),
        MultiFieldPanel(
            [
                FieldPanel("contact_name"),
                FieldPanel("contact_email"),
                FieldPanel("contact_text"),
                FieldPanel("footer_links"),
            ],
            heading=_("Footer"),
        ),
    ]

    class Meta:
        verbose_name = _("organisation and look")

    def clean(self) -> None:
        """Refuse pairs of colours that cannot be read (contrast below 4.5 to 1, WCAG 1.4.3)."""
        super().clean()
        errors = {}
        for field, first, second in (
            ("brand_text_colour", self.brand_text_colour, self.brand_colour),
            ("accent_colour", self.accent_colour, "#ffffff"),
        ):
            try:
                HEX_COLOUR(first)
                HEX_COLOUR(second)
            except ValidationError:
                continue
            ratio = contrast(first, second)
            if ratio < MINIMUM_CONTRAST:
                errors[field] = ValidationError(
                    _("These colours are too alike to read: %(ratio).1f to 1. Use at least 4.5."),
                    params={"ratio": ratio},
                )
        if errors:
            raise ValidationError(errors)
