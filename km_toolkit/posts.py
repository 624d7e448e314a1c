"""The posts for which somebody may start a handover."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from km_pages.models import Post, Team
from km_pages.numbers import whole
from km_pages.prepared import fetch
from km_toolkit.models import MANAGE_HANDOVERS
from km_toolkit.parts import given_person, groups_of_given_person

# A list with more than these is no list to choose from: people look for a post by its words.
MOST_LISTED = 30
MOST_WORDS = 8


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


def posts_found(user: Any, typed: str) -> list[Post]:
    """The first of :func:`posts_to_hand_over` that have every word of ``typed``, with one more
    than :data:`MOST_LISTED` where there are more. One query besides those of rights.

    A word may stand in the post's title, its team's name, or the name of whoever holds it.
    """
    posts = posts_to_hand_over(user)
    for word in typed.split()[:MOST_WORDS]:
        named = Q(title__icontains=word) | Q(team__name__icontains=word)
        holder = Q(holder__first_name__icontains=word) | Q(holder__last_name__icontains=word)
        posts = posts.filter(named | holder)
    return list(posts[: MOST_LISTED + 1])


def post_meant(user: Any, asked: Any) -> Post | None:
    """The one of :func:`posts_to_hand_over` with the key ``asked``, if there is one. One query."""
    key = whole(asked)
    return None if key is None else posts_to_hand_over(user).filter(pk=key).first()


def _posts(every: bool, limit: int | None) -> QuerySet[Post]:
    posts = Post.objects.select_related("team")
    if not every:
        teams = Team.objects.with_one_of(groups_of_given_person())
        posts = posts.filter(_handed_over_by(given_person(), teams))
    return posts[:limit]


def _handed_over_by(person: Any, teams: QuerySet[Team]) -> Q:
    return Q(holder=person) | Q(line_manager=person) | Q(team__in=teams, holder=None)
