"""The shipped techniques as the finder's rule needs them, read from the data files alone."""

from __future__ import annotations

from typing import Any

from km_pages.finder.rule import LEAVING, Candidate, Format, WrongTool
from km_pages.listings.finder import MOMENTS
from km_pages.models import TechniqueFormat
from km_pages.setup.content import FOLDER, read_data, read_folder


def shipped_candidates() -> list[Candidate]:
    """One candidate for each shipped technique. No query."""
    rows = read_folder(FOLDER / "techniques")
    keys = {row["slug"]: number for number, row in enumerate(rows)}
    lists = read_data(FOLDER / "lists.yaml")
    names = {each["slug"]: each["name"] for each in lists["goals"]}
    names |= {slug: str(name) for slug, name in MOMENTS.items()}
    return [_candidate(row, keys, names) for row in rows]


def _candidate(row: dict[str, Any], keys: dict[str, int], names: dict[str, str]) -> Candidate:
    leaving = [LEAVING] if row.get("for_leaving") else []
    moments = tuple(dict.fromkeys([row["primary_phase"], *row["phases"], *leaving]))
    return Candidate(
        key=keys[row["slug"]],
        title=row["title"],
        formats=tuple(_format(number, each) for number, each in enumerate(row["formats"])),
        moments=moments,
        moment_names=tuple(names[each] for each in moments),
        goals=tuple(row["goals"]),
        goal_names=tuple(names[each] for each in row["goals"]),
        wrong_tools=tuple(_wrong_tool(each, keys) for each in row["when_not_to_use"]),
        strapline=row["strapline"],
    )


def _format(number: int, row: dict[str, Any]) -> Format:
    ranges = {
        f"{name[:-3]}{what}_{name[-3:]}": value
        for what in ("minutes", "people")
        for name, value in row[what].items()
    }
    return Format(
        key=str(number),
        name=row["label"],
        setting=row["setting"],
        setting_name=str(TechniqueFormat.Setting(row["setting"]).label),
        ongoing=row["ongoing"],
        **ranges,
    )


def _wrong_tool(row: dict[str, Any], keys: dict[str, int]) -> WrongTool:
    return WrongTool(
        situation=row["situation"],
        instead=keys.get(row["instead"]),
        instead_text=row["instead_text"] or "",
        moment=row.get("moment") or "",
        **{name: row.get(name) for name in ("fewer_than", "more_than", "shorter_than")},
    )
