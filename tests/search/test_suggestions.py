"""What is suggested while somebody types."""

from __future__ import annotations

import pytest

from km_pages.search.requests import Scope
from tests.search.conftest import EVERYTHING, Library, document


@pytest.fixture
def titled(library: Library) -> Library:
    library.put(
        document(1, "Handover checklist", kind="technique", labels={"team": ""}),
        document(2, "How to hand over a ward", also=("shift change",)),
        document(3, "Elicitation interview"),
        document(
            4,
            "Café rota",
            also=("night rota", "coffee list"),
            facets={"tag": ("Rota", "night rota", "naïve")},
        ),
        document(5, "Secret rota", tokens=("team:7",), facets={"tag": ("rota secret",)}),
        document(6, "Ward 7", kind="team", labels={"team": "Ward 7"}),
    )
    return library


OPEN = Scope(tokens=frozenset({"open"}))


def texts(library: Library, typed: str, scope: Scope = OPEN, limit: int = 8) -> list[str]:
    return [each.text for each in library.engine.suggest(typed, scope=scope, limit=limit)]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("handover", ["Handover checklist"]),
        ("han", ["Handover checklist", "How to hand over a ward"]),
        ("h", ["Handover checklist", "How to hand over a ward"]),
        ("ward 7", ["Ward 7"]),
        ("ward", ["Ward 7", "How to hand over a ward"]),
        ("over ward", ["How to hand over a ward"]),
        ("view", ["Elicitation interview"]),
        ("shift", ["How to hand over a ward"]),
        ("cafe", ["Café rota"]),
        ("CAFÉ", ["Café rota"]),
        ("naive", ["naïve"]),
        ("rot", ["Café rota", "Rota", "night rota"]),
        ("night", ["night rota"]),
        ("coff", ["Café rota"]),
        ("zebra", []),
        ("", []),
        ("\U0001f600", []),
        ('"', []),
    ],
)
def test_titles_tags_and_teams_are_suggested_by_beginnings_and_inside_words(
    titled: Library, typed: str, suggested: list[str]
) -> None:
    assert sorted(texts(titled, typed)) == sorted(suggested)


def test_what_begins_so_comes_first_then_words_then_inside_of_words(library: Library) -> None:
    library.put(
        document(1, "An overview of pumps"),
        document(2, "View of the ward"),
        document(3, "The ward with a view"),
    )
    assert texts(library, "view") == [
        "View of the ward",
        "The ward with a view",
        "An overview of pumps",
    ]


def test_suggestions_are_limited_and_one_title_is_said_once(library: Library) -> None:
    library.put(*(document(n, "Rota") for n in range(1, 20)))
    library.put(*(document(n, f"Rota {n}") for n in range(20, 60)))
    found = texts(library, "rota", limit=6)
    assert len(found) == 6
    assert found.count("Rota") == 1


def test_nothing_hidden_is_suggested(titled: Library) -> None:
    assert "Secret rota" not in texts(titled, "rota")
    assert "rota secret" not in texts(titled, "rota")
    assert "Secret rota" in texts(titled, "rota", EVERYTHING)
    assert "rota secret" in texts(titled, "secret", EVERYTHING)


def test_a_suggestion_says_what_it_is_and_where(titled: Library) -> None:
    found = titled.engine.suggest("ward 7", scope=OPEN, limit=3)[0]
    assert (found.page_id, found.kind, found.url, found.team) == (6, "team", "/6/", "Ward 7")
    tag = titled.engine.suggest("night", scope=OPEN, limit=3)[-1]
    assert (tag.text, tag.facet) == ("night rota", "tag")
