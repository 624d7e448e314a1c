"""A handover in the middle of its way, made by the same actions that people use."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from km_pages.models import OutputType, Post, Team
from km_pages.setup.plan import SetupStep, read_data
from km_toolkit.actions.agree import AddAction, ProposePriorities, SetPriority
from km_toolkit.actions.ask_team import AskQuestion, OpenQuestions
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from km_toolkit.actions.name_areas import AddArea
from km_toolkit.actions.start_handover import Confirm, StartHandover
from km_toolkit.models import ActivityPage, Handover

FILE = Path(__file__).resolve().parent.parent / "content" / "demo.yaml"
BLOCKS = ("contacts", "dates")


def demo_steps() -> list[SetupStep]:
    """One step: the handover, after the people and posts it needs."""
    return [
        SetupStep(
            key="demo:handover:ward-clerk",
            description="handover of the ward clerk",
            run=make_handover,
            order=60,
        )
    ]


def remove_demo(team: Team) -> None:
    """Take the handovers of a demonstration team out again, before its posts go."""
    Handover.objects.filter(post__team=team).delete()


def make_handover() -> None:
    """Start the handover and take it half the way, unless its people are not there."""
    data = read_data(FILE)
    post = Post.objects.filter(title=data["post"], team__slug=data["team"]).first()
    if post is None or post.holder is None or post.line_manager is None:
        return
    handover = StartHandover(
        post=post,
        by=post.holder,
        last_day=timezone.localdate() + datetime.timedelta(weeks=data["weeks"]),
        line_manager=post.line_manager,
    ).execute()
    Confirm(handover=handover, by=post.holder).execute()
    areas = _areas(handover, post.holder, data["areas"])
    _questions(handover, data["questions"])
    ProposePriorities(handover=handover, by=post.holder).execute()
    for row in data["actions"]:
        _action(handover, areas[row["area"]], row)
    for row in data["outputs"]:
        _output(handover, areas[row["area"]], row)


def _areas(handover: Handover, leaver: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    made = {}
    for row in rows:
        details = {name: value for name, value in row.items() if name not in ("title", "priority")}
        area = AddArea(handover=handover, by=leaver, title=row["title"], details=details).execute()
        SetPriority(handover=handover, by=leaver, area=area, priority=row["priority"]).execute()
        made[row["title"]] = area
    return made


def _questions(handover: Handover, rows: list[dict[str, Any]]) -> None:
    OpenQuestions(handover=handover, by=handover.leaver).execute()
    people = get_user_model()._default_manager.filter(username__endswith="@example.org")
    by_name = {each.username: each for each in people}
    for row in rows:
        author = by_name.get(row["author"]) if row["author"] else None
        asker = author or by_name.get("sam.whitlock@example.org")
        if asker is not None:
            AskQuestion(
                handover=handover, by=asker, text=row["text"], named=author is not None
            ).execute()


def _action(handover: Handover, area: Any, row: dict[str, Any]) -> None:
    activity = ActivityPage.objects.filter(slug=row["activity"]).first()
    details = {
        "area": area,
        "activity": activity,
        "title": activity.title if activity else row["activity"],
        "recipient": row["recipient"],
        "due": handover.last_day - datetime.timedelta(days=row["days_before"]),
        "minutes": row["minutes"],
    }
    AddAction(handover=handover, by=handover.leaver, details=details).execute()


def _output(handover: Handover, area: Any, row: dict[str, Any]) -> None:
    body = [(name, {"entries": row[name]}) for name in BLOCKS if name in row]
    output = CaptureOutput(
        handover=handover,
        by=handover.leaver,
        title=row["title"],
        details={
            "summary": row["summary"],
            "output_type": OutputType.objects.filter(slug=row["output_type"]).first(),
            "area": area,
            "body": body,
        },
    ).execute()
    if row["shared"]:
        ShareOutput(handover=handover, by=handover.leaver, output=output).execute()
