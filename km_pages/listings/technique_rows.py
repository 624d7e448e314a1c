"""The techniques of a list as plain rows: what all ways of narrowing it are worked out from.

They are read once; after a change of a few pages only the rows of those are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import CharField, IntegerField, QuerySet

from km_pages.prepared import Given, ask, filled, given_keys
from km_pages.visibility import Standing, visible_to

Keys = frozenset[int]


class Listed(NamedTuple):
    """What a technique is chosen and ordered by, besides what it is named under."""

    pk: int
    phase: int | None
    title: str


@dataclass(frozen=True)
class Techniques:
    """The techniques of one list that a reader may see, by title, and what they are chosen by.

    Moments, goals and settings name only techniques that stand in ``rows``.
    """

    rows: tuple[Listed, ...] = ()
    phases: Mapping[int, Keys] = field(default_factory=dict)
    goals: Mapping[int, Keys] = field(default_factory=dict)
    settings: Mapping[str, Keys] = field(default_factory=dict)

    @cached_property
    def keys(self) -> Keys:
        """The keys of all."""
        return frozenset([row[0] for row in self.rows])


# Techniques by what they are named under: moments, goals and settings.
Named = tuple[dict[Any, set[int]], dict[Any, set[int]], dict[Any, set[int]]]


def techniques_of(page: Any, reader: Standing) -> Techniques:
    """What ``page`` lists for ``reader``. Four queries."""
    if not page.pk:
        return Techniques()
    rows = tuple(Listed._make(row) for row in ask(_listed, page.path, page.depth + 1, reader, 0))
    every = frozenset([row[0] for row in rows])
    return Techniques(rows, *[within(found, every) for found in _named(rows, 0, {})])


def mended(techniques: Techniques, changed: Keys, page: Any, reader: Standing) -> Techniques | None:
    """``techniques`` after nothing but the pages ``changed`` changed, as if it were made anew.

    Four queries for a few rows, and one where a technique came or has another name; nothing where
    several did.
    """
    if not changed:
        return techniques
    keys = sorted(changed)
    given = filled(keys)
    number = len(given)
    new = [Listed(*row) for row in ask(_listed, page.path, page.depth + 1, reader, number, **given)]
    rows = _put_in(techniques.rows, changed, new, page, reader)
    if rows is None:
        return None
    phases, goals, settings = _named(new, number, given)
    seen = frozenset(row.pk for row in new)
    return Techniques(
        rows,
        _replaced(techniques.phases, changed, within(phases, seen)),
        _replaced(techniques.goals, changed, within(goals, seen)),
        _replaced(techniques.settings, changed, within(settings, seen)),
    )


def _put_in(
    rows: tuple[Listed, ...], changed: Keys, new: list[Listed], page: Any, reader: Standing
) -> tuple[Listed, ...] | None:
    """``rows`` with those of ``changed`` as they are in ``new``, in the order of the titles."""
    titles = {row.pk: row.title for row in rows if row[0] in changed}
    stays = {row.pk: row for row in new if titles.get(row.pk) == row.title}
    moves = [row for row in new if row.pk not in stays]
    if len(moves) > 1:
        return None
    kept = [stays.get(row[0], row) for row in rows if row[0] not in changed or row[0] in stays]
    for row in moves:
        # The database says between which two, because it knows how titles are ordered.
        before = ask(_before, page.path, page.depth + 1, reader, title=row.title, key=row.pk)
        last = before[0][0] if before else None
        at = next((place for place, each in enumerate(kept, start=1) if each[0] == last), 0)
        if last is not None and not at:
            return None
        kept.insert(at, row)
    return tuple(kept)


def _replaced(
    before: Mapping[Any, Keys], changed: Keys, after: Mapping[Any, Keys]
) -> Mapping[Any, Keys]:
    """``before`` with ``changed`` named as ``after`` says."""
    none: Keys = frozenset()
    values = [*before, *(each for each in after if each not in before)]
    return {
        value: (before.get(value, none) - changed) | after.get(value, none)
        if value in after or not changed.isdisjoint(before[value])
        else before[value]
        for value in values
    }


def _named(rows: Iterable[Listed], number: int, given: Mapping[str, int]) -> Named:
    """By what techniques are named: all, or ``number`` of them whose keys are ``given``."""
    phases = by_value(ask(_linked, "phases", "learningphase", number, **given))
    for pk, phase, _title in rows:
        if phase is not None:
            phases.setdefault(phase, set()).add(pk)
    goals = by_value(ask(_linked, "goals", "goal", number, **given))
    return phases, goals, by_value(ask(settings_of, number, **given))


def by_value(rows: Iterable[tuple[Any, ...]]) -> dict[Any, set[int]]:
    """Keys of techniques by what they are named under."""
    found: dict[Any, set[int]] = {}
    for value, pk in rows:
        if value in found:
            found[value].add(pk)
        else:
            found[value] = {pk}
    return found


def within(found: dict[Any, set[int]], every: Keys) -> dict[Any, Keys]:
    """``found`` without those that are not among ``every``."""
    return {value: every & keys for value, keys in found.items()}


def _seen(path: str, depth: int, reader: Standing) -> QuerySet[Any, Any]:
    model = apps.get_model("km_pages", "TechniquePage")
    return visible_to(model.objects.filter(path__startswith=path, depth=depth), reader)


def _listed(path: str, depth: int, reader: Standing, number: int) -> QuerySet[Any, Any]:
    rows = _seen(path, depth, reader)
    # By the key of the page: that of the technique is a relation, which takes no given values.
    rows = rows.filter(id__in=given_keys(number)) if number else rows
    return rows.order_by("title").values_list("pk", "primary_phase_id", "title")


def _before(path: str, depth: int, reader: Standing) -> QuerySet[Any, Any]:
    """The last technique before a given title."""
    rows = _seen(path, depth, reader).exclude(id=Given("key", IntegerField()))
    rows = rows.filter(title__lt=Given("title", CharField()))
    return rows.order_by("-title").values_list("pk")[:1]


def _linked(relation: str, target: str, number: int) -> QuerySet[Any, Any]:
    through = getattr(apps.get_model("km_pages", "TechniquePage"), relation).through
    rows = through._default_manager.order_by()
    rows = rows.filter(techniquepage__id__in=given_keys(number)) if number else rows
    return rows.values_list(f"{target}_id", "techniquepage_id")


def settings_of(number: int) -> QuerySet[Any, Any]:
    """Settings and techniques of all formats, or of those of ``number`` given techniques."""
    rows = apps.get_model("km_pages", "TechniqueFormat").objects.order_by()
    rows = rows.filter(technique__id__in=given_keys(number)) if number else rows
    return rows.values_list("setting", "technique_id")
