"""The demonstration: three teams, their people, and what they know. Removable."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.html import escape
from wagtail.models import Page

from km_pages.actions.open_team import OpenTeam
from km_pages.models import (
    KnowledgeAssetPage,
    OutputType,
    Post,
    Team,
    TeamSpacePage,
    Topic,
)
from km_pages.setup.plan import SetupStep, read_data
from km_pages.setup.structure import EDITORS, MANAGERS, named
from km_pages.visibility import Visibility

FOLDER = Path(__file__).resolve().parent.parent / "content" / "demo"
PASSWORD = "demonstration"
GROUPS = {"knowledge_editor": EDITORS, "knowledge_manager": MANAGERS}


def read_demo() -> dict[str, Any]:
    """The data of the demonstration: ``teams``, ``people``, ``posts`` and ``assets``."""
    data = read_data(FOLDER / "demo.yaml")
    for path in sorted(FOLDER.glob("assets*.yaml")) + sorted(FOLDER.glob("assets/*.yaml")):
        rows = read_data(path)
        data.setdefault("assets", []).extend(rows["assets"] if isinstance(rows, dict) else rows)
    return data


def demo_steps() -> list[SetupStep]:
    """One step for each person, team, post and knowledge item."""
    data = read_demo()
    return [
        *_steps("person", data["people"], "username", make_person, 10),
        *_steps("team", data["teams"], "slug", make_team, 20),
        *_steps("post", data["posts"], "title", make_post, 30),
        *_steps("item", data["assets"], "slug", make_item, 40),
    ]


def _steps(
    kind: str, rows: list[dict[str, Any]], key: str, run: Any, order: int
) -> list[SetupStep]:
    return [
        SetupStep(
            key=f"demo:{kind}:{row[key]}"[:120],
            description=f"{kind} {row[key]}",
            run=partial(run, row),
            order=order,
        )
        for row in rows
    ]


def person(username: str | None) -> Any:
    """The account called ``username``, or nothing."""
    return get_user_model()._default_manager.filter(username=username).first() if username else None


def make_person(row: dict[str, Any]) -> None:
    """An account with the password of the demonstration."""
    user, made = get_user_model()._default_manager.get_or_create(
        username=row["username"],
        defaults={
            "email": row["username"],
            "first_name": row["first_name"],
            "last_name": row["last_name"],
        },
    )
    if made:
        user.set_password(PASSWORD)
        user.save()
    group = GROUPS.get(row.get("role", ""))
    if group:
        user.groups.add(Group.objects.get_or_create(name=group)[0])


def make_team(row: dict[str, Any]) -> None:
    """A team with its people and its space."""
    team = Team.objects.filter(slug=row["slug"]).first()
    if team is None:
        team = OpenTeam(
            name=row["name"], slug=row["slug"], purpose=row.get("purpose") or ""
        ).execute()
    for role in ("members", "stewards"):
        people = get_user_model()._default_manager.filter(username__in=row.get(role) or [])
        getattr(team, f"{role}_group").user_set.add(*people)


def make_post(row: dict[str, Any]) -> None:
    """A post in a team."""
    team = Team.objects.filter(slug=row["team"]).first()
    if team is not None:
        Post.objects.get_or_create(
            team=team,
            title=row["title"],
            defaults={
                "holder": person(row.get("holder")),
                "line_manager": person(row.get("line_manager")),
            },
        )


def make_item(row: dict[str, Any]) -> None:
    """A published knowledge item with its files."""
    space = TeamSpacePage.objects.filter(team__slug=row["team"]).first()
    if space is None or KnowledgeAssetPage.objects.filter(slug=row["slug"]).exists():
        return
    page = KnowledgeAssetPage(
        title=row["title"],
        slug=row["slug"],
        live=False,
        output_type=named(OutputType, row.get("output_type")),
        summary=row.get("summary") or "",
        visibility=row.get("visibility") or Visibility.TEAM,
        body=[block(each) for each in row.get("body") or []],
        owner=person(row.get("owner")) or person(row.get("holder")),
        holder=person(row.get("holder")),
        post=Post.objects.filter(team=space.team, title=row.get("post") or "").first(),
        came_from=Page.objects.filter(slug=row["came_from"]).first()
        if row.get("came_from")
        else None,
        captured_on=row["captured_on"],
        review_due=row.get("review_due"),
    )
    space.add_child(instance=page)
    page.topics = list(Topic.objects.filter(slug__in=row.get("topics") or []))
    page.shared_with = list(Team.objects.filter(slug__in=row.get("shared_with") or []))
    people = get_user_model()._default_manager
    page.named_people = list(people.filter(username__in=row.get("named_people") or []))
    page.tags.set(row.get("tags") or [])
    attach(page, row.get("attachments") or [])
    # An owner who is no steward may not publish; here it is the set-up that publishes.
    page.save_revision(user=page.owner).publish(user=page.owner, skip_permission_checks=True)


def attach(page: KnowledgeAssetPage, rows: list[dict[str, Any]]) -> None:
    """Make and store the files of ``rows`` and link ``page`` to them."""
    # Here, because only the demonstration needs the libraries that write PDF and DOCX.
    from km_pages.setup.demo_files import make_file
    from km_pages.setup.demo_store import store_bytes

    for row in rows:
        content = make_file(row["filename"], row["title"], row["pages"])
        stored = store_bytes(row["filename"], content, page.owner)
        page.attachments.add(page.attachments.model(stored_file=stored, title=row["title"]))


def block(row: dict[str, Any]) -> tuple[str, Any]:
    """One block of a data file as a block of the body."""
    kind = row["type"]
    if kind == "rich_text":
        parts = [part.strip() for part in row["text"].split("\n\n")]
        return "text", "".join(f"<p>{escape(part)}</p>" for part in parts if part)
    if kind == "table":
        return "table", {
            "data": [row["header"], *row["rows"]],
            "first_row_is_table_header": True,
            "first_col_is_header": False,
            "table_header_choice": "row",
            "table_caption": row.get("caption") or "",
        }
    values = {key: "" if value is None else value for key, value in row.items() if key != "type"}
    if kind == "how_to":
        values["last_tested_on"] = row.get("last_tested_on")
    if "items" in values:
        rows: Any = values.pop("items")
        values["entries"] = [_entry(each) for each in rows]
    return kind, values


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, bool) else "" if value is None else str(value)
        for key, value in row.items()
    }
