"""Techniques as cards in a list: grouped, with the words of the format that fits.

What a card shows is read as plain rows: a page as an object costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from km_pages.finder.limits import best_clauses, format_clauses, meets
from km_pages.prepared import ask, filled, given_keys
from km_pages.visibility import Standing, visible_to
from km_pages.wording import minutes_in_words, people_in_words

BEST_FITS = 3


class FormatRow(NamedTuple):
    """What a card shows, and is chosen by, of one format."""

    technique_id: int
    pk: int
    kind: str
    label: str
    setting: str
    ongoing: bool
    minutes_min: int | None
    minutes_max: int | None
    best_minutes_min: int | None
    best_minutes_max: int | None
    people_min: int | None
    people_max: int | None
    best_people_min: int | None
    best_people_max: int | None

    def __str__(self) -> str:
        kinds = apps.get_model("km_pages", "TechniqueFormat").Kind
        return self.label or str(kinds(self.kind).label)


@dataclass
class Card:
    """A technique as it stands in a list, with all that is shown of it in words."""

    pk: int
    title: str
    slug: str
    strapline: str
    primary_phase: Any
    formats: list[FormatRow]
    goals: list[Any]
    url: str = ""
    minutes: str = ""
    people: str = ""
    also: str = ""


def cards_of(
    keys: Sequence[int],
    reader: Standing,
    phases: Iterable[Any],
    goals: Mapping[Any, frozenset[int]],
) -> list[Card]:
    """Cards of the techniques ``keys`` that ``reader`` may see, in their order. Two queries.

    ``phases`` are all there are; ``goals`` those that are shown, each with the keys of its
    techniques.
    """
    if not keys:
        return []
    given = filled(keys)
    rows = {row[0]: row for row in ask(_shown, reader, len(given), **given)}
    formats: dict[int, list[FormatRow]] = {}
    for row in ask(_formats, len(given), **given):
        formats.setdefault(row[0], []).append(FormatRow(*row))
    by_key = {each.pk: each for each in phases}
    made = []
    for pk in keys:
        if pk in rows:
            _pk, title, slug, strapline, phase = rows[pk]
            mine = [goal for goal, techniques in goals.items() if pk in techniques]
            made.append(
                Card(pk, title, slug, strapline, by_key.get(phase), formats.get(pk, []), mine)
            )
    return made


def _shown(reader: Standing, number: int) -> QuerySet[Any, Any]:
    # By the key of the page: that of the technique is a relation, which takes no given values.
    model = apps.get_model("km_pages", "TechniquePage")
    rows = visible_to(model.objects.filter(id__in=given_keys(number)), reader).order_by()
    return rows.values_list("pk", "title", "slug", "strapline", "primary_phase_id")


def _formats(number: int) -> QuerySet[Any, Any]:
    rows = apps.get_model("km_pages", "TechniqueFormat")._default_manager
    wanted = rows.filter(technique__id__in=given_keys(number)).order_by("sort_order", "pk")
    return wanted.values_list(*FormatRow._fields)


@dataclass(frozen=True)
class Group:
    """Techniques under one heading; ``phase`` where the heading is a phase."""

    heading: str
    techniques: list[Any]
    phase: Any = None
    description: str = ""


def grouped(techniques: list[Any], view: str, *, first: bool = True) -> list[Group]:
    """``techniques`` in groups, in the order given: best fits, main phases, goals or letters.

    ``first`` says whether this is the first part of a long list, which begins with the best fits.
    """
    if view == "fit":
        top = techniques[:BEST_FITS] if first else []
        rest = techniques[len(top) :]
        groups = [Group(_("Best fit"), top), Group(_("These fit as well"), rest)]
        return [each for each in groups if each.techniques]
    rows: dict[Any, list[Any]] = {}
    for technique in techniques:
        for heading in _headings(technique, view):
            rows.setdefault(heading, []).append(technique)
    pairs = list(rows.items())
    if view == "goal":
        pairs.sort(key=lambda row: (row[0] is None, getattr(row[0], "sort_order", 0)))
    return [_group(heading, under, view) for heading, under in pairs]


def _group(heading: Any, techniques: list[Any], view: str) -> Group:
    words = str(heading) if heading else _("Others")
    return Group(
        words,
        techniques,
        phase=heading if view == "phase" else None,
        description=getattr(heading, "description", "") if view == "goal" else "",
    )


def _headings(technique: Any, view: str) -> list[Any]:
    if view == "goal":
        return technique.goals or [None]
    if view == "a-z":
        return [technique.title[:1].upper()]
    return [technique.primary_phase]


def describe(card: Card, wishes: dict[str, Any], url: str) -> None:
    """Put on ``card`` what it says of the format that fits ``wishes``, and where that leads.

    ``url`` is the address of the page.
    """
    words = card_words(card.formats)
    card.url, card.minutes, card.people = url, words["minutes"], words["people"]
    asked = any(name in wishes for name in ("minutes", "people", "setting"))
    one = matching_format(card.formats, wishes) if asked else None
    if one is None:
        return
    card.url = f"{url}?format={one.pk}"
    card.minutes = minutes_in_words(one.minutes_min, one.minutes_max) or (
        _("No fixed length") if one.ongoing else ""
    )
    card.people = people_in_words(one.people_min, one.people_max)
    card.also = str(one)


def matching_format(formats: Sequence[Any], wishes: dict[str, Any]) -> Any:
    """The one of ``formats`` that meets ``wishes``, at its best if one is; else nothing."""
    clauses = format_clauses(wishes)
    fit = [each for each in formats if meets(each, clauses)]
    return min(fit, key=lambda each: -_at_its_best(each, wishes), default=None)


def _at_its_best(one: Any, wishes: dict[str, Any]) -> int:
    return sum(
        meets(one, best_clauses(name, wishes[name]))
        for name in ("minutes", "people")
        if wishes.get(name)
    )


def _inside(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def what_it_needs(formats: Sequence[Any], wishes: dict[str, Any]) -> str:
    """Why ``formats`` do not fit: "Not in 5: 15 to 120 minutes"; empty if not for that."""
    words = card_words(formats)
    minutes, people = wishes.get("minutes"), wishes.get("people")
    if people and not any(_inside(people, each.people_min, each.people_max) for each in formats):
        return _("Not for %(number)d: %(people)s") % {"number": people, "people": words["people"]}
    if minutes:
        return _("Not in %(number)d: %(minutes)s") % {
            "number": minutes,
            "minutes": words["minutes"],
        }
    return ""


def card_words(formats: Sequence[Any]) -> dict[str, str]:
    """Minutes and people of a technique in words, over all its ``formats``."""
    fixed = [each for each in formats if not each.ongoing]
    lows = [each.minutes_min for each in fixed if each.minutes_min is not None]
    highs = [each.minutes_max for each in fixed if each.minutes_max is not None]
    least = [each.people_min for each in formats if each.people_min is not None]
    most = [each.people_max for each in formats]
    words = minutes_in_words(min(lows, default=None), max(highs, default=None))
    return {
        "minutes": words if fixed else _("No fixed length"),
        "people": people_in_words(
            min(least, default=None), None if None in most or not most else max(most)
        )
        if formats
        else "",
    }
