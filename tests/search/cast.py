"""Everybody there is, and one item for each visibility, each with words that stand nowhere else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission

from km_pages.visibility import Visibility
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    StoredFileFactory,
    TeamFactory,
    TeamSectionPageFactory,
    TeamSpacePageFactory,
    TopicFactory,
    UserFactory,
)

# A word of each item, and the same with a mistake in it. No two are alike.
WORDS = {"open": "quokka", "organisation": "walrus", "team": "zanzibar", "named": "jabberwock"}
MISTYPED = {"open": "quokkka", "organisation": "wallrus", "team": "zanzibbar", "named": "jaberwock"}
# In all of them.
SHARED = "platypus"

SEES = {
    "anonymous": {"open"},
    "outsider": {"open", "organisation"},
    "member": {"open", "organisation", "team"},
    "steward": {"open", "organisation", "team"},
    "friend": {"open", "organisation", "team"},
    "manager": {"open", "organisation", "team"},
    "named": {"open", "organisation", "named"},
    "holder": {"open", "organisation", "team", "named"},
    "owner": {"open", "organisation", "team", "named"},
    "superuser": {"open", "organisation", "team", "named"},
}
"""The rule of km_pages.visibility, written down once more and by hand."""


class Cast:
    """Makes them. Bring the index up to date afterwards."""

    def __init__(self) -> None:
        self.team, self.friends = TeamFactory(name="Ward 7"), TeamFactory(name="Outpatients")
        self.people: dict[str, Any] = {role: UserFactory() for role in SEES if role != "anonymous"}
        self.people["anonymous"] = None
        self.people["superuser"].is_superuser = True
        self.people["superuser"].save()
        seeing = Permission.objects.get(codename="see_all_teams")
        self.people["manager"].user_permissions.add(seeing)
        self.team.members_group.user_set.add(self.people["member"])
        self.team.stewards_group.user_set.add(self.people["steward"])
        self.friends.members_group.user_set.add(self.people["friend"])
        self.section = TeamSectionPageFactory(
            parent=TeamSpacePageFactory(team=self.team), title="Kept for later"
        )
        self.items = {each: self._item(each) for each in Visibility.values}

    def _item(self, visibility: str) -> Any:
        word = WORDS[visibility]
        page = KnowledgeAssetPageFactory(
            parent=self.section,
            title=f"The {word} {SHARED}",
            summary=f"About {word} and {SHARED}.",
            visibility=visibility,
            shared_with=[self.friends],
            named_people=[self.people["named"]],
            holder=self.people["holder"],
            owner=self.people["owner"],
            topics=[TopicFactory(slug=f"{word}-topic")],
            output_type=OutputTypeFactory(slug=f"{word}-type"),
            tags=[f"{word} tag"],
        )
        stored = StoredFileFactory(name=f"{word}.pdf", passages=[f"Inside: {word} {SHARED}"])
        AttachmentFactory(page=page, stored_file=stored)
        return page
