"""What the pages of the repository show: spaces, items, people, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, IntegerField, Model, OuterRef, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page

from km_pages.listings.cards import PAGE_SIZE, ItemCard, SpaceCard, cards, items, spaces_by_path
from km_pages.listings.kept_back import told_of
from km_pages.listings.parts import ListedPart, is_any_seen, newest_part
from km_pages.prepared import Given, ask, fetch, fetch_each
from km_pages.visibility import (
    Reader,
    Standing,
    Visibility,
    as_reader,
    reader_for,
    visible_to,
)

# So long before it is due, people are asked whether an item is still right.
SOON = timedelta(days=30)

MOST_USED = 5
FEWEST_USES = 3
MOST_COUNTED = 200
USED_DAYS = 92


def _listed(
    page: Any, request: HttpRequest, spaces: dict[str, SpaceCard] | None = None
) -> dict[str, Any]:
    if not page.path:
        return {"part": ListedPart(1, 1), "items": []}
    wanted = request.GET.get("page")
    part = newest_part(items, reader_for(request), inside=page.path, wanted=wanted, size=PAGE_SIZE)
    return {"part": part, "items": cards(part.object_list, request, spaces)}


def _inside(page: Any) -> QuerySet[Any]:
    return items().filter(path__startswith=page.path) if page.path else items().none()


def repository_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """``spaces`` (team spaces below, by name) and ``items`` with their ``part`` of a long list."""
    reader = reader_for(request)
    every = spaces_by_path(request)
    spaces = [each for path, each in every.items() if page.path and path.startswith(page.path)]
    mine = reader.team_ids
    return {
        "spaces": sorted(spaces, key=lambda each: (each.team_id not in mine, each.title.lower())),
        **_listed(page, request, every),
    }


def team_space_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """The team's ``people``, ``stewards``, ``posts``, ``sections``, and its ``items``.

    ``is_member`` and ``is_steward`` say what the reader is here. Names of people are shown to
    members of the organisation only, as the whole space is.
    """
    reader = reader_for(request)
    team = _team(page)
    groups = (team.members_group_id, team.stewards_group_id) if team else ()
    return {
        "team": team,
        "people": fetch(_people_of, *groups) if team else [],
        "stewards": fetch(_stewards_of, *groups) if team else [],
        "posts": fetch(_posts_of, team.pk) if team else [],
        "sections": _sections(page, reader),
        "most_used": most_used(page, request),
        "is_member": team is not None and team.pk in reader.team_ids,
        "is_steward": team is not None and team.pk in reader.steward_team_ids,
        "has_open": team is not None and _has_open(page),
        **_listed(page, request),
    }


def _team(page: Any) -> Any:
    """The team of the space ``page``. One query, or none where it is known."""
    if not page.team_id or "team" in page._state.fields_cache:
        return page.team if page.team_id else None
    found = fetch(_team_with, pk=page.team_id)
    return found[0] if found else None


def _team_with() -> QuerySet[Any]:
    team = apps.get_model("km_pages", "Team")
    return team.objects.filter(pk=Given("pk", IntegerField())).order_by()


def _people_of(members: int, stewards: int) -> QuerySet[Any]:
    team = apps.get_model("km_pages", "Team")
    people: QuerySet[Any] = team(members_group_id=members, stewards_group_id=stewards).people
    return people


def _stewards_of(members: int, stewards: int) -> QuerySet[Any]:
    team = apps.get_model("km_pages", "Team")
    people: QuerySet[Any] = team(members_group_id=members, stewards_group_id=stewards).stewards
    return people


def _posts_of(team: int) -> QuerySet[Any]:
    posts = apps.get_model("km_pages", "Post").objects.filter(team=team)
    return posts.select_related("holder").order_by("title")


def _has_open(page: Any) -> bool:
    """Whether a stranger finds anything in the space ``page``."""
    model = apps.get_model("km_pages", "KnowledgeAssetPage")
    return bool(page.path) and is_any_seen(model, as_reader(None), page.path)


def _sections(page: Any, reader: Reader) -> list[Any]:
    """The sections of the space ``page`` that the reader may see, in their order."""
    if not page.pk:
        return []
    kind = ContentType.objects.get_for_model(apps.get_model("km_pages", "TeamSectionPage"))
    found = fetch(_sections_of, reader.standing, page.path, page.depth + 1, kind.pk)
    return sorted(found, key=lambda each: each.path)


def _sections_of(reader: Standing, path: str, depth: int, kind: int) -> QuerySet[Any]:
    section = apps.get_model("km_pages", "TeamSectionPage")
    # By type alone, and without an order: a database would read all pages of the site in it.
    below = section.objects.filter(content_type=kind, path__startswith=path, depth=depth)
    return visible_to(below.order_by(), reader)


def most_used(page: Any, request: HttpRequest) -> list[ItemCard]:
    """What was opened most in the last months among the items below ``page`` that the reader sees.

    At most five, the most used first; their numbers are shown to nobody. Two queries.
    """
    if not page.path:
        return []
    since = timezone.localdate() - timedelta(days=USED_DAYS)
    times = dict(ask(_times, page.path, since))
    if not times:
        return []
    found = visible_to(_inside(page).filter(pk__in=times), reader_for(request))
    ordered = sorted(found, key=lambda row: (-times[row[0]], -row[0]))
    return cards(ordered[:MOST_USED], request)


def _times(path: str, since: date) -> QuerySet[Any, Any]:
    """Pages below ``path`` that were used since, each with how often, the most used first."""
    inside = Page.objects.filter(pk=OuterRef("page_id"), path__startswith=path)
    # Asked of each use: to join them, a database would read all pages of the site. Begun with what
    # was used: of ten thousand items in a space hardly any was.
    uses = apps.get_model("km_pages", "PageUse").objects.filter(Exists(inside), month__gte=since)
    counted = uses.values("page_id").annotate(number=Sum("times")).filter(number__gte=FEWEST_USES)
    return counted.order_by("-number").values_list("page_id", "number")[:MOST_COUNTED]


def section_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """The ``items`` of a section, with their ``part`` of a long list."""
    return _listed(page, request)


def knowledge_item_context(page: Any, request: HttpRequest) -> dict[str, Any]:
    """The item's ``files``, ``origin``, ``topics``, ``team`` and who sees it, in names.

    ``kept_back`` are files that this reader knows of and others do not. ``origin`` is the page it
    came out of, if the reader may see that. ``may_change`` is whether the reader is its owner or
    holder.
    """
    reader = reader_for(request)
    _read_named(page, "owner", "holder")
    _read_named(page, "output_type")
    team = page.home_team
    mine = {page.owner_id, page.holder_id} - {None}
    shared: list[str] = []
    if page.visibility == Visibility.TEAM:
        shared = sorted(str(each) for each in page.shared_with.all())
    attached = _attached(page)
    is_steward = team is not None and team.pk in reader.steward_team_ids
    return {
        "team": team,
        "audience_teams": [str(team), *shared] if team else shared,
        "tags": [str(each) for each in page.tags.all()],
        "files": [each for each in attached if each.stored_file.is_servable],
        "kept_back": _kept_back(attached, reader),
        "origin": origin_of(page, request),
        # Kept on the page: what is like it is looked for by them as well.
        "topics": list(page.topics.get_object_list()),
        "shared_with": shared,
        "named_people": _named_people(page),
        "may_change": reader.user_id in mine,
        "may_check": _may_check(page, team, reader),
        "is_steward": is_steward,
    }


def _read_named(page: Any, *names: str) -> None:
    """Read what the relations ``names`` of ``page``, all to one model, lead to. One query at most.

    Its text is kept. What the page knows already, as in a preview of what is not saved, stays.
    """
    fields = [page._meta.get_field(name) for name in names]
    unread = [each for each in fields if not each.is_cached(page)]
    keys = {each: getattr(page, each.attname) for each in unread}
    model = fields[0].related_model
    wanted = list({key for key in keys.values() if key is not None})
    found = {each.pk: each for each in fetch_each(_with_keys_of(model), model._meta.pk, wanted)}
    for field, key in keys.items():
        if key in found:
            setattr(page, field.name, found[key])


@cache
def _with_keys_of(model: type[Model]) -> Callable[[Sequence[Any]], QuerySet[Any, Any]]:
    return lambda keys: model._base_manager.filter(pk__in=keys)


def _may_check(page: Any, team: Any, reader: Reader) -> bool:
    """Whether the reader's word counts that it is still right, and is asked for: it is due soon."""
    soon = timezone.localdate() + SOON
    if not page.live or (page.review_due is not None and page.review_due > soon):
        return False
    is_steward = team is not None and team.pk in reader.steward_team_ids
    mine = reader.user_id is not None and reader.user_id in (page.owner_id, page.holder_id)
    return is_steward or mine or reader.sees_everything


