"""Links that sign somebody in, sent by e-mail."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SignInLinkQuerySet(models.QuerySet["SignInLink"]):
    """Links by what they are still good for."""

    def usable(self) -> SignInLinkQuerySet:
        """Those that were sent, are not too old, and were not used."""
        return self.filter(
            used_at__isnull=True, digest__isnull=False, expires_at__gt=timezone.now()
        )


class SignInLink(models.Model):
    """Somebody asked for a link at an address, whether there is an account for it or not.

    Only a digest of the link's secret is kept, and no network address, only a keyed digest of it
    against flooding. Rows go after a day.
    """

    email = models.EmailField(_("e-mail"), db_index=True)
    asked_from = models.CharField(max_length=64, blank=True, db_index=True)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    next_path = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = SignInLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("sign-in link")
        verbose_name_plural = _("sign-in links")

    def __str__(self) -> str:
        return self.email
