"""Who helps with a handover: asked or offered, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HelpingState(models.TextChoices):
    """What became of asking somebody to help."""

    ASKED = "asked", _("Asked")
    VOLUNTEERED = "volunteered", _("Has offered to help")
    ACCEPTED = "accepted", _("Helps")
    DECLINED = "declined", _("Cannot help")


class Helping(models.Model):
    """Somebody who was asked, or offered, to help with a handover."""

    handover = models.ForeignKey(
        "km_toolkit.Handover", on_delete=models.CASCADE, related_name="helping"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="km_helping"
    )
    state = models.CharField(
        max_length=12, choices=HelpingState.choices, default=HelpingState.ASKED
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Set by the actions that change it: a form sent twice tells nobody again.
    is_new = False

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("helper")
        verbose_name_plural = _("helpers")
        constraints = [
            models.UniqueConstraint(fields=["handover", "person"], name="km_asked_to_help_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_state_display()}"
