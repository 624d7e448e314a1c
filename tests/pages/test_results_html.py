"""Results and filters as HTML: everything that somebody wrote stands as text."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from km_pages.found import Found, FoundHit
from km_pages.search.requests import FoundBy
from km_pages.views.search import Facet, Link, results_of

FILE = "0b1f6b6e-33a1-4ef0-9f8e-1f5c8b3e2a10"
OTHER = "5c7de1aa-2a3c-4d0e-8b8b-9a5a4fd0c111"
NASTY = """<script>"x" & 'y'</script>"""


def hit(**given: Any) -> FoundHit:
    known = {
        "page_id": 1,
        "title": "Rota",
        "url": "/rota/",
        "kind": "knowledge",
        "kind_name": "Knowledge item",
        "snippet": "the <mark>rota</mark>",
        "labels": {},
    }
    return FoundHit(**{**known, **given})


def rows(*hits: FoundHit) -> str:
    given = {"rows": results_of(Found(hits=hits))}
    return Template("{% load km_results %}{% results rows %}").render(Context(given))


def facets(*given: Facet) -> str:
    template = Template("{% load km_results %}{% facet_sections facets %}")
    return template.render(Context({"facets": given}))


def test_what_people_wrote_stands_as_text_and_only_the_snippet_as_html() -> None:
    text = rows(
        hit(
            title=NASTY,
            url=f"/{NASTY}/",
            kind_name=NASTY,
            labels={"team": NASTY, "holder": NASTY, "phase": NASTY},
            file_id=FILE,
            file_name=NASTY,
            file_label=NASTY,
        )
    )
    assert "<script" not in text
    assert "'y'" not in text
    assert text.count("&lt;script&gt;&quot;x&quot; &amp; &#x27;y&#x27;") == 8
    assert "the <mark>rota</mark>" in text


def test_a_row_says_by_which_tag_name_or_file_it_was_found() -> None:
    found_by = (
        FoundBy("tag", "<mark>rota</mark>"),
        FoundBy("name", "The <mark>rota</mark>"),
        FoundBy("file", "<mark>rota</mark>.xlsx"),
    )
    text = rows(hit(snippet="Who works when.", found_by=found_by))
    for name, html in (
        ("Tag:", "<mark>rota</mark>"),
        ("Also called:", "The <mark>rota</mark>"),
        ("File:", "<mark>rota</mark>.xlsx"),
    ):
        assert f'<span class="km-soft">{name}</span> <span>{html}</span>' in text


def test_labels_and_addresses_of_filters_stand_as_text() -> None:
    link = Link(NASTY, f"?q={NASTY}", count=3)
    text = facets(Facet(NASTY, [link], Link(NASTY, f"?more={NASTY}", count=2)))
    assert "<script" not in text
    assert "'y'" not in text
    assert text.count("&lt;script&gt;") == 5


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ({"holder": "Ada Ng"}, "<li>from Ada Ng</li>"),
        ({"team": "Ward 7"}, "<li>Ward 7</li>"),
        ({"date": "2026-03-01"}, "<li>1 March 2026</li>"),
        ({"checked": "2026-03-02", "review_due": "2999-01-01"}, "Checked on 2 March 2026</span>"),
        ({"checked": "2026-03-02", "review_due": "2026-03-03"}, "Due for checking</span>"),
    ],
)
def test_a_row_says_what_is_known(labels: dict[str, str], says: str) -> None:
    assert says in rows(hit(labels=labels))
    assert says not in rows(hit())


def test_a_row_of_which_nothing_is_known_has_a_title_and_no_empty_parts() -> None:
    text = rows(hit(kind_name="", snippet=""))
    assert '<h2 class="km-result__title"><a href="/rota/">Rota</a></h2>' in text
    assert '<ul class="km-result__meta"></ul>' in text
    assert "km-result__snippet" not in text
    assert "km-result__file" not in text


def test_each_file_is_linked_at_the_place_where_the_words_stand() -> None:
    first = hit(file_id=FILE, file_name="a.pdf", file_label="page 3", file_number=3)
    second = hit(file_id=OTHER, file_name="b.pdf", file_label="sheet A/B & C")
    whole = hit(file_id=OTHER, file_name="c.txt", file_label="text")
    unlinked = hit(file_name="d.txt")
    text = rows(first, second, whole, unlinked)
    assert f'<a href="/files/{FILE}/-/?at=page%203">in a.pdf, page 3</a>' in text
    there = f'<a href="/files/{OTHER}/-/?at=sheet%20A%2FB%20%26%20C">'
    assert f"{there}in b.pdf, sheet A/B &amp; C</a>" in text
    assert f'<a href="/files/{OTHER}/-/?at=text">in c.txt</a>' in text
    assert "<span>in d.txt</span>" in text


def test_a_chosen_filter_is_marked_for_eyes_and_ears() -> None:
    chosen, other = Link("Lean", "?topic=x", chosen=True, count=1), Link("Kaizen", "?", count=2)
    text = facets(Facet("Topic", [chosen, other]))
    assert text.count('aria-current="true"') == text.count("km-icon--check") == 1
    assert text.index('aria-current="true"') < text.index("Lean") < text.index("Kaizen")


def test_filters_without_values_are_left_out_and_headings_are_named() -> None:
    text = facets(Facet("Kind", []), Facet("Topic", [Link("Lean", "?", count=1)]))
    assert "Kind" not in text
    assert '<section class="km-facet" aria-labelledby="facet-2">' in text
    assert '<h2 class="km-facet__title" id="facet-2">Topic</h2>' in text


def test_counts_and_days_are_written_as_the_language_does(settings: Any) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    many = facets(Facet("Topic", [Link("Lean", "?", count=12_345)]))
    assert "12,345" in many
    with translation.override("de"):
        assert "1 März 2026" in rows(hit(labels={"date": "2026-03-01"}))
    assert "1 March 2026" in rows(hit(labels={"date": "2026-03-01"}))
