"""From an address to its page: where Wagtail would come to, in fewer queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from km_pages.models import HomePage
from km_pages.routing import way_above
from km_pages.visibility import Visibility, may_see, visible_to
from tests.factories import (
    ActivityPageFactory,
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TeamFactory,
    TeamSectionPageFactory,
    TeamSpacePageFactory,
    TechniquePageFactory,
    UserFactory,
    home_page,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> dict[str, Any]:
    """Pages of several depths; two of them share their short name."""
    about = StandardPageFactory(title="About", slug="about")
    section = TeamSectionPageFactory(
        title="Rota", slug="rota", parent=TeamSpacePageFactory(title="Ward", slug="ward")
    )
    return {
        "activity": ActivityPageFactory(title="Map", slug="map"),
        "hidden": ActivityPageFactory(title="Hidden", slug="workbook"),
        "about": about,
        "below": StandardPageFactory(title="Below", slug="about", parent=about),
        "technique": TechniquePageFactory(title="Huddle", slug="huddle"),
        "section": section,
        "item": KnowledgeAssetPageFactory(
            title="Rota", slug="rota", parent=section, visibility=Visibility.OPEN
        ),
        "draft": StandardPageFactory(title="Draft", slug="draft", live=False),
    }


ADDRESSES = [
    "",
    "about",
    "about/about",
    "techniques/huddle",
    "techniques/huddle/card",
    "techniques/huddle/nothing",
    "techniques/about",
    "repository/ward/rota",
    "repository/ward/rota/rota",
    "repository/ward/nothing",
    "toolkit",
    "toolkit/map",
    "toolkit/map/fill-in/word",
    "toolkit/workbook",
    "toolkit/workbook/word",
    "toolkit/workbook/card",
    "toolkit/nothing",
    "repository/nothing/rota/rota",
    "repository",
    "nothing",
    "draft",
    "draft/below",
    "huddle",
    "about/about/about/about/about/about/about/about/about/about",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("signed_in", [False, True])
def test_an_address_leads_where_wagtail_leads(
    address: str, signed_in: bool, tree: Any, rf: RequestFactory
) -> None:
    request = rf.get(f"/{address}/")
    request.user = UserFactory() if signed_in else AnonymousUser()
    parts = [part for part in address.split("/") if part]

    def outcome(route: Any) -> Any:
        try:
            page, args, kwargs = route(request, parts)
        except Http404:
            return "not found"
        return page, type(page), repr(args), sorted(kwargs)

    home = HomePage.objects.get()
    assert outcome(home.route) == outcome(lambda *given: super(HomePage, home).route(*given))


def test_a_deep_address_needs_no_more_queries_than_a_short_one(
    tree: Any, rf: RequestFactory
) -> None:
    home, request = HomePage.objects.get(), rf.get("/")
    request.user = AnonymousUser()
    for parts in (["about"], ["toolkit", "map"], ["repository", "ward", "rota", "rota"]):
        with CaptureQueriesContext(connection) as queries:
            page = home.route(request, parts).page
        assert len(queries) == 2
        assert [each.pk for each in way_above(page, request) or ()] == list(
            page.get_ancestors().filter(depth__gt=1).values_list("pk", flat=True)
        )


def test_the_breadcrumbs_leave_out_what_the_reader_may_not_see(
    client: Client, settings: Any, tree: Any
) -> None:
    settings.KM_ORGANISATION_MEMBER = "tests.pages.test_visibility.nobody"
    response = client.get(tree["item"].url)
    assert response.status_code == 200
    trail = response.content.decode().partition("<main")[0].rpartition("<nav")[2]
    assert "Repository" in trail
    assert "Ward" not in trail


def test_a_restriction_on_the_original_binds_its_copy(client: Client, tree: Any) -> None:
    copy = tree["about"].create_alias(parent=home_page(), update_slug="copy")
    PageViewRestriction.objects.create(
        page=tree["about"], restriction_type=PageViewRestriction.LOGIN
    )
    assert client.get(copy.url).status_code == 302


def test_what_is_known_of_a_page_says_the_same_as_the_database(tree: Any) -> None:
    group = Group.objects.create(name="few")
    restriction = PageViewRestriction.objects.create(
        page=tree["about"], restriction_type=PageViewRestriction.GROUPS
    )
    restriction.groups.set([group, Group.objects.create(name="others")])
    few, member = UserFactory(), UserFactory()
    few.groups.add(group)
    TeamFactory(members=[member])
    readers = [AnonymousUser(), few, member, UserFactory(is_superuser=True)]
    for page in Page.objects.filter(depth__gt=1):
        for reader in readers:
            seen = visible_to(Page.objects.filter(pk=page.pk), reader).exists()
            assert may_see(page, reader) is seen, (page, reader)
            assert may_see(page.specific, reader) is seen, (page, reader)


def test_the_home_page_is_read_whole_only_where_it_is_shown(
    client: Client, tree: dict[str, Any]
) -> None:
    home = home_page()
    home.sentence = "Why we share."
    home.save()
    for page, number, said in ((home, 1, True), (tree["about"], 0, False)):
        with CaptureQueriesContext(connection) as queries:
            html = client.get(page.url).content.decode()
        asked = [each["sql"] for each in queries if '"km_pages_homepage"."sentence"' in each["sql"]]
        assert (len(asked), "Why we share." in html) == (number, said), page
