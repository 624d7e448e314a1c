"""How often pages are opened: a number for each page and month, and nobody's name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class PageUse(models.Model):
    """How often one page was opened in one month. Who did is not known to anybody."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="km_uses")
    month = models.DateField(_("month"))
    times = models.PositiveIntegerField(_("times"), default=0)

    class Meta:
        ordering = ["-month", "-times"]
        verbose_name = _("use of a page")
        verbose_name_plural = _("uses of pages")
        constraints = [models.UniqueConstraint(fields=["page", "month"], name="km_use_in_month")]

    def __str__(self) -> str:
        return f"{self.page_id}, {self.month:%Y-%m}: {self.times}"
