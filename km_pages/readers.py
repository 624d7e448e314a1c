"""Who asks: what the rule of :mod:`km_pages.visibility` has to know of a reader, and no rule.

Import it from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string
from wagtail.models import PageViewRestriction

from km_pages.conf import conf
from km_pages.prepared import Given, ask

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    AnyUser = AbstractBaseUser | AnonymousUser

SEE_ALL_TEAMS = "km_pages.see_all_teams"


@dataclass(frozen=True)
class TeamPlace:
    """One team of a reader: its key, the tree path of its space, and whether they steward it."""

    team_id: int
    path: str
    steward: bool


@dataclass(frozen=True)
class Standing:
    """All that the rule knows of a reader: two with the same standing see the same.

    It has the names of :class:`Reader`, and nothing that is read from the database.
    """

    user_id: int | None
    sees_everything: bool
    sees_all_teams: bool
    in_organisation: bool
    teams: tuple[TeamPlace, ...]
    refused: tuple[tuple[int, str], ...]

    @property
    def team_ids(self) -> frozenset[int]:
        """Keys of the reader's teams."""
        return frozenset(place.team_id for place in self.teams)


@dataclass(frozen=True, eq=False)
class Reader:
    """Somebody who asks, with everything the rule needs to know, read lazily and once.

    A reader lives as long as one request: a change of membership or of a restriction
    counts from the next request on. At most six queries are made, however much is asked.
    """

    user: AnyUser
    passed_restrictions: frozenset[int] = field(default_factory=frozenset)

    @property
    def user_id(self) -> int | None:
        """The primary key of the signed-in user, ``None`` for anonymous."""
        return self.user.pk if self.user.is_authenticated and self.user.is_active else None

    @cached_property
    def standing(self) -> Standing:
        """Everything that the rule needs to know."""
        return Standing(
            user_id=self.user_id,
            sees_everything=self.sees_everything,
            sees_all_teams=self.sees_all_teams,
            in_organisation=self.in_organisation,
            teams=self.teams,
            refused=self.refused,
        )

    @cached_property
    def sees_everything(self) -> bool:
        """Whether no visibility binds this reader (superusers)."""
        return self.user_id is not None and bool(getattr(self.user, "is_superuser", False))

    @cached_property
    def sees_all_teams(self) -> bool:
        """Whether this reader sees what belongs to any team (knowledge managers)."""
        if self.user_id is None:
            return False
        return self.sees_everything or bool(self.user.has_perm(SEE_ALL_TEAMS))  # type: ignore[union-attr]

    @cached_property
    def teams(self) -> tuple[TeamPlace, ...]:
        """The teams that this reader is a member or a steward of. One query."""
        if self.user_id is None:
            return ()
        mine = self.group_ids
        rows = ask(_teams_of, tuple(sorted(mine)))
        return tuple(TeamPlace(pk, path or "", group in mine) for pk, path, group in rows)

    @cached_property
    def group_ids(self) -> frozenset[int]:
        """The Django groups of this reader. One query."""
        if self.user_id is None:
            return frozenset()
        return frozenset(pk for (pk,) in ask(_groups_of, user=self.user_id))

    @cached_property
    def in_organisation(self) -> bool:
        """Whether this reader belongs to the organisation."""
        if self.user_id is None:
            return False
        member = import_string(conf().organisation_member)
        return self.sees_everything or bool(member(self.user)) or bool(self.teams)

    @cached_property
    def team_ids(self) -> frozenset[int]:
        """Keys of the reader's teams."""
        return frozenset(place.team_id for place in self.teams)

    @cached_property
    def steward_team_ids(self) -> frozenset[int]:
        """Keys of the teams that the reader stewards."""
        return frozenset(place.team_id for place in self.teams if place.steward)

    @cached_property
    def refused(self) -> tuple[tuple[int, str], ...]:
        """Page id and tree path of every view restriction this reader does not satisfy.

        One query. Superusers pass group restrictions, as in Wagtail itself; a shared password
        counts only in the session in which it was typed.
        """
        places: dict[int, tuple[str, int, str]] = {}
        groups: dict[int, set[int | None]] = {}
        for pk, kind, page_id, path, group in ask(_restrictions):
            places[pk] = (kind, page_id, path)
            groups.setdefault(pk, set()).add(group)
        return tuple(
            (page_id, path)
            for pk, (kind, page_id, path) in places.items()
            if not self._passes(pk, kind, groups[pk])
        )

    def _passes(self, pk: int, kind: str, groups: set[int | None]) -> bool:
        if kind == PageViewRestriction.PASSWORD:
            return pk in self.passed_restrictions
        if kind == PageViewRestriction.LOGIN:
            return self.user_id is not None
        if kind == PageViewRestriction.GROUPS:
            return self.sees_everything or bool(groups & self.group_ids)
        return True

    @cached_property
    def refused_ids(self) -> frozenset[int]:
        """Ids of the pages below which nothing may be found by this reader."""
        return frozenset(page_id for page_id, _path in self.refused)


def _groups_of() -> QuerySet[Any, Any]:
    users = get_user_model()
    name = users._meta.get_field("groups").related_query_name()  # type: ignore[union-attr]
    given = {name: Given("user", users._meta.pk)}
    return Group.objects.filter(**given).order_by().values_list("pk")


def _teams_of(groups: tuple[int, ...]) -> QuerySet[Any, Any]:
    mine = Q(members_group__in=groups) | Q(stewards_group__in=groups)
    teams = apps.get_model("km_pages", "Team").objects.filter(mine)
    return teams.values_list("pk", "space__path", "stewards_group_id")


def _restrictions() -> QuerySet[Any, Any]:
    """One row for each group; whole pages would cost more than all else."""
    columns = ("pk", "restriction_type", "page_id", "page__path", "groups")
    return PageViewRestriction.objects.order_by("pk").values_list(*columns)


def reader_for(request: HttpRequest) -> Reader:
    """The reader behind ``request``, made once per request and kept on it."""
    reader = getattr(request, "_km_reader", None)
    user = getattr(request, "user", None) or AnonymousUser()
    if reader is None or reader.user != user:
        session = getattr(request, "session", {})
        passed = session.get(PageViewRestriction.passed_view_restrictions_session_key, [])
        reader = Reader(user, frozenset(passed))
        request._km_reader = reader  # type: ignore[attr-defined]
    return reader


def as_reader(user: AnyUser | Reader | None) -> Reader:
    """``user`` as a :class:`Reader`; ``None`` is the anonymous one."""
    return user if isinstance(user, Reader) else Reader(user or AnonymousUser())
