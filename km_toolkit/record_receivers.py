"""What follows in a learning record when somebody has completed a module."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from km_toolkit.actions.record_learning import AddEntry, Learned
from km_toolkit.models import LearningActivity, LearningOrigin
from km_toolkit.models.records import MOST_MINUTES
from km_toolkit.signals import module_completed


def connect() -> None:
    """Connect the receivers of this module; called once when the app is ready."""
    module_completed.connect(record_completion, dispatch_uid="km_toolkit.record_completion")


def record_completion(
    sender: Any,
    *,
    user: Any,
    page: Any,
    title: str,
    completed_on: datetime.date,
    minutes: int | None,
    key: str,
    where: str = "",
    files: tuple[int, ...] = (),
    **_more: Any,
) -> None:
    """Put it into the record of ``user``, once for each ``key``.

    What would be refused of something typed is brought within limits here: a completion counts,
    whatever its module says of itself.
    """
    what = (title or "").strip() or str(page or LearningActivity.MODULE.short)
    learned = Learned(
        date=min(completed_on, timezone.localdate()),
        activity=LearningActivity.MODULE,
        what=(f"{what} ({where})" if where else what)[:255],
        minutes=min(max(int(minutes or 1), 1), MOST_MINUTES),
        files=files,
    )
    AddEntry(
        owner=user,
        learned=learned,
        origin=LearningOrigin.MODULE,
        origin_key=key[:120],
        page=page,
    ).execute()
