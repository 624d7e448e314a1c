"""Suggestions while somebody types: of what they may see, in few queries, kept by no cache."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from km_pages.models import KnowledgeAssetPage
from km_pages.search import EngineUnavailable
from km_pages.search.tantivy import TantivyEngine
from tests.factories import (
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TeamFactory,
    UserFactory,
)
from tests.pages.indexing import settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def ask(client: Client, typed: str) -> dict[str, Any]:
    response = client.get(reverse("km_pages:suggest"), {"q": typed})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    answer: dict[str, Any] = response.json()
    return answer


def test_titles_teams_and_tags_are_suggested_with_what_they_are(client: Client) -> None:
    person = UserFactory()
    team = TeamFactory(name="Ward 7", members=[person])
    KnowledgeAssetPageFactory(team=team, title="Ward round checklist", tags=["ward sister"])
    settle()
    client.force_login(person)
    answer = ask(client, "ward")
    rows = {each["text"]: (each["about"], each["url"]) for each in answer["suggestions"]}
    assert rows["Ward round checklist"][0] == "Knowledge item · Ward 7"
    assert rows["Ward 7"][0] == "Team space"
    assert rows["ward sister"] == ("Tag", "/search/?tag=ward+sister")
    assert answer["said"] == "3 suggestions"
    assert client.get(rows["Ward round checklist"][1]).status_code == 200


def test_nobody_is_told_of_what_they_may_not_see(client: Client) -> None:
    KnowledgeAssetPageFactory(team=TeamFactory(), title="Zanzibar plan", tags=["zanzibar"])
    settle()
    assert ask(client, "zanzibar") == {"suggestions": [], "said": "No suggestions"}
    # The last line: a change that no signal announced.
    KnowledgeAssetPageFactory(team=TeamFactory(), title="Quokka plan", visibility="open")
    settle()
    KnowledgeAssetPage.objects.filter(title="Quokka plan").update(visibility="named")
    assert ask(client, "quokka")["suggestions"] == []


def test_a_browsers_own_box_is_told_of_what_its_reader_may_see(client: Client) -> None:
    person = UserFactory()
    team = TeamFactory(name="Ward 7", members=[person])
    KnowledgeAssetPageFactory(team=team, title="Zanzibar plan", tags=["zanzibar"])
    settle()
    asked = {"q": "zanz", "for": "browser"}
    assert client.get(reverse("km_pages:suggest"), asked).json() == ["zanz", [], [], []]
    client.force_login(person)
    answer = client.get(reverse("km_pages:suggest"), asked)
    assert answer.headers["Cache-Control"] == "private, no-store"
    typed, texts, about, places = answer.json()
    assert (typed, texts) == ("zanz", ["Zanzibar plan", "zanzibar"])
    assert about == ["Knowledge item · Ward 7", "Tag"]
    assert places[1] == "http://testserver/search/?tag=zanzibar"
    assert client.get(places[0]).status_code == 200


@pytest.mark.parametrize("typed", ["", " ", "\x00", "🎉", "x" * 9000, '"', "<script>"])
def test_whatever_is_typed_gets_an_answer(client: Client, typed: str) -> None:
    """Case 18."""
    assert ask(client, typed)["suggestions"] == []


def test_the_number_of_queries_does_not_grow(client: Client) -> None:
    client.force_login(UserFactory())
    counts = []
    for number in range(2):
        for each in range(1 + number * 12):
            StandardPageFactory(title=f"Rota {number} {each}")
        settle()
        ask(client, "rota")
        with CaptureQueriesContext(connection) as queries:
            ask(client, "rota")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_search_out_of_order_suggests_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_options: Any) -> None:
        raise EngineUnavailable("away")

    monkeypatch.setattr(TantivyEngine, "suggest", away)
    assert ask(client, "rota")["suggestions"] == []
