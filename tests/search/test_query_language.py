"""What people can type, and what every engine makes of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from km_pages.search.query import MOST_WORDS, parse
from tests.search.conftest import EVERYTHING, Library, document, file


@pytest.fixture
def shelf(library: Library) -> Library:
    library.put(
        document(1, "Handing over a ward", "The clerk hands over the rota and the keys."),
        document(2, "Fire doors", "Each fire door is checked monthly. Doors stay shut."),
        document(3, "Door of the store", "A fire began near the door of the store."),
        document(4, "Naïve café", "Être naïf: a naive question over coffee. Ångström."),
        document(5, "Calibration of pumps", "Calibrated weekly; calibrating takes an hour."),
        document(6, "What is what", "To be or not to be."),
        document(7, "Lists", "", files=(file("rota-2026.xlsx", "Night shifts in March"),)),
    )
    return library


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ward clerk", {1}),
        ("WARD Clerk", {1}),
        ("hand", {1}),
        ("handed", {1}),
        ("rotas", {1, 7}),
        ('"fire door"', {2}),
        ("“fire door”", {2}),
        ('"door fire"', set()),
        ('"of the store"', {3}),
        ('"not to be"', {6}),
        ("fire -checked", {3}),
        ('fire -"fire door"', {3}),
        ("door -calib*", {2, 3}),
        ("-fire rota", {1, 7}),
        ("fire -the", {2, 3}),
        ("calibrat*", {5}),
        ("calibratio*", {5}),
        ("CALIB*", {5}),
        ("pump calib*", {5}),
        ("naive", {4}),
        ("naïve", {4}),
        ("nai\u0308ve", {4}),
        ("na\u00adïve", {4}),
        ("etre", {4}),
        ("angstrom", {4}),
        ("cafe*", {4}),
        ("the ward", {1}),
        ("ward's", {1}),
        ("ward’s", {1}),
        ("doesn't ward", {1}),
        ("rota-2026.xlsx", {7}),
        ("march", {7}),
        ('"fire door', {2, 3}),
        ("fire, door!", {2, 3}),
        ("fire\x00door\x07", {2, 3}),
        ("- fire", {2, 3}),
        ("fire -", {2, 3}),
        ('fire ""', {2, 3}),
        ("fire *", {2, 3}),
    ],
)
def test_what_is_typed_means_what_people_expect(
    shelf: Library, typed: str, found: set[int]
) -> None:
    assert shelf.exactly(typed) == found


@pytest.fixture
def written(library: Library) -> Library:
    """The same thing as people write it."""
    library.put(
        document(1, body="Write an e-mail to her"),
        document(2, body="Write an email to her"),
        document(3, body="The hand-over of keys"),
        document(4, body="The handover of keys"),
        document(5, body="A show of hands in a form"),
        document(6, body="We inform all of them about covid\u201119"),
    )
    return library


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("e-mail", {1, 2}),
        ("email", {1, 2}),
        ("emails", {1, 2}),
        ("e\u2010mail", {1, 2}),
        ("handover", {3, 4}),
        ("hand-over", {3, 4}),
        ("hand over", {3, 4, 5}),
        ("hand over keys", {3, 4}),
        ('"hand over"', {3}),
        ("handov*", {3, 4}),
        ("covid19", {6}),
        ("covid 19", {6}),
        # No word begins with one that says nothing.
        ("in form", {5}),
    ],
)
def test_words_with_a_hyphen_are_found_as_one_word_and_as_two(
    written: Library, typed: str, found: set[int]
) -> None:
    assert written.exactly(typed) == found


def test_where_there_are_only_stop_words_they_are_searched(shelf: Library) -> None:
    assert shelf.exactly("what is what") == {6}


@pytest.mark.parametrize(
    "typed",
    ["\U0001f600", "\U0001f600 \U0001f389", "***", '""', "-", "!?", "\x00\x01", "“”", "\u200b", ""],
)
def test_what_has_no_letters_asks_for_nothing(shelf: Library, typed: str) -> None:
    assert parse(typed).is_empty


@pytest.mark.parametrize(
    "typed", ["x" * 8192, "lorem " * 1365, "(" * 8192, '"' * 8192, "a*" * 4096]
)
def test_eight_kilobytes_are_capped_and_find_nothing(shelf: Library, typed: str) -> None:
    """Case 18."""
    assert shelf.finds(typed) == []


def test_at_most_32_words_count_and_stop_words_are_free() -> None:
    words = [f"word{number}" for number in range(40)]
    assert list(parse(" ".join(words)).words) == words[:MOST_WORDS]
    telling = parse(" the ".join(words)).telling
    assert list(telling) == words[:MOST_WORDS]
    mixed = parse(" ".join([f'"a{n} b{n}" c{n}* -d{n}' for n in range(20)]))
    total = len(mixed.excluded) + len(mixed.prefixes) + 2 * len(mixed.phrases)
    assert total <= MOST_WORDS


def test_a_word_typed_twice_counts_more_but_not_twice(library: Library) -> None:
    library.put(
        document(1, body="pump pump alarm"),
        document(2, body="valve valve alarm"),
    )
    assert library.finds("pump valve valve")[0] == 2
    assert library.finds("pump pump valve")[0] == 1


SIGNS = st.text(
    st.one_of(st.characters(), st.sampled_from("\"'*-+()[]{}:^~\\/&|<> \t\n\x00“”„«»\u202e🎉")),
    max_size=30,
)
PIECES = ["AND", "OR", "NOT", "NEAR(", "fire", "door*", "-rota", '"', '-"', "title:x", "[a TO b]"]
TYPED = st.lists(st.one_of(st.sampled_from(PIECES), SIGNS), max_size=12).map(" ".join)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TYPED)
def test_nothing_that_a_person_can_type_raises(shelf: Library, typed: str) -> None:
    """Case 18."""
    for strict in (True, False):
        result = shelf.ask(typed, strict=strict, facets=("kind",))
        assert len(result.hits) <= 10
        assert result.total >= len(result.hits)
    assert len(shelf.engine.suggest(typed, scope=EVERYTHING, limit=5)) <= 5
