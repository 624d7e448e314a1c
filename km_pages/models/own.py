"""What our page types and settings are built on, so that a host's own stand beside them.

Django names the way back from a parent after the class alone: two page types called ``HomePage``,
or two settings called ``SiteSettings``, in one project stop it with fields.E304. Every new Wagtail
project has a ``HomePage``. Ours therefore carry the name of their app.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.models import Page, Site

NAME = "%(app_label)s_%(class)s"


class OwnPage(Page):
    """A page type of ours. ``Page`` knows it as ``km_pages_homepage``, never as ``homepage``."""

    # As Django makes it by itself, but for the name.
    page_ptr = models.OneToOneField(
        Page,
        on_delete=models.CASCADE,
        parent_link=True,
        auto_created=True,
        related_name=NAME,
    )

    class Meta:
        abstract = True


class OwnSiteSetting(BaseSiteSetting):
    """Settings of ours for a site, likewise named apart."""

    site = models.OneToOneField(
        Site,
        on_delete=models.CASCADE,
        editable=False,
        related_name=NAME,
        verbose_name=_("site"),
    )

    class Meta:
        abstract = True
