"""Mails: plain text, one link, sent after the transaction; a mail that fails undoes nothing."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
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
    subject, _newline, body = render_to_string(f"km_pages/email/{template}.txt", context).partition(
        "\n"
    )
    for address in sorted(set(filter(None, to))):
        mail = EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[address])
        transaction.on_commit(lambda mail=mail: _send(mail))


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except OSError:
        # Mail servers are down at times; the person sees the same on their page.
        logger.exception("A mail could not be sent: %s", mail.subject)


def _link(page: Any) -> str:
    return page.full_url or site_address(page.get_url() or "/")


def tell_stewards(page: Any, by: Any) -> None:
    """Tell the stewards of the team that something was shared with it."""
    team = page.home_team
    people = team.stewards.exclude(pk=by.pk) if team else []
    send("shared", [each.email for each in people], {"page": page, "by": by, "link": _link(page)})


def tell_holder(approval: Any, page: Any) -> None:
    """Ask the holder, or without one the stewards, for their word."""
    people = [approval.holder] if approval.holder else list(page.home_team.stewards)
    link = site_address(reverse("km_pages:holder_approval", args=[approval.pk]))
    context = {"page": page, "by": approval.requested_by, "link": link}
    send("ask_holder", [each.email for each in people], context)


def tell_approvers(page: Any, by: Any) -> None:
    """Ask the stewards of the team and the knowledge editors to look at a wider audience."""
    users = get_user_model()._default_manager.filter(is_active=True)
    editors = users.filter(groups__permissions__codename="approve_any").distinct()
    people = [*(page.home_team.stewards if page.home_team else []), *editors]
    link = site_address(reverse("km_pages:approvals"))
    send(
        "ask_approvers",
        [p.email for p in people if p.pk != by.pk],
        {"page": page, "by": by, "link": link},
    )


def tell_sent_back(page: Any, author: Any, comment: str) -> None:
    """Tell the author that an item came back, and why."""
    if author is not None:
        link = site_address(reverse("km_pages:edit_draft", args=[page.pk]))
        send("sent_back", [author.email], {"page": page, "comment": comment, "link": link})


def tell_approved(page: Any, author: Any) -> None:
    """Tell the author that an item was approved and is published."""
    if author is not None:
        send("approved", [author.email], {"page": page, "link": _link(page)})


def tell_invited(invitation: Any, secret: str) -> None:
    """Send an invitation its link."""
    context = {
        "invitation": invitation,
        "link": site_address(reverse("km_pages:invitation", args=[secret])),
    }
    send("invitation", [invitation.email], context)
