"""Which activities of the toolbox fit a handover, and why."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from km_pages.models import KnowledgeType
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
    activities = list(ActivityPage.objects.live())
    return [
        (area, _best(area, activities, handover.weeks_left))
        for area in areas.exclude(pk__in=planned)
    ]


def _best(area: KnowledgeArea, activities: list[ActivityPage], weeks: int) -> list[Fitting]:
    rated = []
    for activity in activities:
        score, reasons = _rate(area, activity, weeks)
        if score > 0:
            rated.append((-score, activity.minutes_min or 0, activity.title, activity, reasons))
    rated.sort(key=lambda each: each[:3])
    return [Fitting(area, activity, reasons) for *_key, activity, reasons in rated[:MOST]]


def _rate(area: KnowledgeArea, activity: ActivityPage, weeks: int) -> tuple[int, list[str]]:
    """0 where it cannot be done any more; else the better the higher, with the reasons."""
    if activity.weeks_latest is not None and weeks < activity.weeks_latest:
        return 0, []
    score, reasons = 1, []
    if area.kind and activity.knowledge_type in (area.kind, KnowledgeType.BOTH):
        score += 2 if activity.knowledge_type == area.kind else 1
        reasons.append(_("suits this kind of knowledge"))
    if activity.weeks_earliest is None or weeks <= activity.weeks_earliest:
        score += 1
        reasons.append(_("now is a good time for it"))
    if activity.effort_label:
        reasons.append(activity.effort_label)
    return score, reasons
