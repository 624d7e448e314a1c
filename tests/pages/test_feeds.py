"""Atom feeds: what is open and nothing else, ids that stay, text that cannot break out."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from km_pages.models import RepositoryPage
from km_pages.visibility import Visibility
from tests.factories import (
    KnowledgeAssetPageFactory,
    RepositoryPageFactory,
    TechniquePageFactory,
    UserFactory,
    home_page,
)

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(answer: Any) -> list[Any]:
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def titles(answer: Any) -> list[str]:
    return [each.findtext(f"{ATOM}title") for each in entries(answer)]


@pytest.mark.postgres_too
def test_the_feed_of_items_names_open_ones_only_whoever_asks(client: Client) -> None:
    for kind in Visibility.values:
        KnowledgeAssetPageFactory(title=f"Item for {kind}", visibility=kind)
    KnowledgeAssetPageFactory(title="A draft", visibility="open", live=False)
    url = reverse("km_pages:open_item_feed")
    assert titles(client.get(url)) == ["Item for open"]
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    answer = client.get(url)
    assert titles(answer) == ["Item for open"]
    assert answer.headers["Content-Type"].startswith("application/atom+xml")


def test_an_entry_keeps_its_id_when_its_page_is_moved_and_renamed(client: Client) -> None:
    item = KnowledgeAssetPageFactory(title="Linen order", visibility="open")
    url = reverse("km_pages:open_item_feed")
    before = entries(client.get(url))[0].findtext(f"{ATOM}id")
    item.slug, item.title = "linen", "How to order linen"
    item.save()
    item.move(RepositoryPage.objects.get(), pos="last-child")
    after = entries(client.get(url))[0]
    assert after.findtext(f"{ATOM}id") == before == f"urn:uuid:{item.identifier}"
    assert after.find(f"{ATOM}link").get("href").startswith("http://testserver/repository/")


def test_hostile_text_stays_text_and_control_signs_break_nothing(client: Client) -> None:
    """Case 20."""
    RepositoryPageFactory()
    nasty = "A <script>alert(1)</script> & \x08\x1b[0m 😀"
    TechniquePageFactory(title=nasty, slug="nasty", strapline=nasty)
    answer = client.get(reverse("km_pages:technique_feed"))
    assert answer.status_code == 200
    assert b"<script>" not in answer.content
    entry = entries(answer)[0]
    assert entry.findtext(f"{ATOM}title") == "A <script>alert(1)</script> & [0m 😀"
    assert "&lt;script&gt;" in entry.findtext(f"{ATOM}summary")


def test_a_reader_that_asks_again_is_told_that_nothing_is_new(client: Client) -> None:
    TechniquePageFactory()
    url = reverse("km_pages:technique_feed")
    first = client.get(url)
    assert "public" in first.headers["Cache-Control"]
    again = client.get(url, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    TechniquePageFactory()
    assert client.get(url, headers={"if-none-match": first.headers["ETag"]}).status_code == 200


def test_a_long_feed_asks_no_more_questions_than_a_short_one(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    home_page()
    for name, factory in (
        ("technique_feed", TechniquePageFactory),
        ("open_item_feed", lambda: KnowledgeAssetPageFactory(visibility="open")),
    ):
        url = reverse(f"km_pages:{name}")
        factory()
        client.get(url)
        with django_assert_max_num_queries(50) as few:
            client.get(url)
        for _each in range(19):
            factory()
        with django_assert_max_num_queries(len(few.captured_queries)):
            assert len(entries(client.get(url))) == 20
