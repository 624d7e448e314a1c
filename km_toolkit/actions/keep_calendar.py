"""Make and end the address at which somebody's calendar fetches the dates of their handovers."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from km_toolkit.models import CalendarAddress

# What the audit log calls it; the address itself stands nowhere.
TITLE = _("Address for a calendar")


def digest_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256, as 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class MakeCalendarAddress:
    """A new secret for ``by``; the address they had before ends."""

    by: Any

    def execute(self) -> str:
        """Keep its digest, and return the secret: it is never shown again."""
        secret = secrets.token_urlsafe(32)
        with transaction.atomic():
            address, _made = CalendarAddress.objects.update_or_create(
                person=self.by, defaults={"digest": digest_of(secret), "made_at": timezone.now()}
            )
            log(address, "km_toolkit.calendar_made", user=self.by, title=str(TITLE))
        return secret


@dataclass(frozen=True, kw_only=True)
class EndCalendarAddress:
    """The address of ``by`` ends."""

    by: Any

    def execute(self) -> None:
        """End it; a second time does nothing."""
        with transaction.atomic():
            address = CalendarAddress.objects.filter(person=self.by).first()
            if address is not None:
                log(address, "km_toolkit.calendar_ended", user=self.by, title=str(TITLE))
                address.delete()


def whose_calendar(secret: str) -> Any:
    """The person whose calendar asks with ``secret``; ``None`` where it has ended or is wrong."""
    found = CalendarAddress.objects.filter(digest=digest_of(secret), person__is_active=True)
    address = found.select_related("person").first()
    return address.person if address else None
