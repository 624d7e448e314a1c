"""The toolkit's content files: complete, in plain words, ours, and fit for the models."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.toolkit.reading import (
    PAGES,
    TOOLKIT,
    load,
    runs,
    sentences,
    slugs_of,
    source_runs,
    texts,
    wording_faults,
    words,
)

ACTIVITIES = {path.stem: load(path) for path in sorted((TOOLKIT / "activities").glob("*.yaml"))}
GUIDE = load(TOOLKIT / "toolkit.yaml")
KEYS = {
    "slug", "title", "strapline", "purpose", "gives", "knowledge_type", "weeks_before", "together",
    "who_takes_part", "minutes", "effort_label", "quick_version", "steps", "questions",
    "what_not_to_record", "good_sample", "poor_sample", "fill_in", "consent_wording", "who_checks",
    "techniques", "output_type", "sources", "source_credit", "licence", "last_reviewed",
}  # fmt: skip
TECHNIQUES = {
    "after-action-review", "peer-assist", "fishbowl", "randomised-coffee-trial",
    "knowledge-harvesting", "before-action-review", "appreciative-inquiry", "knowledge-cafe",
    "community-of-practice", "action-learning-set", "knowledge-asset", "retrospect",
    "self-assessment-tool",
}  # fmt: skip
# The widths of the fields in the database: longer text would be refused when the site is set up.
WIDTHS = {
    "title": 255, "strapline": 160, "gives": 200, "who_takes_part": 255, "effort_label": 120,
    "who_checks": 255,
}  # fmt: skip
STEP_WIDTHS = {"title": 120, "who": 120}
SOURCE_WIDTHS = {"title": 255, "publisher": 160, "note": 500, "date": 40}
GUIDE_STEP_WIDTHS = {
    "title": 160, "strapline": 200, "lead": 120, "with_whom": 160, "optional_note": 255,
}  # fmt: skip
LONGEST_SENTENCE = 28
AVERAGE_SENTENCE = 14

each_activity = pytest.mark.parametrize("slug", ACTIVITIES)


def too_wide(item: dict[str, Any], *, widths: dict[str, int]) -> list[str]:
    """The fields of ``item`` that do not fit."""
    return [key for key, width in widths.items() if len(item.get(key) or "") > width]


def test_there_are_at_least_twenty_activities() -> None:
    assert len(ACTIVITIES) >= 20


@each_activity
def test_an_activity_has_every_field_and_no_other(slug: str) -> None:
    activity = ACTIVITIES[slug]
    assert set(activity) == KEYS
    assert activity["slug"] == slug
    may_be_empty = {"consent_wording"}
    assert [key for key in KEYS - may_be_empty if not activity[key]] == []
    assert isinstance(activity["last_reviewed"], date)


@each_activity
def test_an_activity_fits_the_fields_it_goes_into(slug: str) -> None:
    activity = ACTIVITIES[slug]
    assert too_wide(activity, widths=WIDTHS) == []
    for step in [*activity["steps"], *activity["quick_version"]["steps"]]:
        assert too_wide(step, widths=STEP_WIDTHS) == []
    for source in activity["sources"]:
        assert too_wide(source, widths=SOURCE_WIDTHS) == []
    for line in [*activity["questions"], *activity["what_not_to_record"]]:
        assert len(line) <= 500
    for field in activity["fill_in"]:
        assert too_wide(field, widths={"label": 160, "hint": 255}) == []
        assert [column for column in field["columns"] if len(column) > 80] == []


@each_activity
def test_the_choices_of_an_activity_are_among_the_allowed(slug: str) -> None:
    activity = ACTIVITIES[slug]
    assert activity["knowledge_type"] in {"heads", "written", "both"}
    assert activity["together"] in {"alone", "with_others", "either"}
    weeks = activity["weeks_before"]
    assert weeks["earliest"] >= weeks["latest"]
    assert 0 < activity["minutes"]["min"] <= activity["minutes"]["max"]


@each_activity
def test_the_short_version_takes_fifteen_minutes(slug: str) -> None:
    quick = ACTIVITIES[slug]["quick_version"]
    assert quick["minutes"] == 15
    assert sum(step["minutes"] for step in quick["steps"]) == 15
    assert [step for step in quick["steps"] if not step["instruction"] or not step["prompt"]] == []


@each_activity
def test_the_steps_take_as_long_as_the_activity_says(slug: str) -> None:
    activity = ACTIVITIES[slug]
    total = sum(step["minutes"] for step in activity["steps"])
    assert activity["minutes"]["min"] <= total <= activity["minutes"]["max"]
    assert [step for step in activity["steps"] if not step["instruction"] or not step["who"]] == []


@each_activity
def test_both_samples_are_worked_out_and_say_why(slug: str) -> None:
    for name in ("good_sample", "poor_sample"):
        sample = ACTIVITIES[slug][name]
        assert len(words(sample["text"])) >= 25
        assert len(words(sample["why"])) >= 12


@each_activity
def test_the_page_to_fill_in_can_be_drawn(slug: str) -> None:
    fields = ACTIVITIES[slug]["fill_in"]
    assert len(fields) >= 3
    for field in fields:
        assert set(field) == {"label", "hint", "kind", "columns"}
        assert field["kind"] in {"line", "text", "date", "table"}
        assert bool(field["columns"]) == (field["kind"] == "table")
        assert field["hint"]


@each_activity
def test_what_must_stay_out_is_named(slug: str) -> None:
    activity = ACTIVITIES[slug]
    refused = " ".join(activity["what_not_to_record"]).lower()
    assert len(activity["what_not_to_record"]) >= 3
    assert any(word in refused for word in ("patient", "client", "student", "service user"))


@each_activity
def test_people_who_are_recorded_or_passed_on_are_asked_first(slug: str) -> None:
    activity = ACTIVITIES[slug]
    others = activity["together"] == "with_others"
    heard = activity["output_type"] in {"interview", "recording", "story", "contacts"}
    if others or heard:
        assert "?" in activity["consent_wording"]
        assert len(words(activity["consent_wording"])) >= 30


@each_activity
def test_times_are_marked_as_ours_or_carry_a_source(slug: str) -> None:
    label = ACTIVITIES[slug]["effort_label"].lower()
    assert "our estimate" in label or "source below" in label


@each_activity
def test_sources_are_named_and_dated(slug: str) -> None:
    for source in ACTIVITIES[slug]["sources"]:
        assert set(source) == {"title", "publisher", "url", "note", "date"}
        assert all(source.values())
        assert source["url"].startswith("http")


@each_activity
def test_the_techniques_and_the_kind_of_output_exist(slug: str) -> None:
    activity = ACTIVITIES[slug]
    assert set(activity["techniques"]) <= TECHNIQUES
    kinds = {kind["slug"] for kind in load(PAGES / "lists.yaml")["output_types"]}
    assert activity["output_type"] in kinds


def test_the_technique_files_are_the_thirteen_we_link_to() -> None:
    assert slugs_of(PAGES / "techniques") <= TECHNIQUES


@each_activity
def test_an_activity_is_in_plain_british_words(slug: str) -> None:
    assert wording_faults(ACTIVITIES[slug]) == []


@each_activity
def test_the_sentences_of_an_activity_are_short(slug: str) -> None:
    all_of_them = [each for _, text in texts(ACTIVITIES[slug]) for each in sentences(text)]
    lengths = {each: len(words(each)) for each in all_of_them}
    assert [each for each, length in lengths.items() if length > LONGEST_SENTENCE] == []
    assert sum(lengths.values()) / len(lengths) <= AVERAGE_SENTENCE


@each_activity
def test_no_run_of_eight_words_is_taken_from_our_notes_of_the_sources(slug: str) -> None:
    taken = source_runs()
    found = {run for _, text in texts(ACTIVITIES[slug]) for run in runs(text)}
    assert found & taken == set()


def test_no_two_activities_share_a_sample_or_a_question() -> None:
    seen: dict[str, str] = {}
    for slug, activity in ACTIVITIES.items():
        samples = [activity["good_sample"]["text"], activity["poor_sample"]["text"]]
        for text in [*samples, *activity["questions"]]:
            assert text not in seen, f"{slug} repeats {seen.get(text)}"
            seen[text] = slug


def test_the_toolkit_has_six_steps_in_order_and_four_ways_to_use_it() -> None:
    assert [step["number"] for step in GUIDE["steps"]] == [1, 2, 3, 4, 5, 6]
    assert len(GUIDE["ways_to_use"]) == 4
    for step in GUIDE["steps"]:
        assert too_wide(step, widths=GUIDE_STEP_WIDTHS) == []
        assert step["record"]
        assert step["minutes"] > 0
        assert len(step["what_each_does"]) >= 2


def test_every_activity_belongs_to_a_step_and_every_step_names_activities_that_exist() -> None:
    named = [slug for step in GUIDE["steps"] for slug in step["activities"]]
    assert set(named) == set(ACTIVITIES)
    assert all(step["activities"] for step in GUIDE["steps"])


def test_the_toolkit_is_in_plain_words_of_our_own() -> None:
    assert wording_faults(GUIDE) == []
    taken = source_runs()
    assert {run for _, text in texts(GUIDE) for run in runs(text)} & taken == set()


def test_the_exit_interview_is_only_named_as_what_this_is_not() -> None:
    assert "exit-interview" not in ACTIVITIES
    assert "not an exit interview" in ACTIVITIES["interview-one-area"]["purpose"]
    assert "not the exit interview" in GUIDE["introduction"]
