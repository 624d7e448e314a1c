"""Which documents answer, in which order: all words, then some; ties; sorting; other words."""

from __future__ import annotations

import pytest

from km_pages.search.query import ParsedQuery
from km_pages.search.requests import SearchRequest
from km_pages.search.synonyms import Meaning, Thesaurus
from tests.search.conftest import EVERYTHING, Library, day, document, file


def test_what_has_all_words_comes_first_then_what_has_some(library: Library) -> None:
    library.put(
        document(1, "Rota rota rota", "rota rota rota"),
        document(2, "Notes", "A long text about many things, among them a rota for nights. " * 3),
        document(3, "Nights", "nights"),
        document(4, "Other", "nothing of it"),
    )
    result = library.ask("rota nights", facets=("kind",))
    assert result.hits[0].page_id == 2
    assert {hit.page_id for hit in result.hits} == {1, 2, 3}
    assert (result.total, result.strict_total, result.widened) == (3, 1, True)
    assert result.facets["kind"] == []
    strict = library.ask("rota nights", strict=True)
    assert (strict.total, strict.strict_total, strict.widened) == (1, 1, False)


def test_ten_with_all_words_are_enough(library: Library) -> None:
    library.put(*(document(n, body="rota nights", facets={"tag": ("x",)}) for n in range(1, 11)))
    library.put(document(11, body="rota", facets={"tag": ("y",)}))
    result = library.ask("rota nights", facets=("tag",))
    assert (result.total, result.widened) == (10, False)
    assert [each.value for each in result.facets["tag"]] == ["x"]


def test_counts_and_facets_describe_the_widened_set(library: Library) -> None:
    library.put(
        document(1, body="rota nights", facets={"team": ("a",)}),
        document(2, body="rota", facets={"team": ("b",)}),
        document(3, body="else", facets={"team": ("c",)}),
    )
    assert library.counts("rota nights", "team") == {"a": 1, "b": 1}
    assert library.counts("rota nights", "team", strict=True) == {"a": 1}


def test_a_quotation_that_stands_nowhere_does_not_leave_a_sentence_without_answer(
    library: Library,
) -> None:
    library.put(document(1, body="How pumps are mended"), document(2, body="Valves of pumps"))
    result = library.ask('mending pumps and valves "by the book of rules"')
    assert {hit.page_id for hit in result.hits} == {1, 2}
    assert result.widened
    assert library.finds('mending pumps and valves "by the book of rules"', strict=True) == []
    # Two words in quotation marks mean just that.
    assert library.finds('"valves mended"') == []


def test_in_a_text_a_quotation_counts_extra_and_hides_nothing(library: Library) -> None:
    """Who pastes a paragraph does not search for the one word in it that has marks around it."""
    about = "boiler valve pressure leak repair winter night engineer"
    library.put(
        *(document(n, body=f"A procedure {n} that matches") for n in range(1, 13)),
        document(20, body=about),
        document(21, body=f"{about} matches"),
    )
    found = library.ask(f'{about} "matches"')
    assert [hit.page_id for hit in found.hits][:2] == [21, 20]
    assert (found.total, found.strict_total) == (14, 1)
    assert library.finds(f'{about} "matches"', strict=True) == [21]
    # A few words around it: then it is what is searched for.
    assert library.ask('boiler "matches"').total == 1


def test_the_title_counts_more_than_the_text(library: Library) -> None:
    library.put(
        document(1, "Notes", "A boiler is mended here and there, and so on and so forth."),
        document(2, "Boiler", "What is mended here and there, and so on and so forth too."),
    )
    assert library.finds("boiler") == [2, 1]


def test_other_names_and_words_in_files_are_found(library: Library) -> None:
    library.put(
        document(1, "Randomised coffee trial", also=("coffee roulette",)),
        document(2, "Contract", files=(file("sample.pdf", "first", "the indemnity clause"),)),
    )
    assert library.finds("roulette") == [1]
    assert library.finds("indemnity") == [2]


def test_of_equals_the_fresher_stands_first_and_the_checked_one_counts_as_fresh(
    library: Library,
) -> None:
    library.put(
        document(1, "Rota", "text", date=day("2020-01-01")),
        document(2, "Rota", "text", date=day("2024-01-01")),
        document(3, "Rota", "text", date=day("2019-01-01"), verified=day("2026-01-01")),
        document(4, "Rota", "text"),
    )
    assert library.finds("rota") == [3, 2, 1, 4]


def test_freshness_never_passes_a_clearly_better_match(library: Library) -> None:
    library.put(
        document(1, "Rota", "rota rota rota", date=day("2001-01-01")),
        document(2, "News", "Something with a rota in it", date=day("2026-01-01")),
    )
    assert library.finds("rota") == [1, 2]


