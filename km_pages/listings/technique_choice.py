"""Which techniques fit, and how many each choice would leave, worked out in one pass.

What narrows a list is read once as plain rows (keys of techniques, their moments, goals and
settings) for all ways of narrowing it; to have the database count for each choice takes several
times as long. Minutes and people are compared by the database, in the rule of the finder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import CharField, IntegerField, Q, QuerySet
from django.db.models.functions import Substr

from km_pages.finder.limits import Clause, best_clauses, format_clauses
from km_pages.prepared import Given, ask
from km_pages.visibility import Standing, visible_to

NUMBERS = ("minutes", "people")
Keys = frozenset[int]


class Techniques(NamedTuple):
    """The techniques of one list that a reader may see, by title, and what they are chosen by.

    ``rows`` are (key, main moment, first letter); of moments, goals and settings those techniques
    may be named too which this reader does not see.
    """

    rows: tuple[tuple[int, int | None, str], ...]
    phases: Mapping[int, Keys]
    goals: Mapping[int, Keys]
    settings: Mapping[str, Keys]


def techniques_of(page: Any, reader: Standing) -> Techniques:
    """What ``page`` lists for ``reader``. Four queries."""
    if not page.pk:
        return Techniques((), {}, {}, {})
    rows = ask(_listed, page.path, page.depth + 1, reader)
    listed = tuple((pk, phase, first.upper()) for pk, phase, first in rows)
    named = _by_value(ask(_linked, "phases", "learningphase"))
    for pk, phase, _first in listed:
        if phase is not None:
            named.setdefault(phase, set()).add(pk)
    goals = _by_value(ask(_linked, "goals", "goal"))
    return Techniques(listed, _frozen(named), _frozen(goals), _frozen(_by_value(ask(_settings))))


def _by_value(rows: Iterable[tuple[Any, ...]]) -> dict[Any, set[int]]:
    """Keys of techniques by what they are named under."""
    found: dict[Any, set[int]] = {}
    for value, pk in rows:
        if value in found:
            found[value].add(pk)
        else:
            found[value] = {pk}
    return found


def _frozen(found: dict[Any, set[int]]) -> dict[Any, Keys]:
    return {value: frozenset(keys) for value, keys in found.items()}


def _listed(path: str, depth: int, reader: Standing) -> QuerySet[Any, Any]:
    model = apps.get_model("km_pages", "TechniquePage")
    rows = visible_to(model.objects.filter(path__startswith=path, depth=depth), reader)
    return rows.order_by("title").values_list("pk", "primary_phase_id", Substr("title", 1, 1))


def _linked(relation: str, target: str) -> QuerySet[Any, Any]:
    through = getattr(apps.get_model("km_pages", "TechniquePage"), relation).through
    return through._default_manager.order_by().values_list(f"{target}_id", "techniquepage_id")


def _settings() -> QuerySet[Any, Any]:
    formats = apps.get_model("km_pages", "TechniqueFormat").objects.order_by()
    return formats.values_list("setting", "technique_id")


def as_condition(clauses: Iterable[Clause], prefix: str = "") -> Q:
    """``clauses`` as the database asks them, of fields whose names begin with ``prefix``."""
    condition = Q()
    for clause in clauses:
        either = Q()
        for test in clause:
            either |= Q(**{f"{prefix}{test.field}__{test.lookup}": test.value})
        condition &= either
    return condition


def _that_meet(names: tuple[str, ...], best: bool) -> QuerySet[Any, Any]:
    """Setting and technique of formats that meet given wishes, or are at their best for them."""
    fields = {name: IntegerField() for name in NUMBERS} | {"setting": CharField()}
    wishes: dict[str, Any] = {name: Given(name, fields[name]) for name in names}
    clauses = format_clauses(wishes)
    for name in NUMBERS:
        if best and name in wishes:
            clauses += best_clauses(name, wishes[name])
    return _settings().filter(as_condition(clauses))


class Choice:
    """What of ``techniques`` fits wishes. One query for each pair of minutes and people."""

    def __init__(self, techniques: Techniques) -> None:
        self.techniques = techniques
        self._all = frozenset(pk for pk, _phase, _first in techniques.rows)
        self._formats: dict[Any, Mapping[str, Keys]] = {}

    def keys(self, wishes: Mapping[str, Any]) -> Keys:
        """Those with one format that meets all ``wishes`` at once.

        A format fits when the minutes and people asked for lie within what is possible. Something
        without a fixed length never matches on minutes, and a limit left empty is no limit.
        """
        kept = self._all
        if phase := wishes.get("phase"):
            kept &= self.techniques.phases.get(phase.pk, frozenset())
        if goal := wishes.get("goal"):
            kept &= self.techniques.goals.get(goal.pk, frozenset())
        if letter := wishes.get("letter"):
            rows = self.techniques.rows
            kept &= {pk for pk, _phase, first in rows if first == letter.upper()}
        if any(wishes.get(name) for name in (*NUMBERS, "setting")):
            kept &= self._with_format(wishes)
        return kept

    def counts(self, name: str, values: Iterable[Any], wishes: Mapping[str, Any]) -> dict[Any, int]:
        """How many there would be with each of ``values`` of ``name`` and the other ``wishes``."""
        rest = {each: value for each, value in wishes.items() if each != name}
        # A setting counts together with minutes and people: one format must meet all of them.
        kept = self.keys({k: v for k, v in rest.items() if name != "setting" or k not in NUMBERS})
        by_value: dict[str, Mapping[Any, Keys]] = {
            "phase": self.techniques.phases,
            "goal": self.techniques.goals,
        }
        named = by_value[name] if name in by_value else self._by_setting(rest)
        none: Keys = frozenset()
        return {each: len(kept & named.get(getattr(each, "pk", each), none)) for each in values}

    def ordered(
        self, wishes: Mapping[str, Any], view: str, place: Callable[[int | None], Any]
    ) -> list[int]:
        """Keys of those that fit, in the order of ``view``; ``place`` is that of a main moment.

        By title, or by moment; by "fit" those with a format at its best for these minutes and
        people come first.
        """
        kept = self.keys(wishes)
        rows = [(pk, phase) for pk, phase, _first in self.techniques.rows if pk in kept]
        if view not in ("fit", "phase"):
            return [pk for pk, _phase in rows]
        best = self._at_their_best(wishes) if view == "fit" else kept
        places = {phase: place(phase) for phase in {phase for _pk, phase in rows}}
        # A handful of heaps: to sort ten thousand rows takes ten times as long.
        heaps: dict[Any, list[int]] = {}
        for pk, phase in rows:
            heaps.setdefault((pk not in best, places[phase]), []).append(pk)
        return [pk for _place, heap in sorted(heaps.items()) for pk in heap]

    def letters(self, wishes: Mapping[str, Any]) -> dict[str, int]:
        """First letters of what fits the other wishes, in order, each with its number."""
        kept = self.keys({each: value for each, value in wishes.items() if each != "letter"})
        found: dict[str, int] = {}
        for pk, _phase, first in self.techniques.rows:
            if pk in kept:
                found[first] = found.get(first, 0) + 1
        return dict(sorted(found.items()))

    def _with_format(self, wishes: Mapping[str, Any]) -> Keys:
        by_setting = self._by_setting(wishes)
        if setting := wishes.get("setting"):
            return by_setting.get(setting, frozenset())
        return frozenset().union(*by_setting.values())

    def _by_setting(self, wishes: Mapping[str, Any]) -> Mapping[str, Keys]:
        """Techniques by the settings of those of their formats that meet minutes and people."""
        numbers = {name: wishes[name] for name in NUMBERS if wishes.get(name)}
        if not numbers:
            return self.techniques.settings
        key = tuple(numbers.items())
        if key not in self._formats:
            rows = ask(_that_meet, tuple(numbers), False, **numbers)
            self._formats[key] = _frozen(_by_value(rows))
        return self._formats[key]

    def _at_their_best(self, wishes: Mapping[str, Any]) -> Keys:
        asked = {name: wishes[name] for name in (*NUMBERS, "setting") if wishes.get(name)}
        return frozenset(pk for _setting, pk in ask(_that_meet, tuple(asked), True, **asked))
