"""The address for a calendar: dates of one's own handovers, until it ends, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from km_toolkit.actions.agree import AddAction
from km_toolkit.actions.keep_calendar import MakeCalendarAddress
from km_toolkit.actions.name_areas import AddArea
from km_toolkit.models import CalendarAddress
from tests.toolkit.handovers import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def ward() -> Cast:
    made = cast()
    area = AddArea(handover=made.handover, by=made.leaver, title="Calls").execute()
    for number in range(5):
        details = {"area": area, "title": f"Walk {number}", "recipient": "Us", "due": "2030-05-01"}
        AddAction(handover=made.handover, by=made.leaver, details=details).execute()
    return made


def fetched(secret: str) -> Any:
    return Client().get(reverse("km_toolkit:calendar", args=[secret]))


def test_a_calendar_fetches_the_dates_that_its_owner_may_read(
    ward: Cast, django_assert_max_num_queries: Any
) -> None:
    leaver = MakeCalendarAddress(by=ward.leaver).execute()
    with django_assert_max_num_queries(8):
        text = fetched(leaver).content.decode()
    assert "SUMMARY:Last day: Ward sister" in text
    assert "SUMMARY:Walk 4" in text
    uids = re.findall("UID:(.*)", text)
    assert len(set(uids)) == len(uids) == 6
    # The manager reads the plan once the leaver has shared the areas; the team reads nothing.
    manager = fetched(MakeCalendarAddress(by=ward.manager).execute()).content.decode()
    assert "Last day" in manager
    assert "Walk" not in manager
    assert "VEVENT" not in fetched(MakeCalendarAddress(by=ward.member).execute()).content.decode()


def test_an_address_ends_with_a_new_one_with_the_account_and_when_asked(ward: Cast) -> None:
    client, url = Client(), reverse("km_toolkit:mails")
    client.force_login(ward.leaver)
    page = client.post(url, {"do": "calendar"}, follow=True).content.decode()
    first = re.search(r"calendar/([^/]+)\.ics", page)[1]
    assert first not in client.get(url).content.decode()
    assert first not in str(CalendarAddress.objects.values())
    assert fetched(first).status_code == 200
    second = MakeCalendarAddress(by=ward.leaver).execute()
    assert fetched(first).status_code == 404
    ward.leaver.is_active = False
    ward.leaver.save()
    assert fetched(second).status_code == 404
    ward.leaver.is_active = True
    ward.leaver.save()
    client.force_login(ward.leaver)
    client.post(url, {"do": "no-calendar"})
    assert fetched(second).status_code == 404
    logged = ModelLogEntry.objects.filter(
        action__startswith="km_toolkit.calendar", user=ward.leaver
    )
    assert [each.action.rpartition("_")[2] for each in logged.order_by("pk")] == [
        "made",
        "made",
        "ended",
    ]
    assert not any(secret in str(logged.values()) for secret in (first, second))
