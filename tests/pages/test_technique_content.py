"""The technique guides' content files: complete, runnable on time, in plain words of our own."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from datetime import date
from itertools import combinations
from typing import Any

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

TECHNIQUES = {path.stem: load(path) for path in sorted((PAGES / "techniques").glob("*.yaml"))}
LISTS = load(PAGES / "lists.yaml")
THIRTEEN = {
    "action-learning-set", "after-action-review", "appreciative-inquiry", "before-action-review",
    "community-of-practice", "fishbowl", "knowledge-asset", "knowledge-cafe",
    "knowledge-harvesting", "peer-assist", "randomised-coffee-trial", "retrospect",
    "self-assessment-tool",
}  # fmt: skip
KEYS = {
    "slug", "title", "also_known_as", "strapline", "purpose", "primary_phase", "phases", "goals",
    "knowledge_type", "cadence", "when_to_use", "when_not_to_use", "preparation",
    "preparation_time", "opening_words", "closing_words", "invitation_text", "formats",
    "materials", "roles", "key_questions", "outputs", "tips", "pitfalls", "variations",
    "examples", "who_sees_output", "escalation", "related", "video_url", "elearning_url",
    "sources", "source_credit", "licence", "contact", "last_reviewed",
}  # fmt: skip
# What the finder may know besides: whether it helps when somebody leaves, what it is wrong for.
MAY_BE_LEFT_OUT = {"for_leaving"}
FOR_THE_FINDER = {"moment", "fewer_than", "more_than", "shorter_than"}
MAY_BE_EMPTY = {"video_url", "elearning_url"}
FORMAT_KEYS = {
    "kind", "label", "setting", "ongoing", "minutes", "people", "minutes_note", "steps",
}  # fmt: skip
RANGE_KEYS = {"min", "max", "best_min", "best_max"}
# What the fields in the database hold: longer text would be refused when the site is set up.
WIDTHS = {
    "title": 255, "strapline": 140, "preparation_time": 120, "source_credit": 500,
    "licence": 120, "contact": 255,
}  # fmt: skip
ROW_KEYS: dict[str, dict[str, int | None]] = {
    "when_not_to_use": {"situation": 255, "instead": None, "instead_text": 255},
    "roles": {"role": 120, "what_they_do": 255, "required": None},
    "outputs": {"name": 120, "form": 160, "who_sees": 255, "confidential": None},
    "variations": {"title": 120, "text": None},
    "examples": {"kind": None, "title": 120, "body": None},
    "related": {"technique": None, "relation": None},
    "sources": {"title": 255, "publisher": 160, "url": None, "note": 500, "date": 40},
    "steps": {"title": 120, "minutes": None, "who": 120, "instruction": None, "prompt": None},
}
LINES = (
    "also_known_as", "when_to_use", "materials", "key_questions", "tips", "pitfalls",
)  # fmt: skip
OPPOSITE = {
    "follows": "precedes", "precedes": "follows", "alternative": "alternative",
    "combines": "combines",
}  # fmt: skip
# Names of others stand in the frameworks; synonyms are what people type, not what they read.
NOT_SHOWN = {"frameworks", "synonyms"}
AVERAGE_SENTENCE = 14
AVERAGE_SPOKEN = 20
LONGEST_SENTENCE = 28
# Slow reading aloud, in words; most people read faster.
SPOKEN_A_MINUTE = 130

each_technique = pytest.mark.parametrize("slug", TECHNIQUES)


def formats() -> list[Any]:
    """Every format of every technique, named for the test report."""
    return [
        pytest.param(each, id=f"{slug}-{number}-{each['kind']}")
        for slug, technique in TECHNIQUES.items()
        for number, each in enumerate(technique["formats"])
    ]


each_format = pytest.mark.parametrize("row", formats())


def on_screen(slug: str) -> dict[str, Any]:
    """A technique without slugs; the one name with a banned word is left out where it is a name."""
    kept: dict[str, Any] = deepcopy(TECHNIQUES[slug])
    for row in kept["when_not_to_use"]:
        del row["instead"]
        row.pop("moment", None)
    del kept["related"]
    if slug == "knowledge-asset":
        del kept["title"]
    for row in kept["sources"]:
        row["title"] = re.sub(r"knowledge assets?", "knowledge page", row["title"], flags=re.I)
    return kept


def rows_of(technique: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows called ``name``; steps are gathered over all formats."""
    if name == "steps":
        return [step for row in technique["formats"] for step in row["steps"]]
    rows: list[dict[str, Any]] = technique[name]
    return rows


