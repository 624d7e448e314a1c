"""Techniques as cards in a list: grouped, with the words of the format that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from km_pages.finder.limits import best_clauses, format_clauses, meets
from km_pages.wording import minutes_in_words, people_in_words

BEST_FITS = 3


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
        return list(technique.goals.all()) or [None]
    if view == "a-z":
        return [technique.title[:1].upper()]
    return [technique.primary_phase]


def describe(technique: Any, wishes: dict[str, Any], url: str) -> None:
    """Put on ``technique`` what its card says: ``km_words``, and ``km_url`` of the fitting format.

    ``url`` is the address of its page. No query if formats are prefetched.
    """
    technique.km_url = url
    technique.km_words = card_words(technique)
    asked = any(name in wishes for name in ("minutes", "people", "setting"))
    one = matching_format(technique, wishes) if asked else None
    if one is None:
        return
    technique.km_url = f"{technique.km_url}?format={one.pk}"
    technique.km_words = {
        "minutes": minutes_in_words(one.minutes_min, one.minutes_max)
        or (_("No fixed length") if one.ongoing else ""),
        "people": people_in_words(one.people_min, one.people_max),
        "also": str(one),
    }


def matching_format(technique: Any, wishes: dict[str, Any]) -> Any:
    """The format of ``technique`` that meets ``wishes``, at its best if one is; else nothing."""
    clauses = format_clauses(wishes)
    fit = [each for each in technique.formats.all() if meets(each, clauses)]
    return min(fit, key=lambda each: -_at_its_best(each, wishes), default=None)


def _at_its_best(one: Any, wishes: dict[str, Any]) -> int:
    return sum(
        meets(one, best_clauses(name, wishes[name]))
        for name in ("minutes", "people")
        if wishes.get(name)
    )


def _inside(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def what_it_needs(technique: Any, wishes: dict[str, Any]) -> str:
    """Why ``technique`` does not fit: "Not in 5: 15 to 120 minutes"; empty if not for that."""
    words = card_words(technique)
    minutes, people = wishes.get("minutes"), wishes.get("people")
    if people and not any(
        _inside(people, each.people_min, each.people_max) for each in technique.formats.all()
    ):
        return _("Not for %(number)d: %(people)s") % {"number": people, "people": words["people"]}
    if minutes:
        return _("Not in %(number)d: %(minutes)s") % {
            "number": minutes,
            "minutes": words["minutes"],
        }
    return ""


def card_words(technique: Any) -> dict[str, str]:
    """Minutes and people of a technique in words, over all its formats. No query if prefetched."""
    formats = list(technique.formats.all())
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
