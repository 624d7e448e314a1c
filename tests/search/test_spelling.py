"""Words that occur nowhere the reader may look are mended; nothing hidden is told by it."""

from __future__ import annotations

import pytest

from km_pages.search.requests import Scope
from tests.search.conftest import Library, document

OPEN = Scope(tokens=frozenset({"open"}))
TEAM = Scope(tokens=frozenset({"open", "team:7"}))


@pytest.fixture
def shelf(library: Library) -> Library:
    library.put(
        document(1, body="The handover of the rota in parallel"),
        document(2, body="zanzibar", tokens=("team:7",)),
        document(3, body="Portable pumps, a café"),
        document(4, body="handover"),
        document(5, body="hangover", tokens=("team:7",)),
        document(6, body="A peer assist, told at the door where it was"),
        document(7, body="secret passage", tokens=("team:7",)),
    )
    return library


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("hanodver", "handover"),
        ("Hanodver", "handover"),
        ("ahndover", "handover"),
        ("parrallel", "parallel"),
        ("portablre pumps", "portable pumps"),
        ("hanodver -rota", "handover -rota"),
        ("the hanodver", "the handover"),
        # The first letter missing, another, or one too many.
        ("andover", "handover"),
        ("jandover", "handover"),
        ("whandover", "handover"),
        # Several at once.
        ("hanodver in parrallel", "handover in parallel"),
        # Two words run together.
        ("peerassist", "peer assist"),
        ("Peerassist hanodver", "peer assist handover"),
        ("thedoor peerassist", "the door peer assist"),
        ("doorpeer", None),
        ("secretpassage", None),
        ("handover", None),
        ("handovers", None),
        ("rotta", "rota"),
        ("caffe", "cafe"),
        # Alone, a word that tells nothing is no answer.
        ("wherre", None),
        ("wherre rota", "where rota"),
        ("wherre hanodver", "where handover"),
        ("xyz", None),
        ("qqqqqqqq", None),
        ("hanodver*", None),
        ('"hanodver"', None),
        ("rota7", None),
    ],
)
def test_mistyped_words_are_mended_from_the_words_that_were_written(
    shelf: Library, typed: str, searched: str | None
) -> None:
    assert shelf.ask(typed, OPEN).corrected == searched


def test_mended_queries_find_what_was_meant_unless_that_is_not_wanted(shelf: Library) -> None:
    assert set(shelf.finds("hanodver", OPEN)) == {1, 4}
    assert shelf.finds("peerassist", OPEN) == [6]
    assert shelf.ask("secretpassage", TEAM).corrected == "secret passage"
    assert shelf.finds("hanodver", OPEN, correct=False) == []


def test_a_word_is_mended_only_to_what_this_reader_may_read(shelf: Library) -> None:
    assert shelf.ask("zanzibat", TEAM).corrected == "zanzibar"
    assert shelf.ask("zanzibat", OPEN).corrected is None
    # Known to others only: for this reader it occurs nowhere, and is mended like any mistake.
    assert shelf.ask("hangover", OPEN).corrected == "handover"
    assert shelf.ask("hangover", TEAM).corrected is None


def test_hidden_words_neither_crowd_out_nor_outvote_those_that_may_be_told(
    library: Library,
) -> None:
    hidden = [f"handove{letter}" for letter in "abcdefghijklmnopqstuvwxyz"]
    library.put(
        *(document(n, body=word, tokens=("x",)) for n, word in enumerate(hidden, start=10)),
        document(1, body="handover"),
        document(2, body="handower handower", tokens=("open",)),
        document(3, body="handower", tokens=("x",)),
        document(4, body="handower", tokens=("x",)),
        document(5, body="handover"),
    )
    assert library.ask("handoverr", OPEN).corrected == "handover"
    assert library.ask("handoxer", OPEN).corrected == "handover"


def test_of_equally_near_words_the_more_frequent_is_taken(library: Library) -> None:
    library.put(
        document(1, body="pumps"), document(2, body="dumps"), document(3, body="pumpe pumps")
    )
    assert library.ask("pumpz", OPEN).corrected == "pumps"


def test_of_many_equally_near_words_the_most_frequent_is_taken_and_then_the_first(
    library: Library,
) -> None:
    near = [f"pump{letter}" for letter in "abcdefghijklm"]
    library.put(*(document(number, body=word) for number, word in enumerate(near, start=1)))
    assert library.ask("pumpz", OPEN).corrected == "pumpa"
    library.put(document(50, body="pumpl"))
    assert library.ask("pumpz", OPEN).corrected == "pumpl"
    # More frequent only where this reader may not look.
    library.put(*(document(60 + number, body="pumpf", tokens=("x",)) for number in range(5)))
    assert library.ask("pumpz", OPEN).corrected == "pumpl"


def test_a_word_in_other_documents_of_a_chosen_facet_is_no_mistake(library: Library) -> None:
    library.put(
        document(1, body="rota", facets={"team": ("a",)}),
        document(2, body="rata", facets={"team": ("b",)}),
    )
    result = library.ask("rota", OPEN, filters={"team": ("b",)})
    assert (result.corrected, result.total) == (None, 0)


def test_what_one_reader_asked_makes_no_word_known_to_another_nor_after_it_is_gone(
    shelf: Library,
) -> None:
    """An engine may keep which words it found; never beyond the scope and the state of then."""
    for _again in range(2):
        assert shelf.ask("hangover zanzibar", TEAM).corrected is None
        assert shelf.ask("hangover rota", OPEN).corrected == "handover rota"
    shelf.engine.apply(upserts=(), deletes=[5])
    assert shelf.ask("hangover zanzibar", TEAM).corrected == "handover zanzibar"
