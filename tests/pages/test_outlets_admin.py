"""The knowledge team's side: best bets, gaps, who knows, and the report of searches."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from wagtail.contrib.search_promotions.models import Query, SearchPromotion

from km_pages.models import Offer, SearchGap
from km_pages.outlets.search_log import count_events, record_search
from km_pages.setup.structure import EDITORS, MANAGERS
from tests.factories import KnowledgeAssetPageFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def people() -> dict[str, Any]:
    call_command("km_setup", "--without-content", stdout=io.StringIO())
    made = {role: UserFactory() for role in ("editor", "manager", "member")}
    made["editor"].groups.add(Group.objects.get(name=EDITORS))
    made["manager"].groups.add(Group.objects.get(name=MANAGERS))
    return made


def open_as(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_menu_and_pages_are_for_the_knowledge_team(people: dict[str, Any]) -> None:
    client = open_as(people["manager"])
    menu = client.get("/admin/").content.decode()
    for name in ("Best bets", "Gaps", "Who knows", "What people search for"):
        assert name in menu
    for url in ("/admin/gaps/", "/admin/who-knows/", "/admin/searches/", "/admin/searchpicks/"):
        assert client.get(url).status_code == 200, url
    for url in ("/admin/gaps/", "/admin/searches/", "/admin/searchpicks/"):
        assert open_as(people["editor"]).get(url).status_code == 200, url
        assert open_as(people["member"]).get(url).status_code == 302, url


def test_a_gap_goes_from_open_to_answered_with_its_page(people: dict[str, Any]) -> None:
    gap = SearchGap.objects.create(query="label printer", times=2)
    page = KnowledgeAssetPageFactory(visibility="open")
    client = open_as(people["editor"])
    url = reverse("gaps:edit", args=[gap.pk])
    refused = client.post(url, {"state": "answered", "answered_with": "", "note": "x"})
    assert "Choose the page that answers it" in refused.content.decode()
    client.post(url, {"state": "answered", "answered_with": page.pk, "note": "Written."})
    gap.refresh_from_db()
    assert (gap.state, gap.answered_with_id) == ("answered", page.pk)
    text = client.get("/admin/gaps/?state=answered").content.decode()
    assert "label printer" in text
    assert "label printer" not in client.get("/admin/gaps/?state=open").content.decode()


def test_a_page_that_an_editor_may_not_see_is_not_named_to_them_and_is_kept(
    people: dict[str, Any],
) -> None:
    hidden = KnowledgeAssetPageFactory(title="Quillfeather", visibility="named")
    gap = SearchGap.objects.create(query="rota", state="answered", answered_with=hidden)
    bet = SearchPromotion.objects.create(query=Query.get("rota"), page=hidden, sort_order=0)
    shown = SearchPromotion.objects.create(
        query=Query.get("rota"), external_link_url="https://example.org", external_link_text="Out"
    )
    client = open_as(people["editor"])
    gap_url = reverse("gaps:edit", args=[gap.pk])
    bets_url = reverse("wagtailsearchpromotions:edit", args=[bet.query_id])
    for url in (gap_url, "/admin/gaps/", bets_url, "/admin/searchpicks/"):
        answer = client.get(url)
        assert answer.status_code == 200
        assert "Quillfeather" not in answer.content.decode(), url
    client.post(gap_url, {"state": "writing", "note": "x"})
    client.post(
        bets_url,
        {
            "query_string": "rota",
            "editors_picks-TOTAL_FORMS": 1,
            "editors_picks-INITIAL_FORMS": 1,
            "editors_picks-0-id": shown.pk,
            "editors_picks-0-ORDER": 1,
            "editors_picks-0-external_link_url": "https://example.org/new",
            "editors_picks-0-external_link_text": "Out",
        },
    )
    gap.refresh_from_db()
    assert (gap.state, gap.answered_with_id) == ("writing", hidden.pk)
    assert SearchPromotion.objects.filter(pk=bet.pk, page=hidden).exists()
    shown.refresh_from_db()
    assert shown.external_link_url == "https://example.org/new"


def search_by(number: int, query: str, *, hits: int = 1) -> None:
    for person in range(number):
        record_search(f"user:{person}", query=query, hits=hits)


def test_the_report_shows_no_query_of_fewer_than_three_people(people: dict[str, Any]) -> None:
    search_by(3, "Label  PRINTER", hits=0)
    search_by(2, "who is off sick")
    for _again in range(5):
        record_search("user:1", query="who is off sick", hits=1)
    search_by(4, "=cmd()")
    count_events()
    SearchGap.objects.create(query="label printer")
    client = open_as(people["editor"])
    text = client.get("/admin/searches/").content.decode()
    assert "label printer" in text
    assert "off sick" not in text
    assert "7 searches are not shown" in text
    assert "2 different searches" in text
    assert "label printer" in client.get("/admin/searches/?shown=empty").content.decode()
    assert "label printer" in client.get("/admin/searches/?shown=gaps").content.decode()
    assert "label printer" not in client.get("/admin/searches/?shown=unopened").content.decode()
    raw = b"".join(client.get("/admin/searches/?export=csv").streaming_content).decode()
    assert "label printer,3,3,3,0,,Open" in raw
    assert "'=cmd()" in raw
    assert "off sick" not in raw
    book = b"".join(client.get("/admin/searches/?export=xlsx").streaming_content)
    cells = list(load_workbook(io.BytesIO(book)).active.values)
    assert ("label printer", 3, 3, 3, 0) in [row[:5] for row in cells]
    assert "off sick" not in str(cells)


def test_a_stranger_to_the_permission_gets_no_export(people: dict[str, Any]) -> None:
    assert open_as(people["member"]).get("/admin/searches/?export=csv").status_code == 302


def test_a_manager_looks_at_offers_and_may_remove_one(people: dict[str, Any]) -> None:
    offer = Offer.objects.create(person=people["member"], reach="extension 1", words="rota")
    client = open_as(people["manager"])
    assert "extension 1" in client.get("/admin/who-knows/").content.decode()
    assert client.get(reverse("who-knows:edit", args=[offer.pk])).status_code == 302
    client.post(reverse("who-knows:delete", args=[offer.pk]))
    assert not Offer.objects.exists()
