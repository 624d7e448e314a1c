"""The best passage of each result: short, safe, marked, and with the place where it stands."""

from __future__ import annotations

import re
import sys
from html import unescape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from km_pages.search.snippets import FEW_LETTERS, fold
from km_pages.search.synonyms import Meaning, Thesaurus
from tests.search.conftest import Library, document, file

ALLOWED = re.compile(r"</?mark>|&(?:amp|lt|gt|quot|#x27);|[^<>&]")


def plain(snippet: str) -> str:
    return unescape(re.sub(r"</?mark>", "", snippet))


def test_the_words_are_marked_also_when_they_are_written_otherwise(library: Library) -> None:
    library.put(document(1, body="Naïve handovers were handed over."))
    assert library.ask("naive handover").hits[0].snippet == (
        "<mark>Naïve</mark> <mark>handovers</mark> were handed over."
    )


def test_words_between_underscores_are_marked_as_they_are_found(library: Library) -> None:
    library.put(document(1, body="See handover_final_2b.docx and old_handovers."))
    assert library.ask("handover final").hits[0].snippet == (
        "See <mark>handover</mark>_<mark>final</mark>_2b.docx and old_<mark>handovers</mark>."
    )


def test_other_words_for_the_same_are_marked_but_not_their_stop_words(library: Library) -> None:
    library.put(document(1, body="After lunch, after action review."))
    words = Thesaurus.of([Meaning("AAR", "after action review")])
    snippet = library.ask("aar", thesaurus=words).hits[0].snippet
    assert snippet == "After lunch, after <mark>action</mark> <mark>review</mark>."


def test_a_snippet_is_text_and_never_markup(library: Library) -> None:
    library.put(document(1, body='<script>alert("pump")</script> <mark>pump</mark> & pumps'))
    snippet = library.ask("pump").hits[0].snippet
    assert "<script" not in snippet
    assert "&lt;mark&gt;<mark>pump</mark>&lt;/mark&gt; &amp; <mark>pumps</mark>" in snippet


def test_the_place_is_the_file_and_the_page_with_the_most_of_the_words(library: Library) -> None:
    files = (
        file("rules.pdf", "indemnity", "nothing", file_id="a"),
        file("sample_contract.pdf", "parties", "x", "the indemnity of each supplier", file_id="b"),
    )
    library.put(document(1, "Contract", "About suppliers.", files=files))
    hit = library.ask("supplier indemnity").hits[0]
    assert (hit.snippet_file, hit.snippet_file_name) == ("b", "sample_contract.pdf")
    assert (hit.snippet_label, hit.snippet_number) == ("page 3", 3)
    assert hit.snippet == "the <mark>indemnity</mark> of each <mark>supplier</mark>"


def test_in_a_very_long_file_the_snippet_is_from_where_the_words_stand(library: Library) -> None:
    filling = "word after word " * 1_250
    pages = [*(f"{filling}{number}" for number in range(25)), "The quokka sleeps.", filling]
    library.put(document(1, "Long", "About words.", files=(file("long.txt", *pages),)))
    hit = library.ask("quokka sleeping").hits[0]
    assert hit.snippet == "The <mark>quokka</mark> <mark>sleeps</mark>."
    assert (hit.snippet_file_name, hit.snippet_number) == ("long.txt", 26)


def test_a_document_says_by_which_name_it_was_found_where_no_text_of_it_has_the_words(
    library: Library,
) -> None:
    library.put(
        document(
            1,
            "Work in hand",
            "Four pieces.",
            also=("Desk <list>", "handover"),
            facets={"tag": ("handover",)},
            files=(file("handover of keys.dwg"),),
        ),
        document(2, "Handover", "Nothing.", also=("handover",), facets={"tag": ("handover",)}),
        document(3, "Folder", "The handover.", also=("handover",), facets={"tag": ("handover",)}),
    )
    found = {hit.page_id: hit for hit in library.ask("handovers").hits}
    assert [(each.kind, each.html) for each in found[1].found_by] == [
        ("tag", "<mark>handover</mark>"),
        ("file", "<mark>handover</mark> of keys.dwg"),
    ]
    assert found[1].snippet == "Four pieces."
    # The title stands there anyway, and so does the snippet.
    assert found[2].found_by == found[3].found_by == ()
    (hit,) = library.ask("desk").hits
    assert [(each.kind, each.html) for each in hit.found_by] == [
        ("name", "<mark>Desk</mark> &lt;list&gt;")
    ]
    (hit,) = library.ask("des*").hits
    assert [each.kind for each in hit.found_by] == ["name"]
    assert library.ask("").hits[0].found_by == ()


def test_a_file_found_by_its_name_alone_needs_no_passage(library: Library) -> None:
    library.put(document(1, "Drawings", "Old plans.", files=(file("boiler-house.dwg"),)))
    hit = library.ask("boiler-house.dwg").hits[0]
    assert (hit.snippet, hit.snippet_file) == ("Old plans.", None)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=700), st.text(max_size=400))
def test_at_most_240_letters_are_quoted_whatever_the_text(
    library: Library, before: str, after: str
) -> None:
    library.put(document(1, body=f"{before} pump {after} <b>pump</b> {before}"))
    snippet = library.ask("pump").hits[0].snippet
    assert len(plain(snippet)) <= 240
    assert "".join(ALLOWED.findall(snippet)) == snippet
    assert snippet.count("<mark>") == snippet.count("</mark>") >= 1


def test_letters_are_folded_in_their_place_whatever_they_are() -> None:
    for begin in range(0, sys.maxunicode + 1, 3000):
        text = "".join(map(chr, range(begin, min(begin + 3000, sys.maxunicode + 1))))
        folded = fold(text)
        # A mark is set where the word stood before it was folded.
        assert len(folded) == len(text)
        assert fold(folded) == folded
        # Where few letters change they are folded in another way.
        for place in range(0, len(text), FEW_LETTERS):
            few = slice(place, place + FEW_LETTERS)
            assert fold(f"A{text[few]}Z") == f"a{folded[few]}z"
            assert fold(folded[few]) == folded[few]
    assert fold("Crème BRÛLÉE – ΟΔΌΣ") == "creme brulee – οδοσ"
