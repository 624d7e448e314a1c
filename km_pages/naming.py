"""What the values of facets are called on screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from km_pages.models import Goal, LearningPhase, OutputType, Team, Topic
from km_pages.prepared import ask, filled, given_keys
from km_pages.projection.facets import REVIEW_DUE, REVIEW_OK

FACET_NAMES: Mapping[str, Any] = {
    "kind": _("Kind"),
    "team": _("Team"),
    "phase": _("Moment"),
    "topic": _("Topic"),
    "type": _("What it is"),
    "goal": _("Goal"),
    "tag": _("Tag"),
    "filetype": _("Kind of file"),
    "year": _("Year"),
    "review": _("Checking"),
}
KIND_NAMES: Mapping[str, Any] = {
    "knowledge": _("Knowledge item"),
    "technique": _("Technique"),
    "activity": _("Activity"),
    "module": _("Learning module"),
    "toolkit": _("Toolkit"),
    "team": _("Team space"),
    "page": _("Page"),
}
REVIEW_NAMES: Mapping[str, Any] = {
    REVIEW_OK: _("Checked, not due yet"),
    REVIEW_DUE: _("Due for checking"),
}
LISTS = {
    "team": Team,
    "phase": LearningPhase,
    "topic": Topic,
    "type": OutputType,
    "goal": Goal,
}


def kind_name(kind: str) -> str:
    """The kind of a result in words; a host site's own kind as its slug says it."""
    return str(KIND_NAMES.get(kind) or kind.replace("-", " ").replace("_", " ").capitalize())


def value_names(values: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
    """Names of facet values, by facet and value; what has no other name is called by its value.

    ``values`` are those of each facet. One query in all. The names of private teams are names of
    people's work: ask only for values that the reader has been counted documents of.
    """
    names: dict[tuple[str, str], str] = {}
    for facet, given in values.items():
        for value in given:
            names[facet, value] = plain_name(facet, value)
    listed = {name: list(given) for name, given in values.items() if name in LISTS and given}
    asked: dict[str, str] = {}
    sizes = []
    for name, given in listed.items():
        wanted = filled(given, name=name)
        asked |= wanted
        sizes.append((name, len(wanted)))
    for facet, slug, label in ask(_listed_names, tuple(sizes), **asked) if sizes else ():
        names[facet, slug] = label
    return names


def _listed_names(sizes: tuple[tuple[str, int], ...]) -> QuerySet[Any, Any]:
    """Facet, slug and name of so many entries of each list."""
    parts = []
    for facet, number in sizes:
        given = given_keys(number, CharField(), name=facet)
        found = LISTS[facet]._default_manager.filter(slug__in=given)  # type: ignore[attr-defined]
        parts.append(found.order_by().values_list(Value(facet), "slug", "name"))
    return parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]


def plain_name(facet: str, value: str) -> str:
    """What a value is called as far as that tells nothing: lists kept by editors are not read."""
    if facet == "kind":
        return kind_name(value)
    if facet == "review":
        return str(REVIEW_NAMES.get(value, value))
    return value.upper() if facet == "filetype" else value