@pytest.mark.parametrize(("sort", "found"), [("newest", [2, 1, 3]), ("verified", [3, 1, 2])])
def test_results_can_be_sorted_by_date_and_by_check(
    library: Library, sort: str, found: list[int]
) -> None:
    library.put(
        document(1, "Rota", date=day("2024-01-01"), verified=day("2024-02-01")),
        document(2, "Rota rota", date=day("2026-01-01"), verified=day("2020-01-01")),
        document(3, "A rota", date=day("2020-01-01"), verified=day("2026-01-01")),
    )
    assert library.finds("rota", sort=sort) == found


def test_without_words_the_newest_come_first(library: Library) -> None:
    library.put(document(1, date=day("2024-01-01")), document(2, date=day("2026-01-01")))
    assert library.finds("") == [2, 1]


def test_pages_of_results_overlap_nowhere_and_leave_nothing_out(library: Library) -> None:
    library.put(*(document(n, "Rota", date=day(f"2026-01-{n % 28 + 1:02}")) for n in range(1, 121)))
    seen: list[int] = []
    for offset in range(0, 120, 10):
        seen += library.finds("rota", offset=offset)
    assert sorted(seen) == list(range(1, 121))


def test_a_word_that_stands_nearly_everywhere_is_no_answer_where_others_are_enough(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("km_pages.search.searching.COMMON_FROM", 20)
    monkeypatch.setattr("km_pages.search.searching.ENOUGH_WITHOUT_COMMON", 10)
    library.put(
        *(document(n, body="the ward and its team") for n in range(1, 41)),
        *(document(n, body="a boiler") for n in range(41, 53)),
        document(53, body="a boiler of the ward"),
        document(54, body="a valve"),
    )
    found = library.ask("boiler ward team")
    assert (found.total, found.hits[0].page_id) == (13, 53)
    assert library.ask("valve ward team").total == 42, "too few without the common words"
    assert library.ask("ward team nothing").total == 41, "there is nothing but common words"
    assert library.ask("ward boiler -team").total == 13


# Other words for the same


def test_an_abbreviation_finds_what_it_stands_for_and_the_reverse(library: Library) -> None:
    library.put(
        document(1, body="After action review in the ward"),
        document(2, body="An AAR was held"),
        document(3, body="A review after any action"),
    )
    words = Thesaurus.of([Meaning("AAR", "after action review")])
    assert library.exactly("aar", thesaurus=words) == {1, 2}
    assert library.exactly("After Action Reviews", thesaurus=words) == {1, 2, 3}
    assert library.exactly("aar ward", thesaurus=words) == {1}
    assert library.ask("aar", thesaurus=words).also == ("after action review",)
    assert library.exactly("aar") == {2}


def test_one_way_is_one_way(library: Library) -> None:
    library.put(document(1, body="paracetamol"), document(2, body="medicine"))
    words = Thesaurus.of([Meaning("medicine", "paracetamol", both_ways=False)])
    assert library.exactly("medicine", thesaurus=words) == {1, 2}
    assert library.exactly("paracetamol", thesaurus=words) == {1}


def test_a_known_abbreviation_that_nobody_wrote_is_not_mended(library: Library) -> None:
    library.put(document(1, body="out of hours service"), document(2, body="oohh"))
    words = Thesaurus.of([Meaning("oohs", "out of hours")])
    result = library.ask("oohs", thesaurus=words)
    assert result.corrected is None
    assert [hit.page_id for hit in result.hits] == [1]


def test_who_writes_both_gains_nothing_by_it(library: Library) -> None:
    library.put(
        document(1, "Notes", "AAR of the night, and other things of the night shift"),
        document(2, "Notes", "after action review, AAR, and other things of the night"),
        document(3, "Notes", "after action review, and other things of the night shift"),
        *(document(n, "Notes", "other things of the night shift again") for n in range(4, 20)),
    )
    words = Thesaurus.of([Meaning("AAR", "after action review")])
    scores = {hit.page_id: hit.score for hit in library.ask("aar", thesaurus=words).hits}
    assert set(scores) == {1, 2, 3}
    assert scores[2] < 1.2 * max(scores[1], scores[3])
    assert 0.5 < scores[1] / scores[3] < 2


def test_a_query_made_of_weighted_words_is_answered(library: Library) -> None:
    library.put(document(1, body="pump"), document(2, body="valve"))
    query = ParsedQuery(words={"pump": 1, "valve": 9})
    found = library.engine.search(SearchRequest(query=query, scope=EVERYTHING))
    assert [hit.page_id for hit in found.hits] == [2, 1]
