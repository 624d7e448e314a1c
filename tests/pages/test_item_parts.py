"""The contacts and dates of a knowledge item go into people's own address books and calendars."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.dates import dated_entries
from km_pages.models import KnowledgeAssetPage
from tests.factories import (
    KnowledgeAssetPageFactory,
    TeamFactory,
    TeamSpacePageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DATES = [
    {"what": "Flu; vaccine", "when_text": "2 April", "date": datetime.date(2027, 4, 2)},
    {"what": "Audit", "when_text": "leap day", "date": datetime.date(2028, 2, 29)},
    {"what": "Stock\r\nEND:VEVENT", "when_text": "all of June", "month": "6", "note": "Ask Ana"},
    {"what": "Some day", "when_text": "when it snows"},
]


@pytest.fixture
def member() -> Any:
    return UserFactory()


@pytest.fixture
def item(member: Any) -> KnowledgeAssetPage:
    space = TeamSpacePageFactory(team=TeamFactory(members=[member]))
    dates = [{**each, "every_year": True} for each in DATES]
    contacts = [{"name": "Ana Reyes", "what_for": "Pumps", "phone": "4410"}]
    body = [("contacts", {"entries": contacts}), ("dates", {"entries": dates})]
    made: KnowledgeAssetPage = KnowledgeAssetPageFactory(
        parent=space, title="Pumps of the year", visibility="team", body=body
    )
    return made


def fetch(who: Any, name: str, pk: int) -> Any:
    client = Client()
    client.force_login(who)
    return client.get(reverse(f"km_pages:{name}", args=[pk]))


def test_contacts_are_given_as_cards(item: KnowledgeAssetPage, member: Any) -> None:
    answer = fetch(member, "item_contacts", item.pk)
    assert answer["Content-Type"] == "text/vcard; charset=utf-8"
    assert "pumps-of-the-year.vcf" in answer["Content-Disposition"]
    assert "FN:Ana Reyes\r\n" in answer.content.decode()


def test_dates_come_back_each_year(item: KnowledgeAssetPage, member: Any) -> None:
    answer = fetch(member, "item_dates", item.pk)
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert text.count("BEGIN:VEVENT") == text.count("\r\nEND:VEVENT") == 3, "one has no day at all"
    assert "DTSTART;VALUE=DATE:20270402\r\nDTEND;VALUE=DATE:20270403\r\n" in text
    assert "SUMMARY:Flu\\; vaccine\r\nRRULE:FREQ=YEARLY\r\n" in text
    assert "DTSTART;VALUE=DATE:20280229" in text
    assert "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1\r\n" in text
    year = timezone.localdate().year
    assert f"DTSTART;VALUE=DATE:{year}0601\r\nDTEND;VALUE=DATE:{year}0701\r\n" in text
    assert "DESCRIPTION:all of June Ask Ana" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@pytest.mark.parametrize("name", ["item_contacts", "item_dates"])
def test_whoever_may_not_read_the_item_learns_nothing(item: KnowledgeAssetPage, name: str) -> None:
    stranger = UserFactory()
    assert fetch(stranger, name, item.pk).status_code == 404
    assert fetch(stranger, name, 999_999).status_code == 404
    by_mail = [Client().get(reverse(f"km_pages:{name}", args=[pk])) for pk in (item.pk, 999_999)]
    assert [each.status_code for each in by_mail] == [302, 302], "strangers are asked to sign in"


def test_the_page_offers_only_what_it_holds(item: KnowledgeAssetPage, member: Any) -> None:
    client = Client()
    client.force_login(member)
    offered = client.get(item.url).content.decode()
    assert reverse("km_pages:item_contacts", args=[item.pk]) in offered
    assert reverse("km_pages:item_dates", args=[item.pk]) in offered
    item.body = [("text", "<p>Nothing of the kind.</p>")]
    item.save()
    plain = client.get(item.url).content.decode()
    assert "address book" not in plain
    assert "iCalendar" not in plain
    assert '<ul class="km-links"></ul>' not in plain
    for name in ("item_contacts", "item_dates"):
        assert fetch(member, name, item.pk).status_code == 404


def test_a_date_in_words_alone_is_in_no_calendar(item: KnowledgeAssetPage) -> None:
    assert [each["what"] for each in dated_entries([item.body])][-1].startswith("Stock")
