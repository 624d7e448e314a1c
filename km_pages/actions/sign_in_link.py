"""Sign in by a link in a mail: asked for, sent by the worker, used once by a POST.

The page that asks does the same for every address: it writes a row and a job. Whether there is an
account, and whether one may be made, is decided by the worker, so that neither the words nor the
time of the answer tell who has an account.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict
from km_pages.conf import conf
from km_pages.models import Job, SignInLink
from km_pages.notifications import signed_mail, site_address, written

SEND_LINK = "send_sign_in_link"
VALID_FOR = timedelta(minutes=15)
KEPT_FOR = timedelta(days=1)
# Links for one address, and from one place, in the time that a link is valid. A hospital is one
# place, and many begin their shift at the same hour.
MOST_FOR_ONE = 3
MOST_FROM_ONE = 100


def digest_of(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256, as 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def place_of(address: str) -> str:
    """A keyed digest of a network address: enough to count, too little to tell."""
    return hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()


def links_are_offered() -> bool:
    """Whether this site signs people in by mail at all."""
    return bool(conf().sign_in_domains)


def is_own_domain(email: str) -> bool:
    """Whether ``email`` is at a domain that belongs to this organisation and nobody else."""
    domain = email.rpartition("@")[2].lower()
    return domain in {each.lower() for each in conf().sign_in_domains}


@dataclass(frozen=True, kw_only=True)
class AskSignInLink:
    """Ask for a link for ``email``; too many in a short time ask for nothing more."""

    email: str
    asked_from: str
    next_path: str = ""

    def execute(self) -> None:
        """Note it, and have the worker decide and send."""
        email, place, now = self.email.strip().lower(), place_of(self.asked_from), timezone.now()
        with transaction.atomic():
            SignInLink.objects.filter(asked_at__lt=now - KEPT_FOR).delete()
            recent = SignInLink.objects.filter(asked_at__gt=now - VALID_FOR)
            flooded = (
                recent.filter(email=email).count() >= MOST_FOR_ONE
                or recent.filter(asked_from=place).count() >= MOST_FROM_ONE
            )
            if not flooded:
                link = SignInLink.objects.create(
                    email=email, asked_from=place, next_path=self.next_path[:500]
                )
                Job.objects.enqueue(SEND_LINK, link.pk)


@dataclass(frozen=True, kw_only=True)
class SendSignInLink:
    """Send the link ``pk`` that was asked for, if its reader may sign in here."""

    pk: int

    def execute(self) -> bool:
        """Whether a mail was sent. Raises ``OSError`` where the mail server cannot be reached.

        Links of the same address that were sent before stop working.
        """
        link = SignInLink.objects.filter(pk=self.pk, used_at=None).first()
        if link is None or not links_are_offered() or not may_sign_in(link.email):
            return False
        if timezone.now() - link.asked_at > VALID_FOR:
            # Whoever waits no longer needs no mail.
            return False
        secret = secrets.token_urlsafe(32)
        expires_at = timezone.now() + VALID_FOR
        address = site_address(reverse("km_pages:use_sign_in_link", args=[secret]))
        subject, body = written("sign_in_link", {"link": address, "minutes": 15})
        with transaction.atomic():
            same = SignInLink.objects.filter(email=link.email).exclude(pk=link.pk)
            same.usable().update(expires_at=timezone.now())
            SignInLink.objects.filter(pk=link.pk).update(
                digest=digest_of(secret), expires_at=expires_at
            )
        signed_mail(link.email, subject=subject, body=body).send()
        return True


def may_sign_in(email: str) -> bool:
    """Whether ``email`` has an account that is open, or is one's own domain and gets one."""
    account = get_user_model()._default_manager.filter(username__iexact=email).first()
    return account.is_active if account is not None else is_own_domain(email)


def find_link(secret: str) -> SignInLink | None:
    """The usable link with this secret, or nothing: used, too old and wrong look alike."""
    return SignInLink.objects.usable().filter(digest=digest_of(secret)).first()


@dataclass(frozen=True, kw_only=True)
class UseSignInLink:
    """Take the link with ``secret`` and give the account that it is for."""

    secret: str

    def execute(self) -> tuple[Any, str]:
        """The account, made if there was none, and where its reader wanted to go.

        Raises ``Conflict`` for a link that no longer works.
        """
        gone = Conflict(_("This link has been used or is too old. Ask for a new one."))
        with transaction.atomic():
            link = find_link(self.secret)
            # Only one of two simultaneous uses changes the row.
            taken = link and SignInLink.objects.filter(pk=link.pk).usable().update(
                used_at=timezone.now()
            )
            if not link or not taken or not may_sign_in(link.email):
                raise gone
            return _account_of(link.email), link.next_path


def _account_of(email: str) -> Any:
    users = get_user_model()._default_manager
    found = users.filter(username__iexact=email).first()
    return found or users.create_user(username=email, email=email, password=None)
