"""The page of hard cases is true: every number has a row, and every test it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "hard-cases.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> dict[int, list[tuple[str, str]]]:
    """The tests that the page names for each number."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| \d+ \|", line):
            number = int(line.split("|")[1])
            assert number not in found, f"{number} has two rows"
            assert all(cell.strip() for cell in line.strip("|").split("|")), number
            found[number] = NAMED.findall(line)
    return found


@cache
def names_in(path: str) -> set[str]:
    """The names of the tests in a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_every_number_has_its_row_and_a_test() -> None:
    named = rows()
    assert sorted(named) == list(range(1, 41))
    assert [number for number, tests in named.items() if not tests] == []


def test_every_test_that_is_named_is_there() -> None:
    missing = [
        f"{number}: {path}::{name}"
        for number, tests in rows().items()
        for path, name in tests
        if not (ROOT / path).exists() or name not in names_in(path)
    ]
    assert missing == []
