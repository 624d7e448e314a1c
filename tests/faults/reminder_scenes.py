"""Scenes for :mod:`tests.faults.test_reminder_kills`: the day's reminders, killed on the way."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from tests.faults.stage import die, make_tables, scenes_of, serve, then_die

MANY = 4


def today() -> datetime.date:
    """The day on which the clock acts: all managers have been silent, no deputy is due yet."""
    from django.utils import timezone

    return timezone.localdate() + datetime.timedelta(days=1)


def scene_setup() -> None:
    """Handovers in which a manager and a helper have something to do."""
    make_tables()
    from django.utils import timezone

    from km_toolkit.models import Handover
    from tests.factories import PostFactory, tree_root
    from tests.toolkit.handovers import cast

    tree_root()
    ward = cast(weeks=12)
    for number in range(MANY):
        Handover.objects.create(
            post=PostFactory(title=f"Post {number}", team=ward.handover.post.team),
            leaver_name=f"Leaver {number}",
            line_manager=ward.manager,
            last_day=ward.handover.last_day,
            state="open",
            confirmed_at=timezone.now(),
        )
    Handover.objects.update(priorities_asked_at=timezone.now())


def remind_and(wrap: Any) -> None:
    """Let the clock act, with the writing of each reminder wrapped by ``wrap``."""
    from km_toolkit import notifications
    from km_toolkit.reminding import let_the_clock_act

    if wrap is not None:
        notifications.remind = wrap(notifications.remind)
    let_the_clock_act(today())


def scene_before() -> None:
    """The worker dies with the mark written, and no mail."""
    remind_and(lambda _real: die)


def scene_between() -> None:
    """The worker dies with mark and mail written, and nothing committed."""
    remind_and(then_die)


def scene_after() -> None:
    """The worker dies after two reminders."""
    count = Counter[str]()

    def third_time(real: Any) -> Any:
        def run(*given: Any) -> None:
            count["reminders"] += 1
            if count["reminders"] > 2:
                die()
            real(*given)

        return run

    remind_and(third_time)


def scene_through() -> None:
    """Nothing happens to the worker."""
    remind_and(None)


def scene_check() -> None:
    """One mail, with its job, for each mark; and a mark for everybody who has something to do."""
    from km_pages.models import Job, OutgoingMail
    from km_toolkit.models import Handover, Reminder

    marks = list(Reminder.objects.select_related("person", "handover__post"))
    mails = Counter(
        (each.to, each.subject)
        for each in OutgoingMail.objects.all()
        if any(mark.handover.post.title in each.subject + each.body for mark in marks)
    )
    assert len(marks) >= Handover.objects.count() + 1, len(marks)
    assert sum(mails.values()) == len(marks), (mails, len(marks))
    assert Job.objects.filter(kind="send_mail").count() == OutgoingMail.objects.count()
    bodies = Counter((each.to, each.body) for each in OutgoingMail.objects.all())
    assert set(bodies.values()) == {1}, bodies


if __name__ == "__main__":
    serve(scenes_of(globals()))
