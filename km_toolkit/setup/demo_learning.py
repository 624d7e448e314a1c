"""What people of the demonstration learned, made by the same actions that people use."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from km_pages.setup.plan import SetupStep, read_data
from km_toolkit.actions.answer_check import AnswerCheck
from km_toolkit.actions.keep_reflection import KeepReflection
from km_toolkit.actions.record_learning import AddEntry, Learned
from km_toolkit.actions.see_section import SeeSection
from km_toolkit.models import LearningModulePage, LearningTarget, SchemePart
from km_toolkit.modules import CHECK, REFLECTION, Section, sections_of

FILE = Path(__file__).resolve().parent.parent / "content" / "demo_learning.yaml"
DAYS_IN_A_MONTH = 30


def demo_learning_steps() -> list[SetupStep]:
    """A step for each learner, after the modules. With their accounts goes what it makes."""
    return [
        SetupStep(
            key=f"demo:learning:{row['learner']}",
            description=f"what {row['learner']} learned",
            run=lambda row=row: learn(row),  # type: ignore[misc]
            order=70,
        )
        for row in read_data(FILE)
    ]


def learn(row: dict[str, Any]) -> None:
    """Modules, entries and target of one learner, unless their account is not there."""
    learner = get_user_model()._default_manager.filter(username=row["learner"]).first()
    if learner is None:
        return
    for each in row["modules"]:
        page = LearningModulePage.objects.live().filter(slug=each["slug"]).first()
        if page is not None:
            _work_through(learner, page, each["thought"], done=each["done"])
    for each in row["entries"]:
        AddEntry(owner=learner, learned=_learned(each)).execute()
    if "target" in row:
        _set_target(learner, **row["target"])


def _work_through(learner: Any, page: LearningModulePage, thought: str, *, done: bool) -> None:
    sections = sections_of(page)
    who: dict[str, Any] = {"user": learner, "page": page}
    steps = list(zip(sections, [*sections[1:], sections[-1]], strict=True))
    for here, then in steps if done else steps[: len(steps) // 2]:
        if here.kind == REFLECTION:
            KeepReflection(**who, key=here.key, text=thought).execute()
        if here.kind == CHECK:
            AnswerCheck(**who, key=here.key, chosen=_right(here)).execute()
        SeeSection(**who, key=here.key, then=then.key).execute()


def _right(section: Section) -> list[str]:
    return [each.key for each in section.answers if each.right]


def _learned(row: dict[str, Any]) -> Learned:
    parts = SchemePart.objects.filter(name__in=row.get("parts") or [])
    texts = {key: row.get(key, "") for key in ("role", "aim", "reflection", "practice_change")}
    return Learned(
        date=timezone.localdate() - datetime.timedelta(days=row["days_ago"]),
        activity=row["activity"],
        what=row["what"],
        minutes=row["minutes"],
        participatory_minutes=row.get("with_others", 0),
        parts=frozenset(parts.values_list("pk", flat=True)),
        **texts,
    )


def _set_target(learner: Any, *, months: int, hours: int, with_others: int) -> None:
    starts = timezone.localdate() - datetime.timedelta(days=months // 2 * DAYS_IN_A_MONTH)
    LearningTarget.objects.create(
        owner=learner,
        starts=starts,
        ends=starts + datetime.timedelta(days=months * DAYS_IN_A_MONTH),
        minutes=hours * 60,
        participatory_minutes=with_others * 60,
    )
