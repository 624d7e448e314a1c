"""Who may see what: one rule, decided here and used by every outlet.

The rule has two halves, and both must hold.

1. **Place.** Every view restriction of Wagtail on the page or on any of its ancestors is satisfied.
2. **Visibility** of a knowledge item (other pages are open, team spaces are for the organisation):

==================  ======  ==============  ======================  =============================
Reader              open    organisation    team                    named
==================  ======  ==============  ======================  =============================
anonymous           yes     no              no                      no
signed in, outside  yes     no              no                      no
organisation        yes     yes             no                      no
team, shared team   yes     yes             yes                     no
steward of the team yes     yes             yes                     no
knowledge manager   yes     yes             yes, of every team      no
owner, holder       yes     yes             yes                     yes
named person        yes     yes             as their teams allow    yes
superuser           yes     yes             yes                     yes
==================  ======  ==============  ======================  =============================

"Organisation" is whoever ``KM_ORGANISATION_MEMBER`` says; a member of a team counts as well.
A person named on an item that is not for named people gains nothing by it.

:func:`visible_to` and :func:`visible_ids` say it in the database, :meth:`Reader.tokens` with
:meth:`Reader.refused_ids` and :func:`tokens_of` say the same in the words of the search index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.enums import TextChoices
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PageViewRestriction

from km_pages.conf import conf
from km_pages.prepared import Given, ask, filled, given_keys
from km_pages.search.documents import OPEN_TOKEN, ORGANISATION_TOKEN

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    AnyUser = AbstractBaseUser | AnonymousUser

MANAGERS_TOKEN = "managers"
SEE_ALL_TEAMS = "km_pages.see_all_teams"

P = TypeVar("P", bound=Model)


class Visibility(TextChoices):
    """How far one knowledge item reaches; ordered from the narrowest to the widest."""

    NAMED = "named", _("Only the people I name")
    TEAM = "team", _("My team")
    ORGANISATION = "organisation", _("Everyone in the organisation")
    OPEN = "open", _("Anyone, also outside the organisation")

    @property
    def reach(self) -> int:
        """0 for the narrowest to 3 for the widest, to compare two visibilities."""
        return list(Visibility).index(self)


def is_signed_in(user: AnyUser) -> bool:
    """The default of ``KM_ORGANISATION_MEMBER``: everybody with an active account."""
    return user.is_authenticated and user.is_active


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

    @cached_property
    def tokens(self) -> frozenset[str] | None:
        """The visibility tokens of this reader for the index; ``None`` means: every token."""
        if self.sees_everything:
            return None
        tokens = {OPEN_TOKEN}
        if self.user_id is not None:
            tokens.add(f"user:{self.user_id}")
            tokens.update(f"team:{pk}" for pk in self.team_ids)
        if self.in_organisation:
            tokens.add(ORGANISATION_TOKEN)
        if self.sees_all_teams:
            tokens.add(MANAGERS_TOKEN)
        return frozenset(tokens)


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


@cache
def item_models() -> tuple[type[Model], ...]:
    """The concrete page models that carry a visibility of their own, also those of a host site."""
    return tuple(each for each in apps.get_models() if getattr(each, "km_has_visibility", False))


@cache
def organisation_models() -> tuple[type[Model], ...]:
    """Page models that are for members of the organisation only, whatever they contain."""
    return tuple(each for each in apps.get_models() if getattr(each, "km_for_organisation", False))


def _own(reader: Reader | Standing) -> Q:
    return Q(owner_id=reader.user_id) | Q(holder_id=reader.user_id)


def _allowed_items(model: type[Model], reader: Reader | Standing) -> Q:
    """The visibility half of the rule for one model of knowledge items."""
    allowed = Q(visibility=Visibility.OPEN)
    if reader.user_id is None:
        return allowed
    allowed |= _own(reader) | Q(
        Q(visibility=Visibility.NAMED), _listed(model, "named_people", reader.user_id)
    )
    if reader.in_organisation:
        allowed |= Q(visibility=Visibility.ORGANISATION)
    if reader.sees_all_teams:
        return allowed | Q(visibility=Visibility.TEAM)
    return allowed | Q(Q(visibility=Visibility.TEAM), _in_teams(model, reader))


def _listed(model: Any, relation: str, *keys: int) -> Q:
    """Pages of ``model`` whose many-to-many ``relation`` holds one of ``keys``, without doubles."""
    through = getattr(model, relation).through
    relation_field = model._meta.get_field(relation)
    source, target = relation_field.m2m_field_name(), relation_field.m2m_reverse_field_name()
    rows = through.objects.filter(**{source: OuterRef("pk"), f"{target}__in": keys})
    return Q(Exists(rows))


def _in_teams(model: type[Model], reader: Reader | Standing) -> Q:
    inside = Q(pk__in=[])
    for place in reader.teams:
        if place.path:
            inside |= Q(path__startswith=place.path)
    return inside | _listed(model, "shared_with", *reader.team_ids)


def _outside_refused(reader: Reader | Standing) -> Q:
    outside = Q()
    for _page_id, path in reader.refused:
        outside &= ~Q(path__startswith=path)
    return outside


def visible_to(pages: QuerySet[P], user: AnyUser | Reader | Standing | None) -> QuerySet[P]:
    """Those published pages of ``pages`` that ``user`` may see: the rule of this module's table.

    ``pages`` is a queryset of ``Page`` or of any page model; ``user`` a user, ``None`` or a
    :class:`Reader` (which also knows the shared passwords typed in this session) or its standing.
    Makes a constant number of queries to know the reader, and adds only conditions to ``pages``.
    """
    return _seen_by(pages, user if isinstance(user, Standing) else as_reader(user))


def visible_ids(ids: Collection[int], user: AnyUser | Reader | None) -> set[int]:
    """Those of ``ids`` of pages that :func:`visible_to` lets ``user`` see now. One query.

    The text of the query is kept for each standing: to make it takes longer than all else.
    """
    if not ids:
        return set()
    given = filled(ids)
    rows = ask(_seen, as_reader(user).standing, _kinds(), len(given), **given)
    return {pk for (pk,) in rows}


def _seen(reader: Standing, _numbers_of_kinds: tuple[int, ...], number: int) -> QuerySet[Any, Any]:
    wanted = Page.objects.filter(pk__in=given_keys(number))
    return _seen_by(wanted, reader).order_by().values_list("pk")


def _kinds() -> tuple[int, ...]:
    """The numbers of the page types that the rule names: a database may give them anew."""
    types = ContentType.objects.get_for_models(*item_models(), *organisation_models())
    return tuple(each.pk for each in types.values())


def _seen_by(pages: QuerySet[P], reader: Reader | Standing) -> QuerySet[P]:
    seen = pages.filter(live=True).filter(_outside_refused(reader))
    return seen if reader.sees_everything else seen.filter(_by_kind(pages.model, reader))


def _by_kind(model: type[Model], reader: Reader | Standing) -> Q:
    items = item_models()
    if model in items:
        return _allowed_items(model, reader)
    if issubclass(model, organisation_models()):
        return Q() if reader.in_organisation else Q(pk__in=[])
    if model is not Page:
        return Q()
    special = list(items) + ([] if reader.in_organisation else list(organisation_models()))
    types = ContentType.objects.get_for_models(*special) if special else {}
    seen = ~Q(content_type__in=[each.pk for each in types.values()])
    for each in items:
        rows = each._default_manager.filter(pk=OuterRef("pk"))
        seen |= Q(Exists(rows.filter(_allowed_items(each, reader))))
    return seen


def work_of(pages: QuerySet[P], user: AnyUser | Reader | None) -> QuerySet[P]:
    """Those pages of a model of knowledge items that are ``user``'s own, drafts among them.

    One's own: what one owns or holds; for a steward also what waits in their teams' spaces, unless
    it is for named people only. Superusers see all. Place counts here as well.
    """
    reader = as_reader(user)
    kept = pages.filter(_outside_refused(reader))
    if reader.sees_everything:
        return kept
    if reader.user_id is None:
        return kept.none()
    mine = _own(reader)
    for place in reader.teams:
        if place.steward and place.path:
            mine |= Q(path__startswith=place.path) & ~Q(visibility=Visibility.NAMED)
    return kept.filter(mine)


def stewarded_by(pages: QuerySet[P], user: AnyUser | Reader | None) -> QuerySet[P]:
    """Those of :func:`work_of` that stand in a space whose steward ``user`` is."""
    reader = as_reader(user)
    inside = Q(pk__in=[])
    for place in reader.teams:
        if place.steward and place.path:
            inside |= Q(path__startswith=place.path)
    return work_of(pages.filter(inside), reader)


def may_see(page: Page, user: AnyUser | Reader | None) -> bool:
    """Whether ``user`` may see ``page``, which was read from the database in this request.

    Of pages with a visibility of their own one query besides those of the reader; what is to be
    known of others stands on the page.
    """
    kind = page.specific_class
    if kind is None or issubclass(kind, item_models()):
        model = kind or type(page)
        return visible_to(model._default_manager.filter(pk=page.pk), user).exists()
    reader = as_reader(user)
    if not page.live or any(page.path.startswith(path) for _page_id, path in reader.refused):
        return False
    return (
        reader.sees_everything
        or not issubclass(kind, organisation_models())
        or reader.in_organisation
    )


def tokens_of(page: Page) -> tuple[str, ...]:
    """The visibility tokens that ``page`` carries in the index, sorted.

    Equal to what :func:`visible_to` decides: a reader who shares a token, and satisfies every
    restricted ancestor, sees the page. A page that is not published has none.
    """
    if not page.live:
        return ()
    if getattr(type(page), "km_for_organisation", False):
        return (ORGANISATION_TOKEN,)
    visibility = getattr(page, "visibility", None)
    if visibility is None or visibility == Visibility.OPEN:
        return (OPEN_TOKEN,)
    owners = (page.owner_id, getattr(page, "holder_id", None))
    tokens = {f"user:{pk}" for pk in owners if pk}
    tokens.update(_visibility_tokens(page, Visibility(visibility)))
    return tuple(sorted(tokens))


def _visibility_tokens(page: Any, visibility: Visibility) -> Iterable[str]:
    if visibility == Visibility.ORGANISATION:
        return [ORGANISATION_TOKEN]
    if visibility == Visibility.NAMED:
        return [f"user:{each.pk}" for each in page.named_people.all()]
    home = page.home_team
    teams = {each.pk for each in page.shared_with.all()} | ({home.pk} if home else set())
    return [MANAGERS_TOKEN, *(f"team:{pk}" for pk in teams)]


def order_by_ids(pages: QuerySet[P], ids: list[int]) -> list[P]:
    """``pages`` filtered to ``ids``, in their order; ids that are not among them are left out."""
    found = {each.pk: each for each in pages.filter(pk__in=ids).order_by(F("pk"))}
    return [found[pk] for pk in ids if pk in found]