def average(parts: list[str]) -> float:
    """Words in each sentence of ``parts``, on average."""
    lengths = [len(words(each)) for part in parts for each in sentences(part)]
    return sum(lengths) / len(lengths)


def test_all_thirteen_are_there() -> None:
    assert set(TECHNIQUES) == THIRTEEN


@each_technique
def test_a_technique_has_every_field_and_no_other(slug: str) -> None:
    technique = TECHNIQUES[slug]
    assert set(technique) - MAY_BE_LEFT_OUT == KEYS
    assert technique["slug"] == slug
    assert [key for key in KEYS - MAY_BE_EMPTY if not technique[key]] == []
    assert isinstance(technique["last_reviewed"], date)
    for name, keys in ROW_KEYS.items():
        more = FOR_THE_FINDER if name == "when_not_to_use" else set()
        assert [row for row in rows_of(technique, name) if set(row) - more != set(keys)] == [], name


@each_technique
def test_a_technique_fits_the_fields_it_goes_into(slug: str) -> None:
    technique = TECHNIQUES[slug]
    assert [key for key, width in WIDTHS.items() if len(technique[key]) > width] == []
    for name, keys in ROW_KEYS.items():
        for row in rows_of(technique, name):
            wide = [key for key, width in keys.items() if width and len(row[key] or "") > width]
            assert wide == [], row
    for name in LINES:
        assert [line for line in technique[name] if len(line) > 500] == []


@each_technique
def test_the_choices_of_a_technique_are_among_the_allowed(slug: str) -> None:
    technique = TECHNIQUES[slug]
    phases = {row["slug"] for row in LISTS["phases"]}
    goals = {row["slug"] for row in LISTS["goals"]}
    assert technique["primary_phase"] in technique["phases"]
    assert set(technique["phases"]) <= phases
    assert set(technique["goals"]) <= goals
    assert technique["knowledge_type"] in {"heads", "written", "both"}
    assert technique["cadence"] in {"once", "regular", "ongoing"}


@each_technique
def test_a_technique_has_a_short_a_full_and_an_online_format(slug: str) -> None:
    kinds = {row["kind"] for row in TECHNIQUES[slug]["formats"]}
    # A café is never shorter than an hour, says its inventor, so its short form is that hour.
    assert kinds == {"short", "full", "online"}


@each_format
def test_the_ranges_of_a_format_run_forwards(row: dict[str, Any]) -> None:
    assert set(row) == FORMAT_KEYS
    assert row["setting"] in {"in_person", "online", "hybrid"}
    assert row["kind"] != "online" or row["setting"] == "online"
    assert len(row["label"]) <= 120
    for limits in (row["minutes"], row["people"]):
        assert set(limits) == RANGE_KEYS
        given = [limits[key] for key in ("min", "best_min", "best_max", "max")]
        known = [value for value in given if value is not None]
        assert known == sorted(known), limits


@each_format
def test_the_steps_of_a_format_take_as_long_as_it_says(row: dict[str, Any]) -> None:
    total = sum(step["minutes"] for step in row["steps"])
    if row["ongoing"] and set(row["minutes"].values()) == {None}:
        assert total > 0
    else:
        assert row["minutes"]["best_min"] <= total <= row["minutes"]["max"]
        assert total >= row["minutes"]["min"]


@each_format
def test_a_stranger_can_run_each_step(row: dict[str, Any]) -> None:
    for step in row["steps"]:
        assert step["title"]
        assert step["who"]
        assert len(words(step["instruction"])) >= 8, step["title"]
        assert step["minutes"] == 0 or len(words(step["prompt"])) >= 4, step["title"]


@each_format
def test_times_are_marked_as_ours_or_name_their_source(row: dict[str, Any]) -> None:
    note = row["minutes_note"]
    assert "our estimate" in note.lower() or "source" in note.lower()
    assert len(note) <= 255


@each_technique
def test_preparation_says_how_long_it_takes_and_whose_figure_that_is(slug: str) -> None:
    text = TECHNIQUES[slug]["preparation_time"].lower()
    assert re.search(r"\d|hour|day|week", text)
    assert "our estimate" in text or "source" in text
    assert len(text) <= 80, "it stands in a narrow column"


