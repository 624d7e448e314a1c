"""The admin's form of a team: saving a new one opens its space in the repository."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm

from km_pages.actions.open_team import open_space
from km_pages.models import RepositoryPage, Team, TeamSpacePage


class TeamForm(WagtailAdminModelForm):
    """Name, short name and purpose of a team."""

    class Meta:
        model = Team
        fields = ["name", "slug", "purpose"]

    def clean(self) -> dict[str, Any]:
        """Say at once where there is no repository to put the team's space in."""
        cleaned = super().clean() or {}
        if not RepositoryPage.objects.exists():
            raise ValidationError(_("There is no repository yet. Run km_setup first."))
        return cleaned

    def save(self, commit: bool = True) -> Team:
        """Save the team, and give it a space if it has none."""
        team = super().save(commit)
        if commit and not TeamSpacePage.objects.filter(team=team).exists():
            open_space(team)
        return team
