"""Pages with all that their documents need, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import prefetch_related_objects
from django.utils.functional import cached_property
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.models import Locale, Page, Site

from km_pages.models import Team, TeamSpacePage
from km_pages.projection.text import child_relations

# Foreign keys that documents read, where a page type has them.
FOLLOWED = ("output_type", "holder", "primary_phase")


@dataclass(frozen=True)
class Loaded:
    """One published page with its place: where it stands, for which site, in which team's space."""

    page: Any
    ancestors: tuple[int, ...]
    url: str
    site_root: int
    locale: str
    team: Team | None


def indexed_models() -> tuple[type[Page], ...]:
    """The page types that can be found: those with a ``km_kind``, of whichever app."""
    return tuple(
        model
        for model in apps.get_models()
        if issubclass(model, Page) and getattr(model, "km_kind", None)
    )


def indexed_ids() -> models.QuerySet[Any]:
    """Ids of the pages that may have a document, in the order of their ids."""
    kinds = ContentType.objects.get_for_models(*indexed_models()).values()
    pages = Page.objects.filter(live=True, alias_of__isnull=True, content_type__in=kinds)
    return pages.order_by("pk").values_list("pk", flat=True)


def load(page_ids: Sequence[int]) -> list[Loaded]:
    """Those of ``page_ids`` that belong into the index.

    Left out: what is not published, aliases, page types without ``km_kind``, pages of no site.
    """
    by_type: dict[int, list[int]] = defaultdict(list)
    rows = Page.objects.filter(pk__in=page_ids, live=True, alias_of__isnull=True)
    for pk, kind in rows.order_by().values_list("pk", "content_type_id"):
        by_type[kind].append(pk)
    pages: list[Any] = []
    for kind, ids in by_type.items():
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is not None and getattr(model, "km_kind", None):
            pages.extend(_specific(model, ids))
    return _with_places(pages)


def _specific(model: Any, ids: list[int]) -> list[Any]:
    followed = [name for name in FOLLOWED if name in _foreign_keys(model)]
    pages = list(model._base_manager.filter(pk__in=ids).select_related(*followed))
    for relation in get_all_child_relations(model):
        if relation.get_accessor_name() in child_relations(model):
            _attach_children(pages, relation)
    for field in get_all_child_m2m_relations(model):
        _attach_related(pages, field)
    plain = [each.name for each in model._meta.many_to_many if _is_plain(each)]
    if plain:
        prefetch_related_objects(pages, *plain)
    return pages


@cache
def _foreign_keys(model: Any) -> frozenset[str]:
    return frozenset(each.name for each in model._meta.concrete_fields if each.many_to_one)


def _is_plain(field: Any) -> bool:
    return type(field) is models.ManyToManyField and not isinstance(field, ParentalManyToManyField)


def _attach_children(pages: list[Any], relation: Any) -> None:
    """Give each page its inline children, kept in memory.

    A prefetch would do for ``all()``, but a further filter on modelcluster's managers then
    answers with the children of every page: a leak where visibility is read from them.
    """
    parent = relation.field
    rows = relation.related_model._default_manager.filter(**{f"{parent.name}__in": pages})
    followed = [
        each.name
        for each in relation.related_model._meta.concrete_fields
        if each.many_to_one and not each.null and each.name != parent.name
    ]
    found = defaultdict(list)
    for child in rows.select_related(*followed) if followed else rows:
        found[getattr(child, parent.attname)].append(child)
    for page in pages:
        getattr(page, relation.get_accessor_name()).set(found[page.pk])


def _attach_related(pages: list[Any], field: Any) -> None:
    """Give each page what its many-to-many ``field`` holds, kept in memory. Two queries."""
    source, target = field.m2m_field_name(), field.m2m_reverse_field_name()
    rows = field.remote_field.through._base_manager.filter(**{f"{source}__in": pages})
    pairs = list(rows.order_by("pk").values_list(f"{source}_id", f"{target}_id"))
    related = field.related_model._base_manager.in_bulk({each for _page, each in pairs})
    found = defaultdict(list)
    for page_id, key in pairs:
        if key in related:
            found[page_id].append(related[key])
    for page in pages:
        getattr(page, field.name).set(found[page.pk])


class _RootPaths:
    """Holds the root paths of the sites for Wagtail, which would else ask its cache per page."""


def _with_places(pages: list[Any]) -> list[Loaded]:
    ids_by_path, teams_by_path = _ancestors(pages), _teams(pages)
    roots = dict(Site.objects.values_list("pk", "root_page_id"))
    locales = dict(Locale.objects.values_list("pk", "language_code"))
    root_paths: Any = _RootPaths()
    made = []
    for page in pages:
        parts = page.get_url_parts(request=root_paths)
        if parts is None or parts[0] not in roots:
            continue
        steps = _steps(page)
        team = next((teams_by_path[path] for path in steps[::-1] if path in teams_by_path), None)
        if isinstance(getattr(type(page), "home_team", None), cached_property):
            page.home_team = team
        made.append(
            Loaded(
                page=page,
                ancestors=tuple(ids_by_path[path] for path in steps if path in ids_by_path),
                url=parts[2] or "",
                site_root=roots[parts[0]],
                locale=locales.get(page.locale_id, ""),
                team=team,
            )
        )
    return made


def _steps(page: Any) -> list[str]:
    """The tree paths of all ancestors of ``page`` and its own, from the root down."""
    return [page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)]


def _all_steps(pages: Iterable[Any]) -> set[str]:
    return {path for page in pages for path in _steps(page)}


def _ancestors(pages: list[Any]) -> dict[str, int]:
    rows = Page.objects.filter(path__in=_all_steps(pages)).order_by()
    return dict(rows.values_list("path", "pk"))


def _teams(pages: list[Any]) -> dict[str, Team]:
    spaces = TeamSpacePage.objects.filter(path__in=_all_steps(pages)).select_related("team")
    return {space.path: space.team for space in spaces}
