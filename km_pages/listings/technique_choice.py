"""Which techniques fit, and how many each choice would leave, worked out in one pass.

What narrows a list is read once as plain rows (:mod:`km_pages.listings.technique_rows`) for all
ways of narrowing it; to have the database count for each choice takes several times as long.
Minutes and people are compared by the database, in the rule of the finder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import CharField, IntegerField, Q, QuerySet

from km_pages.finder.limits import Clause, best_clauses, format_clauses
from km_pages.listings.technique_rows import Keys, Techniques, by_value, settings_of, within
from km_pages.prepared import Given, ask

NUMBERS = ("minutes", "people")


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
    return settings_of(0).filter(as_condition(clauses))


class Choice:
    """What of ``techniques`` fits wishes. One query for each pair of minutes and people."""

    def __init__(self, techniques: Techniques) -> None:
        self.techniques = techniques
        self._formats: dict[Any, Mapping[str, Keys]] = {}

    def keys(self, wishes: Mapping[str, Any]) -> Keys:
        """Those with one format that meets all ``wishes`` at once.

        A format fits when the minutes and people asked for lie within what is possible. Something
        without a fixed length never matches on minutes, and a limit left empty is no limit.
        """
        kept = self.techniques.keys
        if phase := wishes.get("phase"):
            kept &= self.techniques.phases.get(phase.pk, frozenset())
        if goal := wishes.get("goal"):
            kept &= self.techniques.goals.get(goal.pk, frozenset())
        if letter := wishes.get("letter"):
            rows = self.techniques.rows
            kept &= {row[0] for row in rows if row[2][:1].upper() == letter.upper()}
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
        found = {each: named.get(getattr(each, "pk", each), none) for each in values}
        # What is named is among all: to count that needs no look at each.
        every = kept is self.techniques.keys
        return {each: len(keys if every else kept & keys) for each, keys in found.items()}

    def ordered(
        self, wishes: Mapping[str, Any], view: str, place: Callable[[int | None], Any]
    ) -> list[int]:
        """Keys of those that fit, in the order of ``view``; ``place`` is that of a main moment.

        By title, or by moment; by "fit" those with a format at its best for these minutes and
        people come first.
        """
        kept = self.keys(wishes)
        rows = self.techniques.rows
        if kept is not self.techniques.keys:
            rows = tuple([row for row in rows if row[0] in kept])
        if view not in ("fit", "phase"):
            return [row[0] for row in rows]
        best = self._at_their_best(wishes) if view == "fit" else kept
        # A handful of heaps: to sort ten thousand rows takes ten times as long.
        heaps = []
        for phase in sorted({row[1] for row in rows}, key=place):
            heaps.append([row[0] for row in rows if row[1] == phase])
        if view != "fit":
            return [pk for heap in heaps for pk in heap]
        first = [[pk for pk in heap if pk in best] for heap in heaps]
        rest = [[pk for pk in heap if pk not in best] for heap in heaps]
        return [pk for heap in (*first, *rest) for pk in heap]

    def letters(self, wishes: Mapping[str, Any]) -> dict[str, int]:
        """First letters of what fits the other wishes, in order, each with its number."""
        kept = self.keys({each: value for each, value in wishes.items() if each != "letter"})
        rows = self.techniques.rows
        # By a counter and by place, because there are ten thousand of them.
        found = Counter([row[2][:1].upper() for row in rows if row[0] in kept])
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
            self._formats[key] = within(by_value(rows), self.techniques.keys)
        return self._formats[key]

    def _at_their_best(self, wishes: Mapping[str, Any]) -> Keys:
        asked = {name: wishes[name] for name in (*NUMBERS, "setting") if wishes.get(name)}
        return frozenset(pk for _setting, pk in ask(_that_meet, tuple(asked), True, **asked))
