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

:func:`visible_to` and :func:`visible_ids` say it in the database, :func:`tokens_for` with
:attr:`Reader.refused_ids` and :func:`tokens_of` say the same in the words of the search index.
What has to be known of a reader for that is read in :mod:`km_pages.readers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from km_pages.prepared import ask, filled, given_keys
from km_pages.readers import Reader, Standing, TeamPlace, as_reader, reader_for
from km_pages.search.documents import OPEN_TOKEN, ORGANISATION_TOKEN

if TYPE_CHECKING:
    from km_pages.readers import AnyUser

__all__ = [
    "Reader",
    "Standing",
    "TeamPlace",
    "Visibility",
    "as_reader",
    "is_signed_in",
    "item_models",
    "may_see",
    "order_by_ids",
    "organisation_models",
    "reader_for",
    "stewarded_by",
    "tokens_for",
    "tokens_of",
    "visible_ids",
    "visible_to",
    "work_of",
]

MANAGERS_TOKEN = "managers"

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
        return page.pk in visible_ids([page.pk], user)
    reader = as_reader(user)
    if not page.live or any(page.path.startswith(path) for _page_id, path in reader.refused):
        return False
    return (
        reader.sees_everything
        or not issubclass(kind, organisation_models())
        or reader.in_organisation
    )


def tokens_for(reader: Reader) -> frozenset[str] | None:
    """The visibility tokens of ``reader`` for the index; ``None`` means: every token."""
    if reader.sees_everything:
        return None
    tokens = {OPEN_TOKEN}
    if reader.user_id is not None:
        tokens.add(f"user:{reader.user_id}")
        tokens.update(f"team:{pk}" for pk in reader.team_ids)
    if reader.in_organisation:
        tokens.add(ORGANISATION_TOKEN)
    if reader.sees_all_teams:
        tokens.add(MANAGERS_TOKEN)
    return frozenset(tokens)


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
