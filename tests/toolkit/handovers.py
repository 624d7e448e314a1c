"""A handover with everybody who has a part in it, for tests."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from km_toolkit.actions.start_handover import Confirm, StartHandover
from km_toolkit.models import Handover
from tests.factories import PostFactory, TeamFactory, TeamSpacePageFactory, UserFactory


@dataclass
class Cast:
    """The people of one handover, and the handover itself, open."""

    leaver: Any
    manager: Any
    deputy: Any
    helper: Any
    asked: Any
    successor: Any
    member: Any
    steward: Any
    other: Any
    knowledge_manager: Any
    superuser: Any
    handover: Handover

    @cached_property
    def everybody(self) -> dict[str, Any]:
        """All of them by what they are."""
        return {name: value for name, value in vars(self).items() if name not in NOT_PEOPLE}


NOT_PEOPLE = frozenset({"handover", "everybody"})


def person(name: str) -> Any:
    """Somebody with an account."""
    return UserFactory(first_name=name.title(), last_name="Test", username=f"{name}@example.org")


def cast(*, confirmed: bool = True, weeks: int = 6, **started: Any) -> Cast:
    """A team with a space, a post, and a handover of it that begins with post, day and manager."""
    names = ("leaver", "manager", "deputy", "helper", "asked", "successor", "member", "steward")
    people = {name: person(name) for name in names}
    outside = {name: person(name) for name in ("other", "knowledge_manager", "superuser")}
    outside["knowledge_manager"].user_permissions.add(
        Permission.objects.get(codename="manage_handovers")
    )
    outside["superuser"].is_superuser = True
    outside["superuser"].save()
    team = TeamFactory(
        name="Ward 7",
        slug="ward-7",
        members=[people[name] for name in names if name != "steward"],
        stewards=[people["steward"]],
    )
    TeamSpacePageFactory(team=team)
    TeamFactory(name="Finance", slug="finance", members=[outside["other"]])
    post = PostFactory(
        title="Ward sister", team=team, holder=people["leaver"], line_manager=people["manager"]
    )
    handover = StartHandover(
        post=post,
        by=started.pop("by", people["leaver"]),
        last_day=timezone.localdate() + datetime.timedelta(weeks=weeks),
        line_manager=people["manager"],
        deputy=people["deputy"],
        **started,
    ).execute()
    made = Cast(**people, **outside, handover=handover)
    if confirmed:
        Confirm(handover=handover, by=made.leaver).execute()
        handover.helping.create(person=made.helper, state="accepted")
        handover.helping.create(person=made.asked)
        Handover.objects.filter(pk=handover.pk).update(successor=made.successor)
        handover.refresh_from_db()
    return made
