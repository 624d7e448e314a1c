"""The finder's rule, by properties: limits, wider wishes, one answer, what has no length."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from km_pages.finder.rule import Candidate, Format, Wish, WrongTool, answer, fits

few = settings(max_examples=120, deadline=None)
MOMENTS, GOALS, WHERE = ("before", "after", "leaving"), ("meet", "share"), ("in_person", "online")
number = st.integers(1, 12)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[int | None, int | None]:
    low, high = sorted((draw(number), draw(number)))
    return draw(st.sampled_from([low, None])), draw(st.sampled_from([high, None]))


@st.composite
def formats(draw: st.DrawFn) -> Format:
    minutes, people, best = draw(ranges()), draw(ranges()), draw(ranges())
    return Format(
        key="1", name="Short", setting=draw(st.sampled_from(WHERE)), ongoing=draw(st.booleans()),
        minutes_min=minutes[0], minutes_max=minutes[1], people_min=people[0],
        people_max=people[1], best_minutes_min=best[0], best_minutes_max=best[1],
    )  # fmt: skip


wrong_tools = st.builds(
    WrongTool,
    situation=st.just("It is over."),
    instead=st.integers(0, 5),
    moment=st.sampled_from(("", *MOMENTS)),
    fewer_than=st.none() | number,
    shorter_than=st.none() | number,
)
candidates = st.lists(
    st.builds(
        Candidate,
        key=st.integers(0, 50),
        title=st.sampled_from("ABCD"),
        formats=st.lists(formats(), max_size=3).map(tuple),
        moments=st.lists(st.sampled_from(MOMENTS), unique=True).map(tuple),
        goals=st.lists(st.sampled_from(GOALS), unique=True).map(tuple),
        weeks_latest=st.none() | st.integers(-3, 8),
        wrong_tools=st.lists(wrong_tools, max_size=2).map(tuple),
    ),
    max_size=8,
    unique_by=lambda each: each.key,
)
wishes = st.builds(
    Wish,
    minutes=st.none() | number,
    people=st.none() | number,
    moment=st.sampled_from(("", *MOMENTS)),
    setting=st.sampled_from(("", *WHERE)),
    goal=st.sampled_from(("", *GOALS)),
    weeks=st.none() | st.integers(-3, 8),
)


@few
@given(wishes, candidates)
def test_an_offer_never_breaks_a_limit_of_its_format_nor_is_it_the_wrong_tool(
    wish: Wish, among: list[Candidate]
) -> None:
    for offer in answer(wish, among).offers:
        way = offer.format
        assert not any(each.applies(wish) for each in offer.candidate.wrong_tools)
        if way is None:
            assert not (wish.minutes)
            assert not (wish.people)
            assert not (wish.setting)
            continue
        if wish.minutes:
            assert not way.ongoing
            assert way.minutes_min is not None
            assert way.minutes_min <= wish.minutes <= (way.minutes_max or 99)
        if wish.people:
            assert (way.people_min or 0) <= wish.people <= (way.people_max or 99)
        assert wish.setting in ("", way.setting)


@few
@given(wishes, candidates, st.data())
def test_a_wider_wish_never_shrinks_the_answer(
    wish: Wish, among: list[Candidate], data: st.DataObject
) -> None:
    left_out = data.draw(st.lists(st.sampled_from(sorted(wish.named) or ["goal"])))
    wider = answer(wish.without(left_out), among)
    assert wider.count >= answer(wish, among).count
    assert len(wider.offers) == min(3, wider.count)
    for one in among:
        assert fits(one, wish.without(left_out)) or not fits(one, wish)


@few
@given(wishes, candidates, st.randoms(use_true_random=False))
def test_the_order_of_what_there_is_changes_nothing(
    wish: Wish, among: list[Candidate], chance: Random
) -> None:
    mixed = list(among)
    chance.shuffle(mixed)
    assert answer(wish, mixed) == answer(wish, among)


@few
@given(number, candidates)
def test_what_goes_on_is_never_matched_on_minutes(minutes: int, among: list[Candidate]) -> None:
    going_on = [
        replace(each, formats=tuple(replace(way, ongoing=True) for way in each.formats))
        for each in among
    ]
    assert answer(Wish(minutes=minutes), going_on).count == 0


def test_where_nothing_fits_the_nearest_says_what_is_missing_and_by_how_much() -> None:
    short = Format("1", "Short", minutes_min=15, minutes_max=30, people_min=3, people_max=8)
    small, long = Candidate(1, "Small", (short,)), Candidate(2, "Long", (
        replace(short, minutes_min=90, minutes_max=120),))  # fmt: skip
    found = answer(Wish(minutes=10, people=4), [long, small])
    assert [each.candidate.title for each in found.nearest] == ["Small", "Long"]
    assert found.nearest[0].words == ["it takes at least 15 minutes: 5 more than you have"]
    found = answer(Wish(minutes=20, people=10), [small])
    assert found.nearest[0].words == ["it is for at most 8 people: 2 fewer than you are"]


def test_the_wrong_tool_names_the_right_one_as_its_editor_wrote() -> None:
    short = Format("1", "Short", minutes_min=15, minutes_max=30)
    over = WrongTool("It is over.", 2, "Look back.", moment="after")
    before = Candidate(1, "Before", (short,), ("before",), wrong_tools=(over,))
    after = Candidate(2, "After", (short,), ("after",))
    found = answer(Wish(minutes=20, moment="after"), [before, after])
    assert [each.candidate.title for each in found.offers] == ["After"]
    assert [(each.wrong, each.instead) for each in found.not_this] == [(over, after)]
    # Nobody with two hours would reach for it.
    assert answer(Wish(minutes=120, moment="after"), [before, after]).not_this == []


def test_nobody_who_has_not_asked_for_it_is_sent_to_a_screen() -> None:
    room = Format("1", "In the room", "in_person", minutes_min=30, minutes_max=60)
    screen = replace(
        room, key="2", name="By video", setting="online", best_minutes_min=40, best_minutes_max=50
    )
    both, only = Candidate(1, "Both", (room, screen)), Candidate(2, "Only", (screen,))
    found = answer(Wish(minutes=45), [both, only])
    assert [str(each.format and each.format.name) for each in found.offers] == [
        "By video",
        "In the room",
    ]
    asked = answer(Wish(minutes=45, setting="online"), [both])
    assert asked.offers[0].format == screen


def test_one_meeting_of_something_that_goes_on_is_far_from_a_wish_for_minutes() -> None:
    meeting = Format("1", "One meeting", ongoing=True, minutes_min=60, minutes_max=90)
    short = replace(meeting, ongoing=False, minutes_min=90)
    lasting, single = Candidate(1, "Lasting", (meeting,)), Candidate(2, "Single", (short,))
    found = answer(Wish(minutes=60), [lasting, single])
    assert [each.candidate.title for each in found.nearest] == ["Single", "Lasting"]
    assert found.nearest[1].words == ["it is not done in one meeting: it goes on"]


def test_what_is_meant_for_something_else_is_named_only_where_nothing_else_is() -> None:
    small = Format("1", "Small", people_max=4)
    meant, other = Candidate(1, "Meant", (small,), ("leaving",)), Candidate(2, "Other", (
        replace(small, people_max=9),), ("after",))  # fmt: skip
    found = answer(Wish(people=6, moment="leaving"), [other, meant])
    assert [each.candidate.title for each in found.nearest] == ["Meant"]
    found = answer(Wish(people=6, moment="leaving"), [other])
    assert [each.candidate.title for each in found.nearest] == ["Other"]
