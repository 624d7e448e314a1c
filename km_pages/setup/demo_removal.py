"""Take the demonstration out again: teams, people, items, the bytes of their files, their tags.

What is left is the log of what was done, which nothing takes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from taggit.models import Tag
from wagtail import hooks
from wagtail.models import GroupPagePermission, Page

from km_pages.models import (
    HolderApproval,
    Job,
    KnowledgeTag,
    Post,
    SetupRecord,
    StoredFile,
    Team,
    TeamSpacePage,
)
from km_pages.setup.demo import read_demo
from km_pages.sweep import forget_bytes

# A function (team) that removes what an app has added to a team of the demonstration.
DEMO_REMOVE_HOOK = "km_demo_remove"


def remove_demo() -> int:
    """Take the demonstration out again, with whatever was added to its teams.

    Returns how many records were removed.
    """
    data = read_demo()
    records = SetupRecord.objects.filter(key__startswith="demo:")
    made = set(records.values_list("key", flat=True))
    teams = [x["slug"] for x in data["teams"] if f"demo:team:{x['slug']}" in made]
    people = [x["username"] for x in data["people"] if f"demo:person:{x['username']}" in made]
    with transaction.atomic():
        tags = _tags_inside(teams)
        for slug in teams:
            _remove_team(slug)
        users = get_user_model()._default_manager.filter(username__in=people)
        _remove_files(StoredFile.objects.filter(uploader__in=users, attachments=None))
        users.delete()
        _unused(tags).delete()
        return records.delete()[0]


def _remove_team(slug: str) -> None:
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        return
    space = TeamSpacePage.objects.filter(team=team).first()
    if space is not None:
        inside = Page.objects.descendant_of(space)
        HolderApproval.objects.filter(page__in=inside).delete()
        space.delete()
    for remove in hooks.get_hooks(DEMO_REMOVE_HOOK):
        remove(team)
    groups = [team.members_group, team.stewards_group]
    GroupPagePermission.objects.filter(group__in=groups).delete()
    Post.objects.filter(team=team).delete()
    team.delete()
    for group in groups:
        group.delete()


def _remove_files(files: QuerySet[StoredFile]) -> None:
    """Rows, bytes and what was to be done with them."""
    Job.objects.filter(target__in=[str(each.pk) for each in files]).delete()
    for each in files:
        forget_bytes(each)
    files.delete()


def _tags_inside(teams: Iterable[str]) -> list[int]:
    """The tags on the items of ``teams``."""
    found: list[int] = []
    for space in TeamSpacePage.objects.filter(team__slug__in=teams):
        inside = Page.objects.descendant_of(space).values("pk")
        tagged = KnowledgeTag.objects.filter(content_object__in=inside)
        found += tagged.values_list("tag", flat=True)
    return found


def _unused(tags: list[int]) -> QuerySet[Any]:
    """Those of ``tags`` that nothing carries any more, no page of a host's either."""
    rows = Tag.objects.filter(pk__in=tags)
    for relation in Tag._meta.related_objects:
        if relation.one_to_many:
            name = relation.field.name
            uses = relation.related_model._default_manager.filter(**{name: OuterRef("pk")})
            rows = rows.filter(~Exists(uses))
    return rows
