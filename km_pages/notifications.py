"""Mails: plain text, one link, sent after the transaction; a mail that fails undoes nothing."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from wagtail.models import Site

logger = logging.getLogger(__name__)


def site_address(path: str) -> str:
    """``path`` of this site as a full address."""
    site = Site.objects.filter(is_default_site=True).first()
    root = getattr(settings, "WAGTAILADMIN_BASE_URL", "") or (site.root_url if site else "")
    return root.rstrip("/") + path


def send(template: str, to: list[str], context: dict[str, Any]) -> None:
    """Send ``km_pages/email/<template>.txt`` to each of ``to``, after the transaction.

    The first line of the template is the subject. Every reader gets a mail of their own, so that
    no address is shown to another.
    """
    subject, _newline, body = render_to_string(f"km_pages/email/{template}.txt", context).partition("\n")
    for address in sorted(set(filter(None, to))):
        mail = EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[address])
        transaction.on_commit(lambda mail=mail: _send(mail))


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except OSError:
        # Mail servers are down at times; the person sees the same on their page.
        logger.exception("A mail could not be sent: %s", mail.subject)


def tell_invited(invitation: Any, secret: str) -> None:
    """Send an invitation its link."""
    context = {
        "invitation": invitation,
        "link": site_address(reverse("km_pages:invitation", args=[secret])),
    }
    send("invitation", [invitation.email], context)