@each_technique
def test_no_share_in_per_cent_is_claimed(slug: str) -> None:
    for where, text in texts(on_screen(slug)):
        assert not re.search(r"%|per ?cent", text), where


@each_technique
def test_words_to_read_out_take_about_a_minute_and_address_people(slug: str) -> None:
    for key in ("opening_words", "closing_words"):
        text = TECHNIQUES[slug][key]
        assert 30 <= len(words(text)) <= 150, key
        assert re.search(r"\b(you|your|we|us)\b", text.lower()), key
        assert "[" not in text or key == "opening_words"


@each_technique
def test_words_to_read_out_fit_into_the_step_that_asks_for_them(slug: str) -> None:
    technique = TECHNIQUES[slug]
    for row in technique["formats"]:
        if row["ongoing"] and row["minutes"]["min"] is None:
            continue
        for key in ("opening words", "closing words"):
            steps = [step for step in row["steps"] if key in step["instruction"]]
            assert len(steps) == 1, (row["label"], key)
            said = technique[key.replace(" ", "_")] + steps[0]["prompt"]
            assert len(words(said)) / SPOKEN_A_MINUTE <= steps[0]["minutes"], row["label"]


@each_technique
def test_the_invitation_can_be_copied_and_filled(slug: str) -> None:
    text = TECHNIQUES[slug]["invitation_text"]
    assert len(re.findall(r"\[[^\]]+\]", text)) >= 3
    assert text.startswith("Subject: ")


@each_technique
def test_the_wrong_tool_is_sent_elsewhere(slug: str) -> None:
    rows = TECHNIQUES[slug]["when_not_to_use"]
    named = [row["instead"] for row in rows if row["instead"]]
    assert len(rows) >= 3
    assert len(named) >= 2
    assert set(named) <= THIRTEEN - {slug}
    assert [row for row in rows if not row["instead"] and not row["instead_text"]] == []


@each_technique
def test_related_techniques_exist_and_are_named_once(slug: str) -> None:
    rows = TECHNIQUES[slug]["related"]
    named = [row["technique"] for row in rows]
    assert len(named) == len(set(named)) >= 2
    assert set(named) <= THIRTEEN - {slug}
    assert {row["relation"] for row in rows} <= set(OPPOSITE)


def test_two_techniques_agree_on_how_they_are_related() -> None:
    relations = {
        (slug, row["technique"]): row["relation"]
        for slug, technique in TECHNIQUES.items()
        for row in technique["related"]
    }
    for (one, other), relation in relations.items():
        back = relations.get((other, one))
        assert back in {None, OPPOSITE[relation]}, (one, other)


@each_technique
def test_there_is_one_worked_example_from_care_and_one_from_other_work(slug: str) -> None:
    examples = TECHNIQUES[slug]["examples"]
    assert Counter(row["kind"] for row in examples) == {"clinical": 1, "non_clinical": 1}
    assert [row["title"] for row in examples if len(words(row["body"])) < 120] == []


@each_technique
def test_harm_is_answered_on_the_page(slug: str) -> None:
    technique = TECHNIQUES[slug]
    assert len(words(technique["who_sees_output"])) >= 20
    assert len(words(technique["escalation"])) >= 30
    assert technique["outputs"]
    assert [row for row in technique["outputs"] if not row["who_sees"]] == []
    for row in technique["outputs"]:
        assert isinstance(row["confidential"], bool)


def test_a_review_never_replaces_a_report_and_a_set_stays_confidential() -> None:
    review = TECHNIQUES["after-action-review"]["escalation"].lower()
    assert "never replaces" in review
    assert "report" in review
    learning_set = TECHNIQUES["action-learning-set"]
    assert "stays in the room" in learning_set["opening_words"]
    assert all(row["confidential"] for row in learning_set["outputs"])


def test_nobody_is_recorded_without_having_been_asked() -> None:
    harvesting = TECHNIQUES["knowledge-harvesting"]
    asked = harvesting["opening_words"] + harvesting["escalation"]
    assert "may i record" in asked.lower()
    for slug, technique in TECHNIQUES.items():
        for row in technique["formats"]:
            for step in row["steps"]:
                if re.search(r"\b(start|press) recording\b", step["instruction"].lower()):
                    assert re.search(r"\b(yes|agree)", step["instruction"].lower()), slug


