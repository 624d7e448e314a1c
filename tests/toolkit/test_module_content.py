"""The starter modules: one for each technique, whole, short, in plain words of our own."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import pytest

from km_toolkit.blocks.learning import SectionsBlock
from km_toolkit.setup.learning import as_section
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

MODULES = {path.stem: load(path) for path in sorted((TOOLKIT / "modules").glob("*.yaml"))}
KEYS = {
    "slug", "title", "strapline", "technique", "minutes", "completion", "sections",
    "source_credit", "licence", "last_reviewed",
}  # fmt: skip
WIDTHS = {"title": 255, "strapline": 160, "source_credit": 500, "licence": 120}
LONGEST_SENTENCE = 28
AVERAGE_SENTENCE = 14
# Words a minute that a person reads who also thinks, and minutes for a check and a reflection.
READ_A_MINUTE = 150
THINKING = {"check": 0.75, "reflection": 2}

each_module = pytest.mark.parametrize("slug", MODULES)


def test_there_is_a_module_for_each_technique() -> None:
    assert set(MODULES) == slugs_of(PAGES / "techniques")
    assert {row["technique"] for row in MODULES.values()} == set(MODULES)


@each_module
def test_a_module_has_every_field_and_every_kind_of_section(slug: str) -> None:
    module = MODULES[slug]
    assert set(module) == KEYS
    assert isinstance(module["last_reviewed"], date)
    assert [key for key, width in WIDTHS.items() if len(module[key]) > width] == []
    kinds = [each["kind"] for each in module["sections"]]
    assert {"text", "example", "check", "reflection"} <= set(kinds)
    assert kinds.count("check") >= 2
    assert any(each.get("several") for each in module["sections"])


@each_module
def test_its_sections_pass_the_checks_of_the_editor(slug: str) -> None:
    block = SectionsBlock()
    rows = [as_section(each) for each in MODULES[slug]["sections"]]
    value = block.normalize(rows)
    block.clean(value)
    assert len({each.value["heading"] for each in value}) == len(value)


@each_module
def test_its_minutes_are_what_it_takes_and_five_to_twelve(slug: str) -> None:
    module = MODULES[slug]
    read = sum(len(words(text)) for _where, text in texts(module["sections"]))
    thought = sum(THINKING.get(each["kind"], 0) for each in module["sections"])
    takes = read / READ_A_MINUTE + thought
    assert 5 <= module["minutes"] <= 12
    assert abs(takes - module["minutes"]) <= 2, f"about {takes:.1f} minutes"


@each_module
def test_its_words_are_plain(slug: str) -> None:
    module = MODULES[slug]
    shown = {name: each for name, each in module.items() if name != "technique"}
    assert wording_faults(shown) == []
    said = [text for _where, text in texts(module["sections"])]
    lengths = [len(words(each)) for text in said for each in sentences(text)]
    assert max(lengths) <= LONGEST_SENTENCE
    assert sum(lengths) / len(lengths) <= AVERAGE_SENTENCE


def test_the_right_answer_is_not_known_by_its_place() -> None:
    places = [
        [bool(each.get("right")) for each in section["answers"]].index(True)
        for module in MODULES.values()
        for section in module["sections"]
        if section["kind"] == "check" and not section.get("several")
    ]
    for place in range(3):
        assert places.count(place) <= len(places) / 2, f"too often in place {place + 1}"


def all_words(module: dict[str, Any]) -> str:
    return "\n".join(text for _where, text in texts(module["sections"]))


def test_no_eight_words_are_those_of_a_source_or_of_another_module() -> None:
    found = {slug: runs(all_words(module)) for slug, module in MODULES.items()}
    for one, other in combinations(found, 2):
        assert found[one] & found[other] == set(), (one, other)
    sources = source_runs()
    for slug, ours in found.items():
        assert ours & sources == set(), slug
