"""Links from our pages to other sites, and whether they still answer."""

from __future__ import annotations

import hashlib

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class LinkState(models.TextChoices):
    """What is known of a link."""

    WAITING = "waiting", _("Not checked yet")
    ALIVE = "alive", _("Works")
    SHUT = "shut", _("Answers, but lets no program in: look yourself")
    SILENT = "silent", _("Did not answer; tried again soon")
    DEAD = "dead", _("Dead")
    PRIVATE = "private", _("Not checked: not a public address")


class OutsideLinkQuerySet(models.QuerySet["OutsideLink"]):
    """Links by state and use."""

    def due(self) -> OutsideLinkQuerySet:
        """Those that are to be asked now: used somewhere, and their time has come."""
        used = Exists(LinkUse.objects.filter(link=OuterRef("pk")))
        return self.filter(used, next_check_at__lte=timezone.now())

    def dead(self) -> OutsideLinkQuerySet:
        """Those that do not work any more."""
        return self.filter(state=LinkState.DEAD)


class OutsideLink(models.Model):
    """One address of another site. The digest stands for it, because addresses can be long."""

    url = models.URLField(_("address"), max_length=2000)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    host = models.CharField(_("site"), max_length=255, db_index=True)
    state = models.CharField(
        _("state"), max_length=10, choices=LinkState.choices, default=LinkState.WAITING
    )
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    reason = models.CharField(_("what went wrong"), max_length=80, blank=True)
    leads_to = models.CharField(_("leads to"), max_length=2000, blank=True)
    failures = models.PositiveSmallIntegerField(_("times in vain"), default=0)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered last"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("next check"), default=timezone.now, db_index=True)

    objects = OutsideLinkQuerySet.as_manager()

    class Meta:
        ordering = ["host", "url"]
        verbose_name = _("link to another site")
        verbose_name_plural = _("links to other sites")

    def __str__(self) -> str:
        return self.url

    @staticmethod
    def digest_of(url: str) -> str:
        """What stands for ``url`` in the unique index."""
        return hashlib.sha256(url.encode()).hexdigest()


class LinkUse(models.Model):
    """Where a link stands: on a page, or at a place that is no page, named in words."""

    link = models.ForeignKey(OutsideLink, on_delete=models.CASCADE, related_name="uses")
    page = models.ForeignKey(
        Page, on_delete=models.CASCADE, null=True, blank=True, related_name="km_outside_links"
    )
    place = models.CharField(_("place"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("use of a link")
        verbose_name_plural = _("uses of links")
        constraints = [
            models.UniqueConstraint(fields=["link", "page", "place"], name="km_one_link_use")
        ]

    def __str__(self) -> str:
        return f"{self.link} ({self.place or self.page_id})"


class LinkReading(models.Model):
    """When the links of a page were read from it last: a page published since is read again."""

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, related_name="km_link_reading", primary_key=True
    )
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("reading of links")
        verbose_name_plural = _("readings of links")

    def __str__(self) -> str:
        return f"{self.page_id}"
