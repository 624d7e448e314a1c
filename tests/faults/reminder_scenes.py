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
    """Let the clock act on two handovers at a time, with what writes their mails in ``wrap``."""
    from km_toolkit import notifications, reminding

    reminding.CHUNK = 2
    if wrap is not None:
        notifications.queue = wrap(notifications.queue)
    reminding.let_the_clock_act(today())


def at_the_second_time(real: Any) -> Any:
    """As ``real``, once; then the worker dies in its place."""
    count = Counter[str]()

    def run(*given: Any) -> None:
        count["chunks"] += 1
        if count["chunks"] > 1:
            die()
        real(*given)

    return run


def scene_before() -> None:
    """The worker dies with the marks written, and no mail."""
    remind_and(lambda _real: die)


def scene_between() -> None:
    """The worker dies with marks and mails written, and nothing committed."""
    remind_and(then_die)


def scene_after() -> None:
    """The worker dies after the first handovers."""
    remind_and(at_the_second_time)


def scene_through() -> None:
    """Nothing happens to the worker."""
    remind_and(None)


def take_the_daily_job() -> Any:
    """The job of the day, asked for at nine and taken by this worker; nothing if it is not due."""
    import datetime as dt

    from django.utils import timezone

    from km_pages.work import take_job
    from km_toolkit import reminding

    reminding.CHUNK = 2
    morning = dt.datetime.combine(today(), dt.time(9), tzinfo=timezone.get_current_timezone())
    reminding.run_once_a_day(morning)
    return take_job()


def scene_job_dies() -> None:
    """The worker takes the job of the day, and dies after the first handovers."""
    from km_pages.work import do_job
    from km_toolkit import notifications
    from km_toolkit.models import Reminder

    job = take_the_daily_job()
    assert job.kind == "km_toolkit.daily", job
    assert not Reminder.objects.exists()
    notifications.queue = at_the_second_time(notifications.queue)
    do_job(job)


def scene_job_is_leased() -> None:
    """While the lease of the dead worker lasts nobody else takes the job; some is done."""
    from km_toolkit.models import Reminder

    job = take_the_daily_job()
    assert job is None or job.kind != "km_toolkit.daily", job
    assert Reminder.objects.exists()


def scene_job_goes_on() -> None:
    """The lease has ended: the next worker takes the job and finishes it."""
    import datetime as dt

    from django.utils import timezone

    from km_pages.models import Job
    from km_pages.work import do_job

    daily = Job.objects.filter(kind="km_toolkit.daily")
    daily.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    job = take_the_daily_job()
    assert job.kind == "km_toolkit.daily", job
    do_job(job)
    assert daily.get().state == "done", daily.get().last_error


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
