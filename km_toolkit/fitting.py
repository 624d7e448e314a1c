"""Which activities of the toolbox fit a handover, and why."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from km_pages.models import KnowledgeType
from km_pages.prepared import fetch
from km_toolkit.models import ActivityPage, Handover, KnowledgeArea, Priority

MOST = 3
FIRST = (Priority.HIGH, Priority.MEDIUM)


@dataclass(frozen=True)
class Fitting:
    """An activity for an area, with the reasons in words."""

    area: KnowledgeArea
    activity: ActivityPage
    reasons: list[str] = field(default_factory=list)
    # So that the button beside it, pressed twice, adds one action.
    key: uuid.UUID = field(default_factory=uuid.uuid4)


def activities_that_fit(handover: Handover) -> list[tuple[KnowledgeArea, list[Fitting]]]:
    """For each area that comes first and has no action: at most three activities, best first.

    An activity fits the kind of knowledge and the weeks left; of those that fit equally the
    shorter goes first. Two queries.
    """
    planned = handover.actions.exclude(state="dropped").values("area")
    areas = handover.areas.filter(priority__in=FIRST, told_in_person=False)
    activities = fetch(_activities)
    return [
        (area, _best(area, activities, handover.weeks_left))
        for area in areas.exclude(pk__in=planned)
    ]


def _activities() -> QuerySet[ActivityPage]:
    # Whole pages, with all they say, are not needed to choose among them.
    needed = ("title", "minutes_min", "effort_label", "knowledge_type")
    return ActivityPage.objects.live().only(*needed, "weeks_earliest", "weeks_latest")


def _best(area: KnowledgeArea, activities: list[ActivityPage], weeks: int) -> list[Fitting]:
    rated = []
    for activity in activities:
        score = _rate(area, activity, weeks)
        if score > 0:
            rated.append((-score, activity.minutes_min or 0, activity.title, activity))
    rated.sort(key=lambda each: each[:3])
    return [Fitting(area, each[-1], _reasons(area, each[-1], weeks)) for each in rated[:MOST]]


def _suits(area: KnowledgeArea, activity: ActivityPage) -> bool:
    return bool(area.kind) and activity.knowledge_type in (area.kind, KnowledgeType.BOTH)


def _is_time(activity: ActivityPage, weeks: int) -> bool:
    return activity.weeks_earliest is None or weeks <= activity.weeks_earliest


def _rate(area: KnowledgeArea, activity: ActivityPage, weeks: int) -> int:
    """0 where it cannot be done any more; else the better the higher."""
    if activity.weeks_latest is not None and weeks < activity.weeks_latest:
        return 0
    score = 1 + _is_time(activity, weeks)
    if _suits(area, activity):
        score += 2 if activity.knowledge_type == area.kind else 1
    return score


def _reasons(area: KnowledgeArea, activity: ActivityPage, weeks: int) -> list[str]:
    """Why it fits, in words."""
    reasons = []
    if _suits(area, activity):
        reasons.append(_("suits this kind of knowledge"))
    if _is_time(activity, weeks):
        reasons.append(_("now is a good time for it"))
    if activity.effort_label:
        reasons.append(activity.effort_label)
    return reasons
