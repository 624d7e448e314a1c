"""Make a team, its two groups and its space in the repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import GroupPagePermission, Page

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import RepositoryPage, Team, TeamSpacePage

STEWARD_RIGHTS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")


@dataclass(frozen=True, kw_only=True)
class OpenTeam:
    """Open a team called ``name`` with a space below the repository.

    ``by`` is who asks (``None``: a command). ``slug`` and ``purpose`` are optional.
    """

    name: str
    by: Any = None
    slug: str = ""
    purpose: str = ""

    def check(self) -> None:
        """Raise ``NotAllowed`` without the right, ``Conflict`` if the name is taken."""
        if self.by is not None and not self.by.has_perm("km_pages.add_team"):
            raise NotAllowed(_("Only the knowledge team can open a team."))
        if Team.objects.filter(name__iexact=self.name.strip()).exists():
            raise Conflict(_("There is a team of this name already. Nothing was changed."))
        if not RepositoryPage.objects.exists():
            raise Conflict(_("There is no repository yet. Run km_setup first."))

    def execute(self) -> Team:
        """Open it and return the team."""
        self.check()
        with transaction.atomic():
            slug = self._free_slug()
            team = Team.objects.create(name=self.name.strip(), slug=slug, purpose=self.purpose)
            open_space(team, by=self.by)
            log(team, "wagtail.create", user=self.by)
        return team

    def _free_slug(self) -> str:
        wanted = slugify(self.slug or self.name)[:70] or "team"
        taken = set(Team.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
        numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
        return wanted if wanted not in taken else next(x for x in numbered if x not in taken)


def open_space(team: Team, *, by: Any = None) -> TeamSpacePage:
    """Give ``team`` a published space below the first repository, kept by its stewards."""
    repository = RepositoryPage.objects.order_by("path").first()
    if repository is None:
        raise Conflict(_("There is no repository yet. Run km_setup first."))
    space = TeamSpacePage(title=team.name, slug=team.slug, team=team, introduction=team.purpose)
    repository.add_child(instance=space)
    space.save_revision(user=by).publish(user=by)
    grant_stewards(team, space)
    return space


def grant_stewards(team: Team, space: Page) -> None:
    """Let the team's stewards into the admin, and there keep ``space`` and all below it."""
    group = team.stewards_group
    group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    )
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", codename__in=STEWARD_RIGHTS
    ):
        GroupPagePermission.objects.get_or_create(group=group, page=space, permission=permission)
