"""What is answered to whom when a page's address is opened."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from km_pages.models import KnowledgeAssetPage, RepositoryPage
from km_pages.visibility import Visibility
from tests.factories import (
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/?next="


@pytest.fixture
def member() -> Any:
    return UserFactory()


@pytest.fixture
def item(member: Any) -> Any:
    return KnowledgeAssetPageFactory(team=TeamFactory(members=[member]), title="Pump settings")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_stranger_is_sent_to_sign_in_for_private_and_for_unknown_addresses(item: Any) -> None:
    private = Client().get(item.url)
    unknown = Client().get(item.url.replace("pump-settings", "no-such-thing"))
    deeper = Client().get("/repository/no/such/thing/")
    for answer in (private, unknown, deeper):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(SIGN_IN)
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_somebody_without_right_gets_the_answer_of_an_unknown_address(item: Any) -> None:
    client = signed_in(UserFactory())
    private = client.get(item.url)
    unknown = client.get(item.url.replace("pump-settings", "no-such-thing"))
    assert private.status_code == unknown.status_code == 404
    assert "Pump settings" not in private.content.decode()


def test_a_member_reads_it_and_no_cache_keeps_it(item: Any, member: Any) -> None:
    """Case 32."""
    answer = signed_in(member).get(item.url)
    assert answer.status_code == 200
    assert "Pump settings" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_open_item_is_read_by_anybody(item: Any) -> None:
    item.visibility = Visibility.OPEN
    item.save()
    answer = Client().get(item.url)
    assert answer.status_code == 200
    assert "Only" not in answer.content.decode().split("<article", 1)[1][:1500]


def test_a_draft_looks_like_an_unknown_address_even_to_the_team(item: Any, member: Any) -> None:
    item.unpublish()
    assert signed_in(member).get(item.url).status_code == 404
    assert Client().get(item.url).status_code == 302


def test_a_group_restriction_does_not_tell_that_there_is_something(item: Any, member: Any) -> None:
    PageViewRestriction.objects.create(
        page=RepositoryPage.objects.get(), restriction_type=PageViewRestriction.GROUPS
    )
    assert signed_in(member).get(item.url).status_code == 404
    assert Client().get(item.url).status_code == 302


def test_a_shared_password_is_asked_for_where_it_is_all_that_is_missing(
    item: Any, member: Any
) -> None:
    PageViewRestriction.objects.create(
        page=item, restriction_type=PageViewRestriction.PASSWORD, password="open sesame"
    )
    page = signed_in(member).get(item.url)
    assert page.status_code == 200
    assert "Pump settings" not in page.content.decode()
    assert signed_in(UserFactory()).get(item.url).status_code == 404


def test_ordinary_unknown_addresses_help(db: Any) -> None:
    StandardPageFactory()
    answer = Client().get("/no-such-page/")
    assert answer.status_code == 404
    assert "/search/" in answer.content.decode()


def test_people_are_signed_out_after_the_idle_time(item: Any, member: Any, settings: Any) -> None:
    client = signed_in(member)
    client.get(item.url)
    session = client.session
    session["km_last_seen"] -= settings.SESSION_COOKIE_AGE and 31 * 60
    session.save()
    answer = client.get(item.url)
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session


def test_whoever_chose_to_stay_is_not_signed_out(item: Any, member: Any) -> None:
    client = signed_in(member)
    session = client.session
    session.update({"km_keep": True, "km_last_seen": 0})
    session.save()
    assert client.get(item.url).status_code == 200


def test_moving_an_item_moves_its_readers(item: Any, member: Any) -> None:
    other = KnowledgeAssetPageFactory(team=TeamFactory())
    item.move(Page.objects.get(pk=other.get_parent().pk), pos="last-child")
    moved = type(item).objects.get(pk=item.pk)
    assert signed_in(member).get(moved.url).status_code == 404


# Old addresses lead on


def moved(item: Any, team: Any) -> tuple[str, str]:
    """The address at which ``item`` stood, and the one at which it stands in ``team``'s space."""
    before = item.url
    item.move(Page.objects.get(pk=team.space.pk), pos="last-child")
    return before, KnowledgeAssetPage.objects.get(pk=item.pk).url


@pytest.fixture
def other_team(member: Any) -> Any:
    return KnowledgeAssetPageFactory(team=TeamFactory(members=[member])).home_team


def test_an_old_address_leads_those_who_may_see_the_page_to_where_it_stands_now(
    item: Any, member: Any, other_team: Any
) -> None:
    before, after = moved(item, other_team)
    answer = signed_in(member).get(before)
    assert (answer.status_code, answer.headers["Location"]) == (301, after)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_old_address_does_not_tell_others_where_a_page_stands_now(
    item: Any, other_team: Any
) -> None:
    before, _after = moved(item, other_team)
    assert signed_in(UserFactory()).get(before).status_code == 404
    answer = Client().get(before)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{SIGN_IN}{before}"


def test_an_old_address_of_an_open_item_leads_strangers_on(item: Any, other_team: Any) -> None:
    item.visibility = Visibility.OPEN
    item.save()
    before, after = moved(item, other_team)
    answer = Client().get(f"{before}?from=mail")
    assert (answer.status_code, answer.headers["Location"]) == (301, after)
    closed = PageViewRestriction.objects.create(
        page=other_team.space, restriction_type=PageViewRestriction.LOGIN
    )
    assert Client().get(before).headers["Location"].startswith(SIGN_IN)
    closed.delete()
    KnowledgeAssetPage.objects.get(pk=item.pk).unpublish()
    assert Client().get(before).headers["Location"].startswith(SIGN_IN)


def test_an_editors_redirect_to_another_site_works_as_before(db: Any) -> None:
    StandardPageFactory()
    Redirect.add_redirect("/old-intranet", "https://example.org/new")
    answer = Client().get("/old-intranet/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://example.org/new")
