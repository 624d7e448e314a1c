"""What pages say to programmes: site map, robots, cards of messengers, JSON-LD."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from km_pages.visibility import Visibility
from tests.factories import (
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    UserFactory,
    home_page,
)

pytestmark = pytest.mark.django_db

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NASTY = "</script><script>alert(1)</script> & <!-- \"'"


def locations(answer: Any) -> list[str]:
    return [each.text for each in ElementTree.fromstring(answer.content).iter(f"{MAP}loc")]


def head(answer: Any) -> dict[str, str]:
    """The meta tags and the canonical address of a page."""
    text = answer.content.decode()
    tags = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', text)
    canonical = re.search(r'<link rel="canonical" href="([^"]+)"', text)
    return dict(tags) | ({"canonical": canonical[1]} if canonical else {})


@pytest.mark.postgres_too
def test_the_site_map_names_open_pages_only_whoever_asks(client: Client) -> None:
    """Case 24."""
    for kind in Visibility.values:
        KnowledgeAssetPageFactory(title=f"Item for {kind}", slug=f"for-{kind}", visibility=kind)
    StandardPageFactory(title="Draft", slug="draft", live=False)
    shut = StandardPageFactory(title="Shut", slug="shut")
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.LOGIN)
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    (part,) = locations(client.get("/sitemap.xml"))
    found = locations(client.get(part.removeprefix("http://testserver")))
    assert "http://testserver/" in found
    named = {kind for kind in Visibility.values if any(f"/for-{kind}/" in url for url in found)}
    assert named == {"open"}
    assert not [url for url in found if "/draft/" in url or "/shut/" in url]
    assert client.get("/sitemap-nothing.xml").status_code == 404
    robots = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in robots
    assert "Disallow: /admin/" in robots


def test_a_long_site_map_asks_no_more_questions(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    home_page()
    StandardPageFactory()
    client.get("/sitemap-pages.xml")
    with django_assert_max_num_queries(40) as few:
        client.get("/sitemap-pages.xml")
    for _each in range(19):
        StandardPageFactory()
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(locations(client.get("/sitemap-pages.xml"))) >= 20


def test_a_page_has_a_canonical_address_and_a_card(client: Client) -> None:
    StandardPageFactory(title="About", slug="about", introduction=f"Who we are. {NASTY}")
    answer = client.get("/about/?utm_source=mail&format=9")
    said = head(answer)
    assert said["canonical"] == said["og:url"] == "http://testserver/about/"
    assert said["og:title"] == "About"
    assert said["og:description"].startswith("Who we are.")
    assert said["og:image"].startswith("http://testserver/static/km_pages/img/card")
    assert "<script>alert" not in answer.content.decode()


def test_a_technique_is_a_how_to_that_nothing_typed_breaks_out_of(client: Client) -> None:
    """Case 20."""
    page = TechniquePageFactory(title=f"Review {NASTY}", slug="review", strapline="Four questions")
    steps = [("step", {"title": f"Ask {NASTY}", "minutes": 20, "who": "",
                       "instruction": "Go round.", "prompt": ""})]  # fmt: skip
    TechniqueFormatFactory(technique=page, steps=steps)
    text = client.get("/techniques/review/").content.decode()
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    facts = json.loads(found[0])
    assert (facts["@type"], facts["totalTime"]) == ("HowTo", "PT20M")
    assert facts["name"] == page.title
    assert facts["step"][0]["name"] == f"Ask {NASTY}"
    assert "<script>alert" not in text


def test_pages_that_are_no_pages_have_no_card(client: Client) -> None:
    home_page()
    assert "canonical" not in head(client.get("/search/?q=x"))
