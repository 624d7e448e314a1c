"""What the clock does: silence, reminders, letters, and that a killed worker doubles nothing."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.actions.errors import Conflict
from km_pages.models import OutgoingMail
from km_pages.work import run_due_jobs
from km_toolkit import notifications, reminding
from km_toolkit.actions.agree import ProceedUnagreed, ProposePriorities, SetPriority
from km_toolkit.actions.ask_team import AskQuestion, OpenQuestions
from km_toolkit.actions.name_areas import AddArea
from km_toolkit.actions.start_handover import ChangeFacts
from km_toolkit.calendars import calendar_of
from km_toolkit.models import Agreed, Handover, MailChoice, Reminder, TeamRequest, working_days
from km_toolkit.reminding import let_the_clock_act, run_once_a_day, waiting_in
from tests.factories import PostFactory
from tests.toolkit.handovers import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
DAY = timedelta(days=1)


@pytest.fixture
def ward() -> Cast:
    return cast(weeks=12)


def proposed(ward: Cast) -> None:
    area = AddArea(handover=ward.handover, by=ward.leaver, title="Night calls").execute()
    SetPriority(handover=ward.handover, by=ward.leaver, area=area, priority="high").execute()
    ProposePriorities(handover=ward.handover, by=ward.leaver).execute()


def run(ward: Cast, day: datetime.date) -> int:
    written = let_the_clock_act(day)
    ward.handover.refresh_from_db()
    return written


def after_working_days(start: datetime.date, days: int) -> datetime.date:
    day = start
    while working_days(start, day) < days:
        day += DAY
    return day


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-23", "2026-11-23", 0),
        ("2026-11-20", "2026-11-23", 1),
        ("2026-11-23", "2026-12-07", 10),
        ("2028-02-28", "2028-03-01", 2),
        ("2026-11-23", "2026-11-01", 0),
    ],
)
def test_working_days(start: str, end: str, days: int) -> None:
    date = datetime.date.fromisoformat
    assert working_days(date(start), date(end)) == days


def test_a_silent_manager_then_the_deputy_then_work_goes_on(ward: Cast) -> None:
    proposed(ward)
    today = timezone.localdate()
    run(ward, after_working_days(today, 4))
    assert ward.handover.deputy_asked_at is None
    asked = after_working_days(today, 5)
    run(ward, asked)
    assert ward.handover.deputy_asked_at is not None
    assert OutgoingMail.objects.filter(to=ward.deputy.email, subject__icontains="agree").exists()
    Handover.objects.update(
        deputy_asked_at=timezone.make_aware(datetime.datetime.combine(asked, datetime.time(9)))
    )
    run(ward, asked + DAY)
    assert ward.handover.priorities == Agreed.NO
    run(ward, after_working_days(asked, 5))
    assert ward.handover.priorities == Agreed.PROPOSED


def test_nobody_is_passed_over_before_they_had_time_to_answer(ward: Cast) -> None:
    proposed(ward)
    for who in (ward.leaver, ward.knowledge_manager):
        with pytest.raises(Conflict, match="may still answer"):
            ProceedUnagreed(handover=ward.handover, by=who).execute()
    client = Client()
    client.force_login(ward.leaver)
    page = reverse("km_toolkit:priorities", args=[ward.handover.pk])
    shown = client.get(page).content.decode()
    assert "go on as proposed" not in shown
    assert "has 5 working days" in shown
    Handover.objects.update(priorities_asked_at=timezone.now() - timedelta(days=8))
    assert "go on as proposed" in client.get(page).content.decode()
    ProceedUnagreed(handover=ward.handover, by=ward.leaver).execute()
    assert ward.handover.priorities == Agreed.PROPOSED


def test_in_the_last_ten_working_days_one_day_of_silence_is_enough() -> None:
    ward = cast(weeks=1)
    proposed(ward)
    run(ward, after_working_days(timezone.localdate(), 1))
    assert ward.handover.deputy_asked_at is not None


def test_questions_close_by_themselves_and_release_the_unnamed(ward: Cast) -> None:
    today = timezone.localdate()
    OpenQuestions(handover=ward.handover, by=ward.leaver, until=today).execute()
    AskQuestion(handover=ward.handover, by=ward.member, text="Why?", named=False).execute()
    run(ward, today)
    assert not TeamRequest.objects.released().exists()
    run(ward, today + DAY)
    assert TeamRequest.objects.released().exists()


def test_one_reminder_a_week_to_a_person(ward: Cast) -> None:
    proposed(ward)
    monday = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    OutgoingMail.objects.all().delete()
    for day in range(7):
        run(ward, monday + day * DAY)
    manager = OutgoingMail.objects.filter(to=ward.manager.email, subject__startswith="Waiting")
    assert manager.count() == 1
    assert "Agree what comes first." in manager.get().body
    run(ward, monday + 6 * DAY)
    assert manager.count() == 1
    run(ward, monday + 7 * DAY)
    assert manager.count() == 2


def test_many_handovers_are_read_at_once_and_take_no_query_each(ward: Cast) -> None:
    today = timezone.localdate()

    def more(number: int) -> None:
        for each in range(number):
            Handover.objects.create(
                post=PostFactory(title=f"Post {number} {each}", team=ward.handover.post.team),
                leaver=ward.leaver,
                leaver_name="Leaver",
                line_manager=ward.manager,
                last_day=today + 3 * DAY,
                state="draft",
            )

    def queries(day: datetime.date) -> int:
        seen: list[str] = []

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            seen.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            assert let_the_clock_act(day) > 0
        return len(seen)

    more(1)
    let_the_clock_act(today)
    one = queries(today + 7 * DAY)
    more(20)
    assert queries(today + 14 * DAY) == one


def test_chunks_are_gone_through_to_the_last_handover(ward: Cast) -> None:
    proposed(ward)
    today = timezone.localdate() + 7 * DAY
    for each in range(4):
        Handover.objects.create(
            post=PostFactory(title=f"Post {each}", team=ward.handover.post.team),
            leaver=ward.leaver,
            leaver_name="Leaver",
            line_manager=ward.manager,
            last_day=today,
            state="draft",
        )
    with mock.patch.object(reminding, "CHUNK", 2):
        run(ward, today)
        assert Reminder.objects.filter(person=ward.leaver).count() == 4
        run(ward, today)
    assert OutgoingMail.objects.filter(to=ward.leaver.email, subject__contains="Post").count() == 4


def test_whoever_wants_none_gets_none(ward: Cast) -> None:
    proposed(ward)
    MailChoice.objects.create(person=ward.manager, reminders=False)
    run(ward, timezone.localdate() + 7 * DAY)
    mails = OutgoingMail.objects.filter(to=ward.manager.email, subject__startswith="Waiting")
    assert not mails.exists()


def test_a_worker_that_dies_in_between_writes_each_mail_once(ward: Cast) -> None:
    proposed(ward)
    today = timezone.localdate() + 7 * DAY
    real = notifications.queue

    def dies(*given: Any) -> None:
        real(*given)
        raise KeyboardInterrupt

    with mock.patch.object(notifications, "queue", dies), pytest.raises(KeyboardInterrupt):
        run(ward, today)
    assert not Reminder.objects.exists()
    run(ward, today)
    run(ward, today)
    counts = [
        OutgoingMail.objects.filter(to=each.person.email, subject__startswith="Waiting").count()
        for each in Reminder.objects.select_related("person")
    ]
    assert counts
    assert set(counts) == {1}


def test_once_a_day_from_eight_in_the_morning_also_when_clocks_change(ward: Cast) -> None:
    london = ZoneInfo("Europe/London")
    early = datetime.datetime(2027, 3, 28, 7, 30, tzinfo=london)
    with timezone.override("Europe/London"):
        assert run_once_a_day(early) == 0
        assert run_once_a_day(early + timedelta(hours=1)) == 1
        assert run_once_a_day(early + timedelta(hours=2)) == 0
        assert run_due_jobs() >= 1
        assert run_once_a_day(early + timedelta(hours=3)) == 0
    assert Reminder.objects.filter(week="2027-03-28").exists()


def test_letters_afterwards_only_to_an_address_that_was_offered(ward: Cast) -> None:
    last = ward.handover.last_day
    run(ward, last + timedelta(weeks=4))
    assert not OutgoingMail.objects.filter(subject__startswith="How are you").exists()
    Handover.objects.update(
        email_afterwards="me@example.net", state="accepted", accepted_at="2026-01-01T00:00Z"
    )
    for day in (27, 28, 29, 83, 84, 85, 200):
        run(ward, last + day * DAY)
    letters = OutgoingMail.objects.filter(subject__startswith="How are you")
    assert [each.to for each in letters] == ["me@example.net"] * 2


def test_nothing_is_sent_to_a_holder_who_is_away() -> None:
    ward = cast(confirmed=False)
    Handover.objects.all().delete()
    handover = Handover.objects.create(
        post=ward.handover.post,
        leaver=ward.leaver,
        leaver_name="Leaver",
        line_manager=ward.manager,
        last_day=timezone.localdate(),
        holder_away=True,
        away_reason="Died",
    )
    assert set(waiting_in(handover, timezone.localdate())) == {ward.manager}
    let_the_clock_act(timezone.localdate() + 7 * DAY)
    notifications.tell_started(handover, ward.manager)
    notifications.tell_write_up_ready(handover)
    assert not OutgoingMail.objects.filter(to=ward.leaver.email).exists()


def test_dates_fit_into_every_calendar(ward: Cast) -> None:
    Handover.objects.update(last_day="2028-02-29")
    ward.handover.refresh_from_db()
    ward.handover.post.title = "Sister; ward 7, nights\r\nBEGIN:VALARM " + "é" * 60
    text = calendar_of(ward.handover, with_plan=True)
    assert "DTSTART;VALUE=DATE:20280229" in text
    assert "\r\nBEGIN:VALARM" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_what_begins_to_wait_on_a_sunday_is_not_reminded_of_again_on_monday(ward: Cast) -> None:
    proposed(ward)
    sunday = timezone.localdate() + timedelta(days=6 - timezone.localdate().weekday())
    OutgoingMail.objects.all().delete()
    run(ward, sunday)
    run(ward, sunday + DAY)
    mails = OutgoingMail.objects.filter(to=ward.manager.email, subject__startswith="Waiting")
    assert mails.count() == 1


def words_for_the_leaver(ward: Cast, last_day: datetime.date, today: datetime.date) -> str:
    Handover.objects.update(last_day=last_day)
    ward.handover.refresh_from_db()
    return " ".join(waiting_in(ward.handover, today).get(ward.leaver, []))


def test_the_last_day_today_in_the_past_and_on_29_february(ward: Cast) -> None:
    today = timezone.localdate()
    assert "15 minutes" in words_for_the_leaver(ward, today, today)
    assert "15 minutes" not in words_for_the_leaver(ward, today - DAY, today)
    leap = datetime.date(2028, 2, 29)
    assert "15 minutes" in words_for_the_leaver(ward, leap, datetime.date(2028, 2, 22))
    assert "15 minutes" in words_for_the_leaver(ward, leap, leap)
    assert "15 minutes" not in words_for_the_leaver(ward, leap, datetime.date(2028, 3, 1))
    Handover.objects.update(email_afterwards="me@example.net")
    letters = OutgoingMail.objects.filter(to="me@example.net")
    for day, written in (("2028-03-27", 0), ("2028-03-28", 1), ("2028-05-23", 2)):
        run(ward, datetime.date.fromisoformat(day))
        assert letters.count() == written, day


def test_twelve_weeks_after_the_last_day_nobody_is_reminded_any_more(ward: Cast) -> None:
    proposed(ward)
    last = ward.handover.last_day
    run(ward, last + timedelta(weeks=12) + DAY)
    assert not Reminder.objects.exists()
    run(ward, last + timedelta(weeks=12))
    assert Reminder.objects.filter(person=ward.manager).exists()


def test_a_last_day_changed_after_agreement_moves_what_is_sent(ward: Cast) -> None:
    Handover.objects.update(email_afterwards="me@example.net")
    ward.handover.refresh_from_db()
    first, later = ward.handover.last_day, ward.handover.last_day + timedelta(weeks=3)
    ChangeFacts(handover=ward.handover, by=ward.manager, facts={"last_day": later}).execute()
    letters = OutgoingMail.objects.filter(to="me@example.net")
    run(ward, first + timedelta(weeks=4))
    assert not letters.exists()
    run(ward, later + timedelta(weeks=4))
    assert letters.count() == 1
    # Moved once more after the letter: it is not written a second time.
    again = later + timedelta(weeks=2)
    ChangeFacts(handover=ward.handover, by=ward.manager, facts={"last_day": again}).execute()
    run(ward, again + timedelta(weeks=4))
    assert letters.count() == 1


@pytest.mark.parametrize(
    ("moment", "runs"),
    [
        ("2027-03-28T06:59:00+00:00", False),  # the night the clocks go forward: 7.59
        ("2027-03-28T07:00:00+00:00", True),
        ("2027-10-31T07:30:00+00:00", False),  # the night they go back: 7.30
        ("2027-10-31T08:00:00+00:00", True),
        ("2027-07-01T23:30:00+00:00", False),  # already the next day at the site
    ],
)
def test_the_day_begins_at_eight_by_the_clock_on_the_wall(
    ward: Cast, moment: str, runs: bool
) -> None:
    proposed(ward)
    now = datetime.datetime.fromisoformat(moment)
    Handover.objects.update(last_day=now.date() + timedelta(weeks=4))
    with timezone.override("Europe/London"):
        assert (run_once_a_day(now) > 0) is runs


def test_a_day_ends_at_midnight_of_the_site_and_not_of_the_server(ward: Cast) -> None:
    Handover.objects.update(
        questions_opened_at=timezone.now(), questions_until="2027-07-01", last_day="2027-07-01"
    )
    ward.handover.refresh_from_db()
    with timezone.override("Europe/London"):
        for moment, is_open, left in (("22:59", True, 0), ("23:01", False, -1)):
            now = datetime.datetime.fromisoformat(f"2027-07-01T{moment}:00+00:00")
            with mock.patch.object(timezone, "now", lambda now=now: now):
                assert ward.handover.questions_are_open is is_open
                assert ward.handover.days_left == left


def test_the_deputy_is_never_asked_without_their_mail(ward: Cast) -> None:
    proposed(ward)
    day = after_working_days(timezone.localdate(), 5)
    with (
        mock.patch.object(notifications, "ask_deputy", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        run(ward, day)
    ward.handover.refresh_from_db()
    assert ward.handover.deputy_asked_at is None
    run(ward, day)
    mails = OutgoingMail.objects.filter(to=ward.deputy.email, subject__icontains="agree")
    assert mails.count() == 1
