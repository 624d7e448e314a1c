"""Which at most three techniques fit a wish, why, and what to use instead of the wrong one.

docs/why/finder.md says how it is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from km_pages.finder.limits import best_clauses, format_clauses, meets, weeks_limits
from km_pages.finder.words import misfit_words, reasons

MOST = 3
LEAVING = "leaving"
ONLINE = "online"
# Another moment or goal is further away than a few minutes or people.
ANOTHER_USE, NEVER = 10.0, 1000.0
BEST, MAIN_MOMENT, OTHER_MOMENT = 2, 2, 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody has and wants; ``None`` or empty leaves it open."""

    minutes: int | None = None
    people: int | None = None
    moment: str = ""
    setting: str = ""
    goal: str = ""
    weeks: int | None = None

    @property
    def named(self) -> dict[str, Any]:
        """What was asked for, by name."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    def without(self, names: Container[str]) -> Wish:
        """The same wish with ``names`` left open."""
        return Wish(**{name: value for name, value in self.named.items() if name not in names})


@dataclass(frozen=True, slots=True)
class Format:
    """One way of doing something, with its hard limits and where it works best.

    ``length`` says in words how long it takes, where the limits do not.
    """

    key: str
    name: str
    length: str = ""
    setting: str = ""
    setting_name: str = ""
    ongoing: bool = False
    minutes_min: int | None = None
    minutes_max: int | None = None
    best_minutes_min: int | None = None
    best_minutes_max: int | None = None
    people_min: int | None = None
    people_max: int | None = None
    best_people_min: int | None = None
    best_people_max: int | None = None


@dataclass(frozen=True, slots=True)
class WrongTool:
    """When not to use it, in words of an editor, and the conditions under which that is sure.

    Without conditions it is for people to judge, and the finder keeps quiet about it.
    """

    situation: str
    instead: int | None = None
    instead_text: str = ""
    moment: str = ""
    fewer_than: int | None = None
    more_than: int | None = None
    shorter_than: int | None = None

    @property
    def asks(self) -> set[str]:
        """The wishes that this depends on."""
        people = self.fewer_than is not None or self.more_than is not None
        named = {"moment": self.moment, "people": people, "minutes": self.shorter_than is not None}
        return {name for name, asked in named.items() if asked}

    def applies(self, wish: Wish) -> bool:
        """Whether all that this depends on is so."""
        if not self.asks <= wish.named.keys():
            return False
        people, minutes = wish.people or 0, wish.minutes or 0
        return bool(self.asks) and (
            (not self.moment or self.moment == wish.moment)
            and (self.fewer_than is None or people < self.fewer_than)
            and (self.more_than is None or people > self.more_than)
            and (self.shorter_than is None or minutes < self.shorter_than)
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A technique or an activity as the rule needs it. ``moments`` begins with the main one.

    ``weeks`` are those before the last day in which it is best done; ``when`` says them in words.
    """

    key: int
    title: str
    formats: tuple[Format, ...] = ()
    moments: tuple[str, ...] = ()
    moment_names: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    goal_names: tuple[str, ...] = ()
    weeks_earliest: int | None = None
    weeks_latest: int | None = None
    when: str = ""
    wrong_tools: tuple[WrongTool, ...] = ()
    url: str = ""
    strapline: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer: what, in which format, and why or why not quite, in words."""

    candidate: Candidate
    format: Format | None
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NotThis:
    """The wrong tool for this wish, and what to use instead where that can be seen."""

    candidate: Candidate
    wrong: WrongTool
    instead: Candidate | None


@dataclass(frozen=True, slots=True)
class Answer:
    """At most three ``offers``, best first; else the ``nearest``; and what ``not_this``.

    ``count`` is how many fit in all.
    """

    offers: list[Offer]
    nearest: list[Offer]
    not_this: list[NotThis]
    count: int


def answer(wish: Wish, candidates: Sequence[Candidate]) -> Answer:
    """What fits ``wish``. The same for the same wish, in whatever order ``candidates`` come."""
    right = [each for each in candidates if not _wrong(each, wish)]
    found = sorted((_score(each, wish) for each in right if fits(each, wish)), key=_place_for(wish))
    offers = [Offer(one, way, reasons(one, way, wish)) for _points, one, way in found[:MOST]]
    return Answer(
        offers=offers,
        nearest=[] if found else _nearest(right, wish),
        not_this=_not_this(candidates, wish),
        count=len(found),
    )


def fits(one: Candidate, wish: Wish) -> bool:
    """Whether ``one`` has a format that meets all of ``wish`` at once."""
    return not _missed(one, wish) and (bool(_ways(one, wish)) or not format_clauses(wish.named))


def _missed(one: Candidate, wish: Wish) -> list[str]:
    """Those wishes that no format can change: moment, goal, weeks."""
    missed = []
    if wish.moment and wish.moment not in one.moments:
        missed.append("moment")
    if wish.goal and wish.goal not in one.goals:
        missed.append("goal")
    if wish.weeks is not None and not meets(one, weeks_limits(wish.weeks)):
        missed.append("weeks")
    return missed


def _ways(one: Candidate, wish: Wish) -> list[Format]:
    clauses = format_clauses(wish.named)
    return [each for each in one.formats if meets(each, clauses)]


def _score(one: Candidate, wish: Wish) -> tuple[int, Candidate, Format | None]:
    """The points of ``one`` with its best format: two for each range at its best, and its moment.

    Nobody who has not asked for it is sent to a screen if there is a format for the room. Of
    formats with as many points the first goes, in the order in which editors put them.
    """
    ways = _ways(one, wish)
    if not wish.setting:
        ways = [each for each in ways if each.setting != ONLINE] or ways
    best = max(ways, key=lambda way: _at_its_best(way, wish), default=None)
    points = _at_its_best(best, wish) if best else 0
    if wish.moment:
        points += MAIN_MOMENT if one.moments[:1] == (wish.moment,) else OTHER_MOMENT
    if wish.weeks is not None and one.weeks_earliest is not None:
        points += BEST if wish.weeks <= one.weeks_earliest else 0
    return points, one, best


def _at_its_best(way: Format, wish: Wish) -> int:
    asked = {"minutes": wish.minutes, "people": wish.people}
    return sum(
        BEST for name, value in asked.items() if value and meets(way, best_clauses(name, value))
    )


def _place_for(wish: Wish) -> Callable[[tuple[int, Candidate, Format | None]], tuple[Any, ...]]:
    def place(scored: tuple[int, Candidate, Format | None]) -> tuple[Any, ...]:
        points, one, way = scored
        shortest = way.minutes_min if way and way.minutes_min is not None else 0
        # With weeks left, what can wait least comes first.
        waits = -(one.weeks_latest or 0) if wish.weeks is not None else 0
        return -points, waits, shortest, one.title, one.key

    return place


def _wrong(one: Candidate, wish: Wish) -> WrongTool | None:
    return next((each for each in one.wrong_tools if each.applies(wish)), None)


def _not_this(candidates: Sequence[Candidate], wish: Wish) -> list[NotThis]:
    """The wrong tools that somebody might reach for: but for that one reason they would do."""
    by_key = {each.key: each for each in candidates}
    rows = []
    for one in sorted(candidates, key=lambda each: (each.title, each.key)):
        wrong = _wrong(one, wish)
        if wrong and fits(one, wish.without(wrong.asks)):
            other = by_key.get(wrong.instead) if wrong.instead is not None else None
            rows.append(NotThis(one, wrong, other))
    return rows[:MOST]


def _nearest(candidates: Sequence[Candidate], wish: Wish) -> list[Offer]:
    """Those with the fewest wishes unmet, then those that miss them by the least.

    What is meant for something else is named only where nothing else is.
    """
    rows: list[tuple[tuple[Any, ...], Offer]] = []
    meant = [each for each in candidates if not _missed(each, wish)]
    for one in meant or candidates:
        missed = _missed(one, wish)
        ways = [(*_distance(way, wish), way) for way in one.formats]
        names, far, way = min(ways, key=lambda each: (len(each[0]), each[1]), default=([], 0, None))
        place = (len(missed) + len(names), far + ANOTHER_USE * len(missed), one.title, one.key)
        rows.append((place, Offer(one, way, misfit_words(one, way, wish, [*names, *missed]))))
    rows.sort(key=lambda row: row[0])
    return [offer for _place_of_it, offer in rows[:MOST]]


def _distance(way: Format, wish: Wish) -> tuple[list[str], float]:
    """Which wishes ``way`` misses, and by how much of what was asked for."""
    names, far = [], 0.0
    for name, value in wish.named.items():
        if meets(way, format_clauses({name: value})):
            continue
        names.append(name)
        if name in ("minutes", "people"):
            goes_on = name == "minutes" and way.ongoing
            missing = 0 if goes_on else abs(gap(way, name, value))
            # What has no length cannot be brought any nearer.
            far += missing / value if missing else NEVER
    return names, far


def gap(way: Any, name: str, value: int) -> int:
    """How far ``value`` of minutes or people lies outside ``way``: below 0 if too little."""
    low, high = getattr(way, f"{name}_min"), getattr(way, f"{name}_max")
    if low is not None and value < low:
        return int(value - low)
    return int(value - high) if high is not None and value > high else 0
