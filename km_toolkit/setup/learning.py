"""What km_toolkit adds to ``km_setup`` for learning: the menu, and a starter module each."""

from __future__ import annotations

import html
from functools import partial
from typing import Any

from django.contrib.auth.models import Group

from km_pages.models import HomePage, LearningPhase, TechniquePage
from km_pages.setup.content import source_blocks
from km_pages.setup.plan import SetupStep, read_data, read_folder
from km_pages.setup.structure import EDITORS, grant, grant_pages, named, publish_below
from km_toolkit.models import ActivityPage, LearningIndexPage, LearningModulePage
from km_toolkit.setup import FOLDER


def learning_steps() -> list[SetupStep]:
    """The steps of this module: the menu, who keeps it, and each starter module."""
    make = SetupStep(
        key="tree:learning", description="Module menu", run=make_menu, order=13, content=False
    )
    rights = SetupStep(
        key="groups:learning", description="Rights on the modules", run=grant_menu, order=22
    )
    modules = [
        SetupStep(
            key=f"module:{row['slug']}",
            description=f"module: {row['title']}",
            run=partial(make_module, row),
            order=65,
            content=True,
        )
        for row in read_folder(FOLDER / "modules")
    ]
    return [make, rights, *modules]


def make_menu() -> None:
    """The menu, below the home page."""
    home = HomePage.objects.first()
    if home is not None and not LearningIndexPage.objects.exists():
        data = read_data(FOLDER / "learning.yaml")
        page = LearningIndexPage(
            title=data["title"], slug="learning", introduction=data["introduction"].strip()
        )
        publish_below(home, page)


def grant_menu() -> None:
    """Let knowledge editors keep the modules, and what is said of other learning systems."""
    group = Group.objects.filter(name=EDITORS).first()
    if group is not None:
        grant(group, "km_toolkit", ["change_learningsettings"])
        for page in LearningIndexPage.objects.all():
            grant_pages(group, page)


def make_module(row: dict[str, Any]) -> None:
    """One module below the menu, unless there is one of that slug."""
    menu = LearningIndexPage.objects.first()
    if menu is None or LearningModulePage.objects.filter(slug=row["slug"]).exists():
        return
    page = LearningModulePage(
        title=row["title"],
        slug=row["slug"],
        strapline=row["strapline"],
        minutes=row["minutes"],
        completion=row["completion"],
        technique=named(TechniquePage, row.get("technique")),
        activity=named(ActivityPage, row.get("activity")),
        phase=named(LearningPhase, row.get("phase")),
        sections=[as_section(each) for each in row["sections"]],
        sources=source_blocks(row.get("sources")),
        source_credit=row.get("source_credit") or "",
        licence=row.get("licence") or "",
        last_reviewed=row.get("last_reviewed"),
        search_description=row["strapline"],
    )
    LearningIndexPage.objects.get(pk=menu.pk).add_child(instance=page)
    page.save_revision().publish()


def as_section(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """One section of a data file as a block: its kind, and its parts by name."""
    value = {name: each for name, each in row.items() if name != "kind"}
    if row["kind"] == "text":
        value["text"] = as_rich_text(value["text"])
    if row["kind"] == "check":
        value.setdefault("several", False)
        value["answers"] = [
            {"right": bool(each.get("right")), "text": each["text"], "feedback": each["feedback"]}
            for each in value["answers"]
        ]
    return row["kind"], value


def as_rich_text(text: str) -> str:
    """Plain text as rich text: a blank line begins a paragraph, lines that begin with - a list."""
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    return "".join(_part(part.splitlines()) for part in parts)


def _part(lines: list[str]) -> str:
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{html.escape(line[2:])}</li>" for line in lines) + "</ul>"
    return f"<p>{html.escape(' '.join(line.strip() for line in lines))}</p>"
