"""What stands around results, in a real browser: people, gaps, following, and the beacon."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.contrib.search_promotions.models import Query, SearchPromotion

from km_pages.actions.offer_to_be_asked import OfferToBeAsked
from km_pages.models import SavedSearch, SearchEvent, SearchGap
from tests.browser.conftest import forget
from tests.factories import (
    PASSWORD,
    KnowledgeAssetPageFactory,
    TeamFactory,
    TechniquePageFactory,
    TopicFactory,
    UserFactory,
)
from tests.pages.indexing import settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def reader() -> Any:
    forget()
    topic, person = TopicFactory(name="Rotas"), UserFactory(username="sam@example.org")
    knower = UserFactory(first_name="Ada", last_name="Quill")
    team = TeamFactory(name="Ward 7", members=[person], stewards=[knower])
    technique = TechniquePageFactory(title="Rota talk")
    SearchPromotion.objects.create(query=Query.get("rota"), page=technique, description="First.")
    KnowledgeAssetPageFactory(team=team, title="Rota for nights", topics=[topic])
    OfferToBeAsked(person=knower, reach="extension 4312", topics=[topic]).execute()
    settle()
    return person


def sign_in(page: Any, live_server: Any, person: Any) -> None:
    page.goto(f"{live_server.url}/account/sign-in/?next=/search/%3Fq=rota")
    page.fill("input[name=username]", person.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/search/?q=rota")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_from_the_results_to_people_to_a_gap_and_to_following(
    size: str, request: Any, live_server: Any, reader: Any, axe: Any
) -> None:
    page = request.getfixturevalue(size)
    sign_in(page, live_server, reader)
    text = page.locator("main").inner_text()
    assert "Recommended" in text
    assert "extension 4312" in text
    assert axe(page) == []
    page.goto(f"{live_server.url}/search/?q=giraffe")
    assert axe(page) == []
    page.get_by_role("button", name="Tell the knowledge team").click()
    assert "Thank you." in page.locator("main").inner_text()
    assert SearchGap.objects.get().query == "giraffe"
    page.get_by_role("link", name="Follow this search").click()
    assert axe(page) == []
    page.get_by_label("Every day").check()
    page.get_by_role("button", name="Follow", exact=True).click()
    assert "You follow “giraffe” now." in page.locator("main").inner_text()
    assert SavedSearch.objects.get().rhythm == "daily"
    assert axe(page) == []
    page.get_by_role("link", name="Say what you know").click()
    assert axe(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    assert page.km_errors == []


def test_the_beacon_tells_the_place_and_no_more(
    desktop: Any, live_server: Any, reader: Any
) -> None:
    sign_in(desktop, live_server, reader)
    with desktop.expect_request("**/search/opened/") as sent:
        desktop.locator(".km-result__title a").nth(1).click()
    desktop.wait_for_load_state()
    body = str(sent.value.post_data)
    assert 'name="rank"\r\n\r\n2' in body
    assert body.count("name=") == 2
    for _try in range(50):
        if SearchEvent.objects.filter(rank=2, query="rota", digest="").exists():
            break
        desktop.wait_for_timeout(100)
    assert SearchEvent.objects.filter(rank=2, query="rota", digest="").exists()


def test_without_script_all_of_it_works(without_script: Any, live_server: Any, reader: Any) -> None:
    sign_in(without_script, live_server, reader)
    without_script.get_by_text("Not what you were looking for?").click()
    without_script.get_by_role("button", name="Tell the knowledge team").click()
    assert "Thank you." in without_script.locator("main").inner_text()
