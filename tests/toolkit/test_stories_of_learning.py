"""Three stories of the field, each as a test of its own name."""

from __future__ import annotations

import csv
import datetime
import io
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from km_pages.models import TechniquePage
from km_toolkit.models import LearningEntry
from tests.factories import TeamFactory, TechniquePageFactory, UserFactory
from tests.toolkit.recording import entry_of, posted

pytestmark = pytest.mark.django_db
SHIFT = "/finder/?minutes=30&people=6&moment=after"


def words_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def shipped() -> None:
    call_command("km_setup", stdout=io.StringIO())


@pytest.mark.usefixtures("shipped")
def test_story_2_a_ward_team_with_30_minutes_and_6_people_finds_what_fits(client: Client) -> None:
    asked = client.get(SHIFT)
    found = asked.context["found"][0].answer.offers
    assert 1 <= len(found) <= 3
    for offer in found:
        chosen = offer.format
        assert chosen.minutes_min <= 30, offer
        assert chosen.people_min <= 6 <= (chosen.people_max or 6), offer
        assert "after" in offer.candidate.moments, offer
        assert offer.words, offer
        assert offer.candidate.title in asked.content.decode()
    tight = client.get("/finder/?minutes=2&people=6&moment=after").context["found"][0].answer
    assert not tight.offers
    assert tight.nearest
    assert all(offer.words for offer in tight.nearest)


@pytest.mark.usefixtures("shipped")
def test_story_3_anyone_prints_a_one_page_card_with_the_facts_of_the_page(client: Client) -> None:
    page = TechniquePage.objects.get(slug="after-action-review")
    card = client.get(f"{page.url}card/")
    seen = card.content.decode()
    # What stands around it is left out in print: tests/browser/test_printed.py looks at that.
    assert "<nav" not in seen.split("<main")[1].split("</main>")[0]
    pdf = client.get(f"{page.url}card/pdf/").content
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    for words in (seen, words_of(pdf)):
        assert page.title in words
        assert page.primary_phase.name in words
        assert "Time" in words
        assert "People" in words
        assert page.url in words
        for step in page.formats.all()[0].steps:
            assert step.value["title"] in words
    assert page.source_credit.split()[0] in words_of(pdf)


@pytest.mark.postgres_too
def test_story_13_staff_print_their_record_for_their_appraisal() -> None:
    me = UserFactory(first_name="Mara", last_name="Quill")
    helper = UserFactory(first_name="Oswin", last_name="Tarrow")
    TeamFactory(members=[me, helper])
    fishbowl = TechniquePageFactory(title="Fishbowl", owner=helper)
    client = Client()
    client.force_login(me)
    client.post(
        "/learning/record/add/",
        posted(page=fishbowl.pk, what="Fishbowl on handovers", date="2026-02-01"),
    )
    entry_of(me, date=datetime.date(2026, 5, 4), minutes=20, participatory_minutes=0)
    entry_of(me, date=datetime.date(2025, 5, 4), minutes=600, participatory_minutes=0, what="Old")
    entry_of(helper, what="Somebody else's")
    days = "?starts=2026-01-01&ends=2026-12-31"
    for way in ("to_print", "as_pdf", "as_csv"):
        answer = client.get(reverse(f"km_record:{way}") + days)
        words = words_of(answer.content) if way == "as_pdf" else answer.content.decode()
        assert "Fishbowl on handovers" in words, way
        assert "Oswin" not in words, way
        assert "Tarrow" not in words, way
        assert "Somebody else" not in words, way
        assert "Old" not in words, way
        if way != "as_csv":
            assert "1 hour 5 minutes" in words, way
            assert "30 minutes" in words, way
    table = list(
        csv.reader(io.StringIO(client.get(reverse("km_record:as_csv") + days).content.decode()))
    )
    assert [row[3:5] for row in table[1:]] == [["45", "30"], ["20", "0"]]
    # The page it came from is one link away in the record itself.
    made = LearningEntry.objects.get(what="Fishbowl on handovers")
    entry = reverse("km_record:entry", args=[made.key])
    assert fishbowl.url in client.get(entry).content.decode()
    other: Any = Client()
    other.force_login(helper)
    absent = reverse("km_record:entry", args=[uuid.uuid4()])
    assert other.get(entry).status_code == other.get(absent).status_code == 404
