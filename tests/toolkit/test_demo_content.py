"""The demonstration's data files: believable, invented, complete, and fit for the models."""

from __future__ import annotations

import re
from collections import Counter
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
from tests.toolkit.test_activity_content import TECHNIQUES, too_wide

DEMO = PAGES / "demo"
BASE = load(DEMO / "demo.yaml")
FILES = sorted((DEMO / "assets").glob("*.yaml"))
ITEMS = {row["slug"]: row for path in FILES for row in load(path)}
PEOPLE = {person["username"]: person for person in BASE["people"]}
TEAMS = {team["slug"]: team for team in BASE["teams"]}
KEYS = {
    "slug", "team", "title", "output_type", "summary", "visibility", "shared_with", "named_people",
    "post", "holder", "owner", "topics", "tags", "captured_on", "review_due", "came_from", "body",
    "attachments",
}  # fmt: skip
ROLES = {
    "knowledge_editor", "knowledge_manager", "steward", "line_manager", "leaver", "member",
    "member_other_team",
}  # fmt: skip
# For each kind of block: its own keys, and the keys and widths of what it lists.
BLOCKS: dict[str, tuple[set[str], str, dict[str, int | None]]] = {
    "rich_text": ({"text"}, "", {}),
    "contacts": (
        {"items"},
        "items",
        {
            "name": 120, "role": 120, "organisation": 160, "phone": 60, "email": None,
            "what_for": 255, "how_well": 160,
        },
    ),
    "dates": (
        {"items"},
        "items",
        {"what": 160, "when_text": 120, "month": None, "every_year": None, "note": 255},
    ),
    "work_in_hand": (
        {"items"},
        "items",
        {
            "title": 160, "position": None, "next_step": 255, "owner": 120, "due": 80, "risk": 255,
        },
    ),
    "questions": ({"items"}, "items", {"question": 255, "answer": None}),
    "how_to": (
        {"title", "steps", "last_tested_by", "last_tested_on"},
        "steps",
        {"title": 160, "text": None, "caution": 255},
    ),
    "table": ({"caption", "header", "rows"}, "", {}),
    "callout": ({"kind", "title", "text"}, "", {}),
    "link": ({"title", "url_or_path", "why"}, "", {}),
}  # fmt: skip
# The day these files were last looked over: some items are overdue by then, most are not.
LOOKED_OVER = date(2026, 11, 23)

each_item = pytest.mark.parametrize("slug", ITEMS)


def words_to_try() -> dict[str, tuple[str, str]]:
    """The words that the head of demo.yaml promises, with the item and file that hold each."""
    head = (DEMO / "demo.yaml").read_text(encoding="utf-8")
    rows = re.findall(r"^#   (\w+)\s+([\w-]+)/([\w.-]+)$", head, re.MULTILINE)
    return {word: (slug, filename) for word, slug, filename in rows}


def test_three_teams_have_stewards_members_and_posts() -> None:
    assert len(TEAMS) == 3
    for team in TEAMS.values():
        assert set(team) == {"slug", "name", "purpose", "stewards", "members"}
        assert team["stewards"]
        assert len(team["members"]) >= 3
        assert {*team["stewards"], *team["members"]} <= set(PEOPLE)
    for post in BASE["posts"]:
        assert set(post) == {"title", "team", "holder", "line_manager"}
        assert post["team"] in TEAMS
        assert {post["holder"], post["line_manager"]} - {None} <= set(PEOPLE)


def test_every_role_of_the_demonstration_is_played_and_no_password_is_written() -> None:
    assert {person["role"] for person in BASE["people"]} == ROLES
    for person in BASE["people"]:
        assert set(person) == {"username", "first_name", "last_name", "role"}
        made_of = f"{person['first_name']}.{person['last_name']}@example.org".lower()
        assert person["username"] == made_of


def test_nobody_is_in_two_teams_so_that_what_is_private_stays_private() -> None:
    listed = [name for team in TEAMS.values() for name in [*team["stewards"], *team["members"]]]
    assert [name for name, times in Counter(listed).items() if times > 1] == []


def test_there_are_about_thirty_items_and_most_are_for_the_team() -> None:
    assert 28 <= len(ITEMS) <= 40
    kinds = Counter(item["visibility"] for item in ITEMS.values())
    assert set(kinds) == {"open", "organisation", "team", "named"}
    assert kinds["team"] > len(ITEMS) / 2
    assert kinds["named"] == 2
    overdue = [item for item in ITEMS.values() if item["review_due"] < LOOKED_OVER]
    assert 3 <= len(overdue) <= 8