def test_the_self_assessment_is_described_and_never_rebuilt() -> None:
    technique = TECHNIQUES["self-assessment-tool"]
    assert any("self-assessment-tool" in row["url"] for row in technique["sources"])
    assert "We do not copy it" in technique["purpose"]


@each_technique
def test_sources_are_named_dated_and_can_be_found(slug: str) -> None:
    for source in TECHNIQUES[slug]["sources"]:
        assert source["title"]
        assert source["publisher"]
        assert source["date"]
        assert source["note"]
        assert source["url"] == "" or source["url"].startswith(("https://", "http://"))


@each_technique
def test_nothing_says_that_the_nhs_stands_behind_it(slug: str) -> None:
    shown = on_screen(slug)
    for key in ("sources", "source_credit"):
        del shown[key]
    for where, text in texts(shown):
        found = re.search(r"\b(NHS|HEE|Health Education England)\b", text)
        assert found is None or slug == "self-assessment-tool", where


@each_technique
def test_a_technique_is_in_plain_british_words(slug: str) -> None:
    assert wording_faults(on_screen(slug)) == []


@each_technique
def test_what_is_said_and_done_is_in_short_sentences(slug: str) -> None:
    steps = rows_of(TECHNIQUES[slug], "steps")
    for key in ("instruction", "prompt"):
        assert average([step[key] for step in steps if step[key]]) <= AVERAGE_SPOKEN
    shown = [text for _, text in texts(on_screen(slug))]
    assert average(shown) <= AVERAGE_SENTENCE
    for part in shown:
        for sentence in sentences(part):
            assert len(words(sentence)) <= LONGEST_SENTENCE, sentence


@each_technique
def test_no_run_of_eight_words_is_taken_from_our_notes_of_the_sources(slug: str) -> None:
    taken = source_runs()
    found = {run for _, text in texts(on_screen(slug)) for run in runs(text)}
    assert found & taken == set()


def test_no_two_techniques_share_an_example_or_a_key_question() -> None:
    for one, other in combinations(TECHNIQUES.values(), 2):
        for key in ("examples", "key_questions", "tips", "pitfalls"):
            shared = [row for row in one[key] if row in other[key]]
            assert shared == [], (one["slug"], other["slug"])


def fits(row: dict[str, Any], *, minutes: int, people: int) -> bool:
    """Whether a format is possible with so many minutes and people."""
    if row["ongoing"]:
        return False
    most = row["people"]["max"]
    return (
        row["minutes"]["min"] <= minutes <= row["minutes"]["max"]
        and row["people"]["min"] <= people
        and (most is None or people <= most)
    )


def test_a_team_of_six_with_half_an_hour_after_a_shift_finds_two_or_three() -> None:
    found = {
        slug
        for slug, technique in TECHNIQUES.items()
        if "after" in technique["phases"]
        and any(fits(row, minutes=30, people=6) for row in technique["formats"])
    }
    assert "after-action-review" in found
    assert 2 <= len(found) <= 4


def test_every_phase_and_goal_has_techniques() -> None:
    phases = Counter(phase for row in TECHNIQUES.values() for phase in row["phases"])
    goals = Counter(goal for row in TECHNIQUES.values() for goal in row["goals"])
    assert {row["slug"] for row in LISTS["phases"]} == set(phases)
    assert {row["slug"] for row in LISTS["goals"]} == set(goals)


def test_the_framework_names_thirteen_and_claims_no_list_of_eleven() -> None:
    framework = LISTS["frameworks"][0]
    entries = framework["entries"]
    assert {row["technique"] for row in entries} == THIRTEEN
    assert sorted(row["position"] for row in entries) == list(range(13))
    assert {row["included"] for row in entries} == {"unclear"}
    assert "eleven" in framework["introduction"]
    assert "thirteen" in framework["introduction"]
    assert len(framework["source_credit"]) <= 500


def test_the_lists_are_in_plain_words_of_our_own() -> None:
    assert (
        wording_faults({key: value for key, value in LISTS.items() if key not in NOT_SHOWN}) == []
    )
    assert wording_faults(LISTS["frameworks"][0]["introduction"]) == []
    shown = [text for where, text in texts(LISTS) if not where.endswith("_url")]
    assert {run for text in shown for run in runs(text)} & source_runs() == set()
