"""What every guide says of itself: where its text comes from, and who keeps it right."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField

from km_pages.blocks.guide import SourceBlock


class Checked(models.Model):
    """Who keeps a page right, and when it was checked last."""

    last_reviewed = models.DateField(_("last checked on"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checked by"),
    )
    review_due = models.DateField(_("check again by"), null=True, blank=True)

    checked_panels = [
        FieldPanel("last_reviewed"),
        FieldPanel("reviewed_by"),
        FieldPanel("review_due"),
    ]

    class Meta:
        abstract = True


class Credited(models.Model):
    """Where the text comes from and on which terms it may be used."""

    sources = StreamField([("source", SourceBlock())], blank=True, verbose_name=_("sources"))
    source_credit = models.CharField(_("source credit"), max_length=500, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)

    credit_panels = [FieldPanel("sources"), FieldPanel("source_credit"), FieldPanel("licence")]

    class Meta:
        abstract = True
