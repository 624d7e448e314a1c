"""The pages of text that ship: complete, in plain words, and honest about being drafts."""

from __future__ import annotations

import pytest

from tests.toolkit.reading import (
    PAGES,
    load,
    runs,
    sentences,
    source_runs,
    texts,
    wording_faults,
    words,
)

STANDARD = {path.stem: load(path) for path in sorted((PAGES / "pages").glob("*.yaml"))}
NEEDED = {"what-is-knowledge-mobilisation", "about", "accessibility", "privacy"}
ROWS = {
    "heading": {"type", "text"},
    "paragraph": {"type", "text"},
    "list": {"type", "items"},
    "quote": {"type", "text", "who"},
    "callout": {"type", "kind", "title", "text"},
}
DRAFTS = ("accessibility", "privacy")

each_page = pytest.mark.parametrize("slug", STANDARD)


def shown(slug: str) -> list[str]:
    """Every text of a page that a reader sees."""
    return [text for _, text in texts(STANDARD[slug])]


def test_the_four_pages_are_there() -> None:
    assert set(STANDARD) == NEEDED


@each_page
def test_a_page_can_be_set_up(slug: str) -> None:
    page = STANDARD[slug]
    assert set(page) == {"slug", "title", "introduction", "body"}
    assert page["slug"] == slug
    for row in page["body"]:
        assert set(row) == ROWS[row["type"]], row
        if row["type"] == "callout":
            assert row["kind"] in {"note", "warning"}
            assert len(row["title"]) <= 120
    assert page["body"][0]["type"] in {"heading", "callout"}


@each_page
def test_a_page_is_in_plain_british_words(slug: str) -> None:
    assert wording_faults(STANDARD[slug]) == []
    parts = [sentence for text in shown(slug) for sentence in sentences(text)]
    lengths = [len(words(each)) for each in parts]
    assert sum(lengths) / len(lengths) <= 14


@each_page
def test_a_page_takes_no_run_of_eight_words_from_our_notes_of_the_sources(slug: str) -> None:
    assert {run for text in shown(slug) for run in runs(text)} & source_runs() == set()


@pytest.mark.parametrize("slug", DRAFTS)
def test_a_legal_page_says_that_it_is_a_draft_and_what_to_fill_in(slug: str) -> None:
    assert STANDARD[slug]["introduction"].startswith("This is a draft.")
    assert STANDARD[slug]["body"][0]["title"].startswith("Draft")
    assert sum(text.count("[") for text in shown(slug)) >= 10


def test_the_about_page_claims_no_blessing_by_the_nhs() -> None:
    said = " ".join(shown("about"))
    assert "not run, checked or approved by the NHS" in said


def test_the_first_page_says_what_this_never_replaces() -> None:
    said = " ".join(shown("what-is-knowledge-mobilisation"))
    for thing in ("incident reporting", "clinical handover", "safeguarding"):
        assert thing in said
