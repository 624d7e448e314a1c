"""Invite somebody to a team by e-mail, and take them in when they accept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from km_pages.actions.change_membership import ChangeMembership, may_manage_people
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.conf import conf
from km_pages.models import Invitation, Team
from km_pages.notifications import tell_invited


def digest_of(secret: str) -> str:
    """What is kept of an invitation's secret: its SHA-256, as 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_invitation(secret: str) -> Invitation | None:
    """The waiting invitation with this secret, or nothing: used, withdrawn and wrong look alike."""
    waiting = Invitation.objects.waiting().select_related("team", "invited_by")
    return waiting.filter(digest=digest_of(secret)).first()


@dataclass(frozen=True, kw_only=True)
class InvitePerson:
    """Send ``email`` a link that lets its reader join ``team``. A former link stops working."""

    team: Team
    email: str
    by: Any
    as_steward: bool = False

    def check(self) -> None:
        """Raise ``NotAllowed`` without the right, ``Conflict`` for somebody who is in the team."""
        if not may_manage_people(self.team, self.by):
            raise NotAllowed(_("Only stewards of the team can invite people."))
        if self.team.people.filter(username__iexact=self.email).exists():
            raise Conflict(_("%(email)s is in the team already.") % {"email": self.email})

    def execute(self) -> Invitation:
        """Make the invitation and send it after the transaction. Returns it."""
        self.check()
        secret = secrets.token_urlsafe(32)
        email = self.email.strip().lower()
        with transaction.atomic():
            self.team.invitations.filter(email=email).waiting().update(withdrawn_at=timezone.now())
            invitation = Invitation.objects.create(
                team=self.team,
                email=email,
                as_steward=self.as_steward,
                digest=digest_of(secret),
                invited_by=self.by,
                expires_at=timezone.now() + timedelta(days=conf().invitation_days),
            )
            log(self.team, "km_pages.invite", user=self.by, data={"invitation": invitation.pk})
            tell_invited(invitation, secret)
        return invitation


@dataclass(frozen=True, kw_only=True)
class WithdrawInvitation:
    """Make an invitation's link stop working."""

    invitation: Invitation
    by: Any

    def execute(self) -> None:
        """Withdraw it; raises ``NotAllowed`` without the right."""
        if not may_manage_people(self.invitation.team, self.by):
            raise NotAllowed(_("Only stewards of the team can withdraw an invitation."))
        same = Invitation.objects.filter(pk=self.invitation.pk).waiting()
        if same.update(withdrawn_at=timezone.now()):
            data = {"invitation": self.invitation.pk}
            log(self.invitation.team, "km_pages.invite_withdrawn", user=self.by, data=data)


@dataclass(frozen=True, kw_only=True)
class AcceptInvitation:
    """Let the reader of an invitation join: ``user``, or a new account with ``details``.

    ``details`` are ``first_name``, ``last_name`` and ``password``; the account's name is the
    e-mail address that was invited.
    """

    secret: str
    user: Any = None
    details: dict[str, str] | None = None

    def execute(self) -> Any:
        """Take them in and return the account. Raises ``Conflict`` if the link no longer works."""
        with transaction.atomic():
            found = find_invitation(self.secret)
            # Only one of two simultaneous acceptances changes the row.
            taken = found and Invitation.objects.filter(pk=found.pk).waiting().update(
                accepted_at=timezone.now()
            )
            if not found or not taken:
                raise Conflict(
                    _("This invitation no longer works. Ask the person who sent it for a new one.")
                )
            user = self.user or self._new_account(found)
            Invitation.objects.filter(pk=found.pk).update(accepted_by=user)
            role = "steward" if found.as_steward else "member"
            ChangeMembership(team=found.team, user=user, role=role).execute()
        return user

    def _new_account(self, found: Invitation) -> Any:
        users = get_user_model()._default_manager
        if users.filter(username__iexact=found.email).exists():
            raise Conflict(_("There is an account with this address. Sign in to join the team."))
        details = self.details or {}
        return users.create_user(
            username=found.email,
            email=found.email,
            first_name=details.get("first_name", ""),
            last_name=details.get("last_name", ""),
            password=details.get("password"),
        )