@each_item
def test_an_item_has_every_field_and_what_it_names_exists(slug: str) -> None:
    item = ITEMS[slug]
    assert set(item) == KEYS
    assert item["team"] in TEAMS
    assert set(item["shared_with"]) <= set(TEAMS) - {item["team"]}
    assert {item["holder"], item["owner"], *item["named_people"]} - {None} <= set(PEOPLE)
    assert item["owner"]
    posts = {post["title"] for post in BASE["posts"] if post["team"] == item["team"]}
    assert item["post"] is None or item["post"] in posts
    assert bool(item["named_people"]) == (item["visibility"] == "named")
    assert item["captured_on"] < item["review_due"]
    assert too_wide(item, widths={"title": 255, "slug": 255}) == []
    assert len(words(item["summary"])) >= 10
    assert item["body"]
    assert item["tags"]


@each_item
def test_an_item_comes_from_an_activity_or_technique_that_exists(slug: str) -> None:
    known = slugs_of(TOOLKIT / "activities") | TECHNIQUES
    assert ITEMS[slug]["came_from"] is None or ITEMS[slug]["came_from"] in known


@each_item
def test_the_kind_and_the_topics_of_an_item_are_in_the_lists(slug: str) -> None:
    lists = load(PAGES / "lists.yaml")
    assert ITEMS[slug]["output_type"] in {row["slug"] for row in lists["output_types"]}
    assert ITEMS[slug]["topics"]
    assert set(ITEMS[slug]["topics"]) <= {row["slug"] for row in lists["topics"]}


@each_item
def test_the_blocks_of_an_item_have_the_shape_that_is_read(slug: str) -> None:
    for block in ITEMS[slug]["body"]:
        keys, listed, widths = BLOCKS[block["type"]]
        assert set(block) == {"type", *keys}
        for row in block[listed] if listed else []:
            assert set(row) == set(widths)
            narrow = {key: width for key, width in widths.items() if width}
            assert too_wide(row, widths=narrow) == []
        check_block(block)


def check_block(block: dict[str, Any]) -> None:
    """Rules that only one kind of block has."""
    if block["type"] == "table":
        assert {len(row) for row in block["rows"]} == {len(block["header"])}
        assert all(isinstance(cell, str) for row in block["rows"] for cell in row)
    if block["type"] == "dates":
        assert all(row["month"] in {None, *range(1, 13)} for row in block["items"])
    if block["type"] == "callout":
        assert block["kind"] in {"note", "warning"}
        assert too_wide(block, widths={"title": 120}) == []
    if block["type"] == "link":
        assert too_wide(block, widths={"title": 160, "url_or_path": 500, "why": 255}) == []


@each_item
def test_an_attached_file_is_long_enough_to_be_searched(slug: str) -> None:
    for file in ITEMS[slug]["attachments"]:
        assert set(file) == {"filename", "title", "pages"}
        assert file["filename"].rsplit(".", 1)[-1] in {"pdf", "docx", "txt"}
        assert 2 <= len(file["pages"]) <= 4
        for page in file["pages"]:
            assert 80 <= len(words(page)) <= 200
            # The library that writes PDF reads these two as mark-up.
            assert "<" not in page
            assert "&" not in page


def test_every_promised_word_stands_in_its_file_and_nowhere_else() -> None:
    promised = words_to_try()
    files = {
        (slug, file["filename"]): words(" ".join(file["pages"]))
        for slug, item in ITEMS.items()
        for file in item["attachments"]
    }
    assert set(promised.values()) == set(files)
    elsewhere = [*sorted((TOOLKIT).rglob("*.yaml")), *sorted(PAGES.rglob("*.yaml"))]
    for word, place in promised.items():
        assert word in files[place]
        others = [key for key, found in files.items() if key != place and word in found]
        assert others == []
        holders = [p.stem for p in elsewhere if word in words(p.read_text(encoding="utf-8"))]
        assert holders == [place[0], "demo"] or holders == ["demo", place[0]]


@each_item
def test_an_item_is_in_plain_words_and_holds_no_real_number_or_address(slug: str) -> None:
    assert wording_faults(ITEMS[slug]) == []
    for where, text in texts(ITEMS[slug]):
        # Ten digits in a row, with or without blanks in threes, may be the number of a person.
        assert not re.search(r"\b(\d{10}|\d{3} \d{3} \d{4})\b", text), where
        assert [each for each in sentences(text) if len(words(each)) > 30] == []


@each_item
def test_nothing_in_an_item_is_taken_from_our_notes_of_the_sources(slug: str) -> None:
    taken = source_runs()
    assert {run for _, text in texts(ITEMS[slug]) for run in runs(text)} & taken == set()
