"""Best bets, more like this, collections, feeds and the description for browsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.contrib.search_promotions.models import Query, SearchPromotion

from km_pages.models import CollectionPage, TeamSpacePage
from km_pages.outlets.related import related_to, telling_words
from km_pages.search import EngineUnavailable, get_engine
from km_pages.visibility import as_reader
from tests.factories import (
    ActivityPageFactory,
    KnowledgeAssetPageFactory,
    OutputTypeFactory,
    PageFactory,
    TeamFactory,
    TechniquePageFactory,
    TopicFactory,
    UserFactory,
)
from tests.pages.indexing import settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

ATOM = "{http://www.w3.org/2005/Atom}"


class CollectionPageFactory(PageFactory):
    """A collection below the home page."""

    class Meta:
        model = CollectionPage


def queries_of(ask: Callable[[], Any]) -> int:
    ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


def titles(answer: Any) -> list[str]:
    entries = ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")
    return [str(each.findtext(f"{ATOM}title")) for each in entries]


# Best bets


def promote(query: str, **given: Any) -> SearchPromotion:
    return SearchPromotion.objects.create(query=Query.get(query), **given)


def test_best_bets_stand_above_the_results_of_exactly_their_query(client: Client) -> None:
    page = TechniquePageFactory(title="Fishbowl")
    promote("rota swap", page=page, description="Try this first.", sort_order=0)
    promote(
        "rota swap",
        external_link_url="https://example.org/x",
        external_link_text="Elsewhere",
        sort_order=1,
    )
    promote("rota swap", external_link_url="javascript:alert(1)", sort_order=2)
    settle()
    text = client.get("/search/", {"q": " Rota  SWAP"}).content.decode()
    assert text.index("Recommended") < text.index("Try this first.") < text.index("Elsewhere")
    assert "javascript:" not in text
    assert "Recommended" not in client.get("/search/", {"q": "rota"}).content.decode()


def test_twenty_best_bets_cost_as_many_queries_as_one(client: Client) -> None:
    promote("rota", page=TechniquePageFactory())
    settle()
    one = queries_of(lambda: client.get("/search/", {"q": "rota"}))
    for _number in range(19):
        promote("rota", page=TechniquePageFactory())
    settle()
    assert queries_of(lambda: client.get("/search/", {"q": "rota"})) == one


# More like this


def test_more_like_this_stands_on_techniques_activities_and_items(client: Client) -> None:
    topic = TopicFactory(name="Infusion pumps")
    item = KnowledgeAssetPageFactory(title="Infusion pump alarms", visibility="open")
    other = KnowledgeAssetPageFactory(
        title="Cleaning a pump", visibility="open", topics=[topic], summary="Infusion pumps, clean."
    )
    technique = TechniquePageFactory(title="Learning about infusion pumps")
    activity = ActivityPageFactory(title="Hand over the infusion pumps")
    KnowledgeAssetPageFactory(title="Giraffes", visibility="open", summary="Zoo.")
    settle()
    for page in (item, other, technique, activity):
        text = client.get(page.url).content.decode().partition("More like this")[2]
        assert text, page
        named = {each.title for each in (item, other, technique, activity) if each.title in text}
        assert named == {each.title for each in (item, other, technique, activity)} - {page.title}
        assert "Giraffes" not in text


def test_words_that_say_nothing_are_no_likeness() -> None:
    page = TechniquePageFactory(title="What it is to be with the team", strapline="Rota")
    assert set(telling_words(page)) == {"team", "rota"}
    assert related_to(TechniquePageFactory(title="The", strapline=""), reader=as_reader(None)) == ()


def test_more_like_this_asks_the_engine_once_and_the_database_alike(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = KnowledgeAssetPageFactory(title="Infusion pumps", visibility="open")
    KnowledgeAssetPageFactory(title="Infusion pumps again", visibility="open")
    settle()
    few = queries_of(lambda: client.get(page.url))
    for number in range(19):
        KnowledgeAssetPageFactory(title=f"Infusion pumps {number}", visibility="open")
    settle()
    assert queries_of(lambda: client.get(page.url)) == few
    engine, asked = type(get_engine()), []
    search = engine.search

    def counted(self: Any, request: Any) -> Any:
        asked.append(request)
        return search(self, request)

    monkeypatch.setattr(engine, "search", counted)
    client.get(page.url)
    assert len(asked) == 1

    def gone(*_args: Any, **_kwargs: Any) -> None:
        raise EngineUnavailable("no folder")

    monkeypatch.setattr(engine, "search", gone)
    answer = client.get(page.url)
    assert answer.status_code == 200
    assert "More like this" not in answer.content.decode()


# Collections


def test_a_collection_lists_what_fits_and_what_its_reader_may_see(client: Client) -> None:
    how_to = OutputTypeFactory(slug="how-to")
    member = UserFactory()
    team = TeamFactory(members=[member])
    for kind in ("open", "team"):
        KnowledgeAssetPageFactory(
            team=team, title=f"Pump {kind}", visibility=kind, output_type=how_to
        )
    KnowledgeAssetPageFactory(team=team, title="Pump lesson", visibility="open")
    TechniquePageFactory(title="Pump talk")
    page = CollectionPageFactory(title="Pumps", wanted_words="pump")
    page.wanted_types.add(how_to)
    page.save()
    settle()
    text = client.get(page.url).content.decode()
    assert ("Pump open" in text, "Pump team" in text, "Pump lesson" in text) == (True, False, False)
    assert "Pump talk" not in text
    assert "1 page that you can see" in text
    client.force_login(member)
    text = client.get(page.url).content.decode()
    assert "Pump team" in text
    assert "2 pages that you can see" in text


def test_a_collection_comes_in_parts_and_can_be_narrowed_only_where_the_editor_said(
    client: Client,
) -> None:
    topics = [TopicFactory(slug=f"topic-{number}") for number in range(2)]
    for number in range(5):
        KnowledgeAssetPageFactory(
            title=f"Pump {number}", visibility="open", topics=[topics[number % 2]]
        )
    page = CollectionPageFactory(title="Pumps", wanted_words="pump", page_size=2)
    settle()
    first = client.get(page.url).content.decode()
    last = client.get(page.url, {"page": 3}).content.decode()
    assert (first.count('class="km-result"'), last.count('class="km-result"')) == (2, 1)
    assert "Narrow it down" not in first
    ignored = client.get(page.url, {"topic": "topic-0"}).content.decode()
    assert "5 pages that you can see" in ignored
    page.can_be_narrowed = True
    page.save()
    assert "?topic=topic-0" in client.get(page.url).content.decode()
    narrowed = client.get(page.url, {"topic": "topic-0"}).content.decode()
    assert "3 pages that you can see" in narrowed


def test_narrowing_never_widens_what_the_editor_chose(client: Client) -> None:
    chosen, other = TopicFactory(slug="chosen"), TopicFactory(slug="other")
    KnowledgeAssetPageFactory(title="Pump", visibility="open", topics=[chosen])
    KnowledgeAssetPageFactory(title="Giraffe", visibility="open", topics=[other])
    page = CollectionPageFactory(title="Pumps", can_be_narrowed=True)
    page.wanted_topics.add(chosen)
    page.save()
    settle()
    text = client.get(page.url, {"topic": "other"}).content.decode()
    assert "Giraffe" not in text
    assert "Nothing here that you can see" in text


def test_a_collection_can_be_previewed_before_it_is_saved() -> None:
    KnowledgeAssetPageFactory(title="Pump", visibility="open")
    settle()
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    unsaved = CollectionPage(title="Pumps", wanted_words="pump", slug="pumps")
    answer = unsaved.make_preview_request(request, unsaved.default_preview_mode)
    assert 'class="km-result"' in answer.content.decode()


# Feeds


def test_the_feed_of_a_search_is_for_strangers_whoever_asks(client: Client) -> None:
    member = UserFactory(is_superuser=True)
    for kind in ("open", "organisation", "team", "named"):
        KnowledgeAssetPageFactory(title=f"Pump {kind}", visibility=kind)
    settle()
    client.force_login(member)
    address = reverse("km_pages:search_feed")
    answer = client.get(address, {"q": "pump"})
    assert titles(answer) == ["Pump open"]
    assert client.get(address).status_code == 404
    assert client.get(address, {"q": "\x00"}).status_code == 404
    own = ElementTree.fromstring(answer.content).findtext(f"{ATOM}id")
    assert own == "http://testserver/feeds/search.atom?q=pump"


def test_the_feed_of_a_team_gives_open_items_and_tells_no_private_team_from_none(
    client: Client,
) -> None:
    private, shown = TeamFactory(slug="private"), TeamFactory(slug="shown", name="Shown")
    KnowledgeAssetPageFactory(team=private, title="Secret", visibility="team")
    KnowledgeAssetPageFactory(team=shown, title="Rota", visibility="open")
    KnowledgeAssetPageFactory(team=shown, title="Inside", visibility="organisation")
    client.force_login(UserFactory(is_superuser=True))
    assert titles(client.get("/feeds/teams/shown.atom")) == ["Rota"]
    for slug in ("private", "no-such-team"):
        assert client.get(f"/feeds/teams/{slug}.atom").status_code == 404
    space = TeamSpacePage.objects.get(team=shown)
    assert "/feeds/teams/shown.atom" in client.get(space.url).content.decode()
    other = TeamSpacePage.objects.get(team=private)
    assert "/feeds/teams/" not in client.get(other.url).content.decode()


def test_the_feed_of_a_collection_gives_what_is_open(client: Client) -> None:
    for kind in ("open", "organisation"):
        KnowledgeAssetPageFactory(title=f"Pump {kind}", visibility=kind)
    page = CollectionPageFactory(title="Pumps", wanted_words="pump")
    settle()
    address = reverse("km_pages:collection_feed", args=[page.pk])
    assert titles(client.get(address)) == ["Pump open"]
    assert address in client.get(page.url).content.decode()
    page.unpublish()
    assert client.get(address).status_code == 404


def test_long_feeds_ask_no_more_questions_than_short_ones(client: Client) -> None:
    team = TeamFactory(slug="shown")
    KnowledgeAssetPageFactory(team=team, title="Pump", visibility="open")
    page = CollectionPageFactory(title="Pumps", wanted_words="pump")
    settle()
    addresses = [
        "/feeds/teams/shown.atom",
        "/feeds/search.atom?q=pump",
        reverse("km_pages:collection_feed", args=[page.pk]),
    ]
    few = [queries_of(lambda url=url: client.get(url)) for url in addresses]
    for number in range(19):
        KnowledgeAssetPageFactory(team=team, title=f"Pump {number}", visibility="open")
    settle()
    assert [queries_of(lambda url=url: client.get(url)) for url in addresses] == few
    assert all(len(titles(client.get(url))) >= 20 for url in addresses)


# The description for browsers


def test_browsers_can_add_the_search(client: Client) -> None:
    TechniquePageFactory(title="Fishbowl")
    address = reverse("km_pages:search_description")
    assert f'href="{address}"' in client.get("/search/").content.decode()
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("application/opensearchdescription+xml")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    root = ElementTree.fromstring(answer.content)
    urls = {each.get("type"): each.get("template") for each in root.findall(f"{space}Url")}
    assert urls["text/html"] == "http://testserver/search/?q={searchTerms}"
    assert urls["application/opensearchdescription+xml"] == f"http://testserver{address}"
    suggest = urls["application/x-suggestions+json"].replace("{searchTerms}", "fish%20bow")
    settle()
    answer = client.get(suggest)
    assert answer.headers["Content-Type"] == "application/x-suggestions+json"
    page = "http://testserver/techniques/fishbowl/"
    assert client.get(suggest.replace("fish%20bow", "FISH")).json() == [
        "FISH", ["Fishbowl"], ["Technique"], [page],
    ]  # fmt: skip
    assert answer.json()[0] == "fish bow"
    assert 0 < len(str(root.findtext(f"{space}ShortName"))) <= 16


def test_a_collection_is_not_found_by_the_words_that_it_looks_for(client: Client) -> None:
    CollectionPageFactory(title="Machines", wanted_words="pump", wanted_kind="")
    settle()
    assert "Machines" not in client.get("/search/", {"q": "pump"}).content.decode()
    assert "Machines" in client.get("/search/", {"q": "machines"}).content.decode()
