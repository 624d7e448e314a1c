"""That a guide, or what guides are listed by, changed: rows by which kept lists are found stale."""

from __future__ import annotations

import secrets

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

# What a sum over some hundred rows still has room for.
TOKEN_BITS = 40
ROWS_KEPT = 100
ROWS_AT_ONCE = 500


def _token() -> int:
    return secrets.randbits(TOKEN_BITS)


class GuideChange(models.Model):
    """One change, written in its transaction: who can see the change sees the row, and nobody else.

    No row is ever written twice, and the newest always stay, so that no two states of the site
    have the same rows; see :func:`km_pages.listings.kept.stamp`. Rows instead of one counter,
    because two who publish at once would wait for each other at a counter.
    """

    token = models.BigIntegerField(default=_token, editable=False)
    # The one page that changed, itself or in its parts; empty where it may be any of them.
    page_key = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("change of a guide")
        verbose_name_plural = _("changes of guides")

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def note(cls, page_key: int | None = None) -> None:
        """Say in the open transaction that something changed, and forget what is long past.

        ``page_key`` is given where nothing but that page changed, or a part of it.
        """
        with transaction.atomic():
            made = cls.objects.create(page_key=page_key)
            past = cls.objects.filter(pk__lte=made.pk - ROWS_KEPT).select_for_update(
                skip_locked=True
            )
            # Another that clears away at the same time is not waited for.
            keys = list(past.values_list("pk", flat=True)[:ROWS_AT_ONCE])
            if keys:
                cls.objects.filter(pk__in=keys).delete()