def _attached(page: Any) -> list[Any]:
    """The item's attachments with their files. One query."""
    if not page.pk:
        return list(page.attachments.all())
    attached = page.attachments.get_object_list()
    stored = apps.get_model("km_pages", "StoredFile")
    keys = [each.stored_file_id for each in attached]
    found = {each.pk: each for each in fetch_each(_with_keys_of(stored), stored._meta.pk, keys)}
    for each in attached:
        each.stored_file = found[each.stored_file_id]
    return list(attached)


def _kept_back(attached: list[Any], reader: Reader) -> list[Any]:
    """Those of ``attached`` that the reader is told of while they are given to no reader."""
    kept = [
        each
        for each in attached
        if not each.stored_file.is_servable and each.stored_file.binned_at is None
    ]
    told = told_of([each.stored_file for each in kept], reader)
    return [each for each in kept if each.stored_file_id in told]


def origin_of(page: Any, request: HttpRequest) -> Any:
    """The page that ``page`` came out of, if the reader may see it."""
    if not page.came_from_id:
        return None
    base = apps.get_model("wagtailcore", "Page")
    return visible_to(base.objects.filter(pk=page.came_from_id), reader_for(request)).first()


def _named_people(page: Any) -> list[str]:
    """Names of those whom an item is for, where it is for named people."""
    if page.visibility != Visibility.NAMED:
        return []
    return [each.get_full_name() or each.get_username() for each in page.audience]
