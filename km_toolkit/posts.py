"""The posts for which somebody may start a handover."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from km_pages.models import Post, Team
from km_pages.prepared import fetch
from km_toolkit.models import MANAGE_HANDOVERS
from km_toolkit.parts import given_person, groups_of_given_person


def posts_to_hand_over(user: Any) -> QuerySet[Post]:
    """The posts for which ``user`` may start a handover.

    Those they hold or manage; those of their teams that nobody is known to hold, which may be
    theirs; for knowledge managers all.
    """
    posts = Post.objects.select_related("team", "holder", "line_manager")
    if user.has_perm(MANAGE_HANDOVERS):
        return posts
    return posts.filter(_handed_over_by(user, Team.objects.with_member(user)))


def listed_posts(user: Any, limit: int | None = None) -> list[Post]:
    """The first ``limit`` of :func:`posts_to_hand_over`, with their teams. One query."""
    return fetch(_posts, user.has_perm(MANAGE_HANDOVERS), limit, person=user.pk)


def _posts(whole: bool, limit: int | None) -> QuerySet[Post]:
    posts = Post.objects.select_related("team")
    if not whole:
        teams = Team.objects.with_one_of(groups_of_given_person())
        posts = posts.filter(_handed_over_by(given_person(), teams))
    return posts[:limit]


def _handed_over_by(person: Any, teams: QuerySet[Team]) -> Q:
    return Q(holder=person) | Q(line_manager=person) | Q(team__in=teams, holder=None)
