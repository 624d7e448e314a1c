"""What the set-up has made, so that it makes nothing twice and brings nothing back."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SetupRecord(models.Model):
    """One thing that ``km_setup`` or ``km_demo`` made. Editing or deleting it later is final."""

    key = models.CharField(_("what"), max_length=120, unique=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("set-up record")
        verbose_name_plural = _("set-up records")

    def __str__(self) -> str:
        return self.key
