"""When a line manager who was asked counts as silent."""

from __future__ import annotations

import datetime

from django.utils import timezone

from km_toolkit.models import Handover, working_days

SILENT_DAYS, SILENT_DAYS_IN_A_HURRY, HURRY_DAYS = 5, 1, 10


def silent_days(handover: Handover, today: datetime.date) -> int:
    """After how many working days a manager counts as silent: five; one in the last ten."""
    left = working_days(today, handover.last_day)
    return SILENT_DAYS_IN_A_HURRY if left < HURRY_DAYS else SILENT_DAYS


def is_silent(handover: Handover) -> bool:
    """Whether the line manager was asked for the priorities and has had the time to answer."""
    if handover.priorities_asked_at is None:
        return False
    today = timezone.localdate()
    asked = timezone.localdate(handover.priorities_asked_at)
    return working_days(asked, today) >= silent_days(handover, today)
