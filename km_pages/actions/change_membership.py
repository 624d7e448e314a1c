"""Take people into a team, make them stewards, or let them go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import Team
from km_pages.signals import membership_changed

MANAGE_PEOPLE = "km_pages.manage_people"


def may_manage_people(team: Team, user: Any) -> bool:
    """Whether ``user`` may add and remove people of ``team``: its stewards, knowledge managers."""
    if not user.is_authenticated:
        return False
    return user.has_perm(MANAGE_PEOPLE) or user.groups.filter(pk=team.stewards_group_id).exists()


@dataclass(frozen=True, kw_only=True)
class ChangeMembership:
    """Make ``user`` a ``member`` or a ``steward`` of ``team``, or neither (``role=None``).

    ``by`` is who asks (``None``: a command or an accepted invitation). Access follows at once:
    it is read from the groups on every request.
    """

    team: Team
    user: Any
    role: str | None
    by: Any = None

    def check(self) -> None:
        """Raise ``NotAllowed`` without the right; ``Conflict`` if no steward would be left."""
        if self.by is not None and not may_manage_people(self.team, self.by):
            raise NotAllowed(_("Only stewards of the team can change who is in it."))
        if self.role not in (None, "member", "steward"):
            raise ValueError(f"no such role: {self.role}")
        if self.role != "steward" and self._is_last_steward():
            raise Conflict(
                _("This is the team's only steward. Make somebody else a steward first.")
            )

    def _is_last_steward(self) -> bool:
        stewards = set(self.team.stewards.values_list("pk", flat=True))
        return self.by is not None and stewards == {self.user.pk}

    def execute(self) -> None:
        """Change it, log it, tell the listeners. Doing it twice changes nothing."""
        self.check()
        with transaction.atomic():
            self._put("members", wanted=self.role == "member")
            self._put("stewards", wanted=self.role == "steward")
            log(
                self.team,
                "km_pages.membership",
                user=self.by,
                data={"person": self.user.pk, "role": self.role},
            )
        membership_changed.send(Team, team=self.team, user=self.user, by=self.by)

    def _put(self, name: str, *, wanted: bool) -> None:
        people = getattr(self.team, f"{name}_group").user_set
        if wanted:
            people.add(self.user)
        else:
            people.remove(self.user)
