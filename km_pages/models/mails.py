"""Mails on their way out, as rows that survive a kill and a mail server that is down."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutgoingMail(models.Model):
    """One plain mail to one person; the row goes when the mail server has taken it.

    Where there is a ``kind``, subject and text are written from ``data`` at the moment of sending,
    so that a mail tells only what its reader may see then: see :mod:`km_pages.tasks.writing`.
    """

    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=255, blank=True)
    body = models.TextField(_("text"), blank=True)
    kind = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")

    def __str__(self) -> str:
        return self.subject
