"""Who may look where, and how often what occurs there."""

from __future__ import annotations

import pytest

from km_pages.search.requests import Scope
from tests.search.conftest import EVERYTHING, Library, document


@pytest.fixture
def guarded(library: Library) -> Library:
    library.put(
        document(1, body="rota", tokens=("open",), ancestors=(1, 10)),
        document(2, body="rota", tokens=("organisation",), ancestors=(1, 10)),
        document(3, body="rota", tokens=("managers", "team:7"), ancestors=(1, 10, 20)),
        document(4, body="rota", tokens=("user:5",), ancestors=(1, 10, 20, 30)),
        document(5, body="rota", tokens=(), ancestors=(1,)),
        document(6, body="rota", tokens=("organisation", "user:5"), ancestors=(1, 10)),
        document(7, body="rota", tokens=("open", "team:7"), ancestors=(1, 20)),
    )
    return library


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope(tokens=frozenset({"open"})), {1, 7}),
        (Scope(tokens=frozenset({"organisation"})), {2, 6}),
        (Scope(tokens=frozenset({"open", "organisation"})), {1, 2, 6, 7}),
        (Scope(tokens=frozenset({"open", "organisation", "team:70"})), {1, 2, 6, 7}),
        (Scope(tokens=frozenset({"open", "organisation", "team:7"})), {1, 2, 3, 6, 7}),
        (Scope(tokens=frozenset({"open", "organisation", "user:5"})), {1, 2, 4, 6, 7}),
        (
            Scope(tokens=frozenset({"open", "organisation", *(f"team:{n}" for n in range(99))})),
            {1, 2, 3, 6, 7},
        ),
        (
            Scope(
                tokens=frozenset({"open", "organisation", "user:5"}), excluded=frozenset({20, 2})
            ),
            {1, 2, 6},
        ),
        (Scope(tokens=frozenset({"team:7"})), {3, 7}),
        (Scope(tokens=frozenset({"team:70"})), set()),
        (Scope(tokens=frozenset()), set()),
        (Scope(tokens=frozenset(f"team:{n}" for n in range(200))), {3, 7}),
        (Scope(tokens=None), {1, 2, 3, 4, 5, 6, 7}),
        (Scope(tokens=None, excluded=frozenset({20})), {1, 2, 5, 6}),
        (Scope(tokens=None, excluded=frozenset({1})), set()),
        (Scope(tokens=None, excluded=frozenset(range(20, 900))), {1, 2, 5, 6}),
        (Scope(tokens=frozenset({"user:5"}), excluded=frozenset({30})), {6}),
    ],
)
def test_a_reader_finds_what_shares_a_token_and_stands_below_no_refused_page(
    guarded: Library, scope: Scope, found: set[int]
) -> None:
    result = guarded.ask("rota", scope)
    assert {hit.page_id for hit in result.hits} == found
    assert result.total == len(found)
    assert set(guarded.finds("", scope)) == found
    titles = {each.page_id for each in guarded.engine.suggest("page", scope=scope, limit=20)}
    assert titles == found


def test_language_and_site_limit_a_search(library: Library) -> None:
    library.put(
        document(1, body="rota", locale="en-gb", site_root=2),
        document(2, body="rota", locale="cy", site_root=2),
        document(3, body="rota", locale="en-gb", site_root=9),
    )
    assert library.finds("rota", Scope(tokens=None, locale="en-gb", site_root=2)) == [1]
    assert set(library.finds("rota", Scope(tokens=None, site_root=2))) == {1, 2}


@pytest.fixture
def sorted_shelf(library: Library) -> Library:
    library.put(
        document(1, body="rota", facets={"team": ("a",), "year": ("2025",)}),
        document(2, body="rota", facets={"team": ("a", "b"), "year": ("2026",)}),
        document(3, body="rota", facets={"team": ("b",), "year": ("2026",), "tag": ("x y",)}),
        document(4, body="other", facets={"team": ("a",), "year": ("2026",)}),
        document(5, body="rota", tokens=("secret",), facets={"team": ("hidden",)}),
    )
    return library


OPEN = Scope(tokens=frozenset({"open"}))


def test_facets_count_what_is_found_and_nothing_hidden(sorted_shelf: Library) -> None:
    result = sorted_shelf.ask("rota", OPEN, facets=("team", "year", "tag", "kind"))
    counts = {name: {v.value: v.count for v in rows} for name, rows in result.facets.items()}
    assert counts == {
        "team": {"a": 2, "b": 2},
        "year": {"2026": 2, "2025": 1},
        "tag": {"x y": 1},
        "kind": {},
    }


def test_several_values_of_one_facet_are_alternatives_and_facets_add_up(
    sorted_shelf: Library,
) -> None:
    found = sorted_shelf.finds
    assert set(found("rota", OPEN, filters={"team": ("a", "b")})) == {1, 2, 3}
    assert set(found("rota", OPEN, filters={"team": ("a",), "year": ("2026",)})) == {2}
    assert found("rota", OPEN, filters={"team": ("hidden",)}) == []
    assert set(found("rota", OPEN, filters={"tag": ("x y",)})) == {3}


def test_a_facet_is_counted_as_if_it_were_not_chosen(sorted_shelf: Library) -> None:
    options = {"filters": {"team": ("a",), "year": ("2026",)}, "facets": ("team", "year")}
    result = sorted_shelf.ask("rota", OPEN, **options)
    rows = {
        name: {v.value: (v.count, v.chosen) for v in rows} for name, rows in result.facets.items()
    }
    assert rows["team"] == {"a": (1, True), "b": (2, False)}
    assert rows["year"] == {"2026": (1, True), "2025": (1, False)}
    assert result.total == 1


def test_a_chosen_value_that_nothing_has_stays_to_be_taken_away(sorted_shelf: Library) -> None:
    result = sorted_shelf.ask("rota", OPEN, filters={"team": ("gone",)}, facets=("team",))
    rows = {value.value: (value.count, value.chosen) for value in result.facets["team"]}
    assert rows["gone"] == (0, True)
    assert rows["a"] == (2, False)


def test_thousands_of_tags_push_no_other_value_out(library: Library) -> None:
    library.put(
        *(
            document(n, body="rota", facets={"tag": (f"t{n:04}a", f"t{n:04}b"), "type": ("one",)})
            for n in range(1, 1500)
        ),
        document(1500, body="rota", facets={"type": ("rare",), "tag": ("t0001a",)}),
    )
    assert library.counts("rota", "type") == {"one": 1499, "rare": 1}
    chosen = library.counts("rota", "tag", filters={"tag": ("t1400b",)})
    assert chosen["t1400b"] == 1
    assert library.counts("rota", "tag")["t0001a"] == 2


def test_nobody_is_told_anything_beyond_their_scope_by_any_part_of_an_answer(
    sorted_shelf: Library,
) -> None:
    sorted_shelf.put(
        document(
            6, "Zanzibar plans", "zanzibar rota", tokens=("secret",), facets={"tag": ("zanz",)}
        )
    )
    for typed in ("rota", "zanzibar", "zanzibat", '"zanzibar rota"', "zanz*", ""):
        answer = repr(sorted_shelf.ask(typed, OPEN, facets=("team", "tag")))
        answer = answer.replace(typed, "") if typed else answer
        assert "hidden" not in answer
        assert "anzibar" not in answer.lower().replace(typed, "")
    assert sorted_shelf.engine.suggest("zanz", scope=OPEN, limit=5) == []
    assert len(sorted_shelf.engine.suggest("zanz", scope=EVERYTHING, limit=5)) == 2
