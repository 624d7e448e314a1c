"""The one rule: who may see what, said in the database and in the words of the index."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from km_pages.models import KnowledgeAssetPage, StandardPage, TeamSpacePage
from km_pages.visibility import (
    Reader,
    Visibility,
    is_signed_in,
    stewarded_by,
    tokens_for,
    tokens_of,
    visible_ids,
    visible_to,
    work_of,
)
from tests.factories import (
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TeamFactory,
    TeamSectionPageFactory,
    TeamSpacePageFactory,
    UserFactory,
)

UserModel = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

ROLES = (
    "anonymous",
    "outsider",
    "member",
    "steward",
    "other",
    "manager",
    "owner",
    "holder",
    "named",
    "superuser",
)
SEEN = {
    "anonymous": {"open"},
    "outsider": {"open", "organisation"},
    "member": {"open", "organisation", "team", "shared"},
    "steward": {"open", "organisation", "team", "shared"},
    "other": {"open", "organisation", "shared"},
    "manager": {"open", "organisation", "team", "shared"},
    "owner": {"open", "organisation", "team", "named", "shared"},
    "holder": {"open", "organisation", "team", "named", "shared"},
    "named": {"open", "organisation", "named"},
    "superuser": {"open", "organisation", "team", "named", "shared"},
}


@pytest.fixture
def people() -> dict[str, Any]:
    people = {name: UserFactory() for name in ROLES if name not in ("anonymous", "superuser")}
    people["anonymous"] = AnonymousUser()
    people["superuser"] = UserFactory(is_superuser=True)
    see_all = Permission.objects.get(codename="see_all_teams")
    people["manager"].user_permissions.add(see_all)
    return people


@pytest.fixture
def items(people: dict[str, Any]) -> dict[str, KnowledgeAssetPage]:
    team = TeamFactory(members=[people["member"]], stewards=[people["steward"]])
    other = TeamFactory(members=[people["other"]])
    common = {"team": team, "owner": people["owner"], "holder": people["holder"]}
    made = {
        each: KnowledgeAssetPageFactory(
            title=each, visibility=each, named_people=[people["named"]], **common
        )
        for each in Visibility.values
    }
    made["shared"] = KnowledgeAssetPageFactory(
        title="shared", visibility=Visibility.TEAM, shared_with=[other], **common
    )
    return made


def titles(user: Any) -> set[str]:
    """What ``user`` sees; asked with the kept text of the query as well, after every change."""
    every = list(Page.objects.values_list("pk", flat=True))
    for some in (every, every[:3]):
        asked_at_once = set(
            visible_to(Page.objects.filter(pk__in=some), user).values_list("pk", flat=True)
        )
        assert visible_ids(some, user) == asked_at_once
    return set(visible_to(KnowledgeAssetPage.objects.all(), user).values_list("title", flat=True))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_exactly_what_the_table_says(role: str, people: Any, items: Any) -> None:
    assert titles(people[role]) == SEEN[role]


@pytest.mark.parametrize("role", ROLES)
def test_a_queryset_of_all_pages_gives_the_same_items(role: str, people: Any, items: Any) -> None:
    pages = visible_to(Page.objects.filter(pk__in=[x.pk for x in items.values()]), people[role])
    assert set(pages.values_list("title", flat=True)) == SEEN[role]


@pytest.mark.parametrize("role", ROLES)
def test_the_tokens_of_the_index_say_the_same(role: str, people: Any, items: Any) -> None:
    tokens = tokens_for(Reader(people[role]))
    shared = {
        name for name, item in items.items() if tokens is None or tokens & set(tokens_of(item))
    }
    assert shared == SEEN[role]


def test_leaving_a_team_counts_at_once(people: Any, items: Any) -> None:
    member = people["member"]
    assert "team" in titles(member)
    member.groups.clear()
    assert titles(member) == SEEN["outsider"]


def test_a_steward_who_is_no_member_of_the_group_counts_as_one(people: Any, items: Any) -> None:
    assert not items["team"].home_team.members_group.user_set.filter(pk=people["steward"].pk)
    assert "team" in titles(people["steward"])


def test_inactive_people_are_strangers(people: Any, items: Any) -> None:
    people["member"].is_active = False
    assert titles(people["member"]) == {"open"}
    # Whoever asks what an organisation's own members are gets no other answer.
    assert not is_signed_in(people["member"])
    assert not is_signed_in(AnonymousUser())
    assert is_signed_in(people["outsider"])


def test_an_item_whose_people_are_gone_belongs_to_no_stranger(people: Any, items: Any) -> None:
    KnowledgeAssetPage.objects.update(owner=None, holder=None)
    assert titles(AnonymousUser()) == titles(None) == {"open"}
    assert not work_of(KnowledgeAssetPage.objects.all(), AnonymousUser()).exists()
    assert titles(people["member"]) == SEEN["member"]


@pytest.mark.parametrize("role", ["owner", "holder", "manager", "member"])
def test_a_restriction_on_an_ancestor_binds_everybody(role: str, people: Any, items: Any) -> None:
    """Case 24."""
    restriction = PageViewRestriction.objects.create(
        page=items["team"].get_parent(), restriction_type=PageViewRestriction.GROUPS
    )
    assert titles(people[role]) == set()
    restriction.groups.add(items["team"].home_team.members_group)
    expected = SEEN["member"] if role == "member" else set()
    assert titles(people[role]) == expected


def test_moving_below_a_restricted_section_hides_an_item(people: Any, items: Any) -> None:
    section = TeamSectionPageFactory(parent=items["team"].get_parent())
    PageViewRestriction.objects.create(page=section, restriction_type=PageViewRestriction.PASSWORD)
    items["open"].move(Page.objects.get(pk=section.pk), pos="last-child")
    assert "open" not in titles(people["member"])
    assert "open" not in titles(AnonymousUser())


def test_a_shared_password_counts_only_where_it_was_typed(people: Any, items: Any) -> None:
    restriction = PageViewRestriction.objects.create(
        page=items["open"], restriction_type=PageViewRestriction.PASSWORD, password="x"
    )
    pages = KnowledgeAssetPage.objects.all()
    typed = Reader(people["outsider"], frozenset([restriction.pk]))
    assert visible_to(pages, typed).filter(title="open").exists()
    assert not visible_to(pages, people["outsider"]).filter(title="open").exists()


def test_moving_to_another_team_changes_who_sees_it(people: Any, items: Any) -> None:
    space = TeamSpacePageFactory(team=TeamFactory(members=[people["outsider"]]))
    items["team"].move(Page.objects.get(pk=space.pk), pos="last-child")
    assert "team" in titles(people["outsider"])
    assert "team" not in titles(people["member"])


def test_unpublished_items_are_seen_by_nobody_but_are_work_of_their_owner(
    people: Any, items: Any
) -> None:
    items["open"].unpublish()
    assert "open" not in titles(people["superuser"])
    mine = work_of(KnowledgeAssetPage.objects.filter(live=False), people["owner"])
    assert [item.title for item in mine] == ["open"]
    assert not work_of(KnowledgeAssetPage.objects.all(), people["outsider"]).exists()
    assert tokens_of(KnowledgeAssetPage.objects.get(pk=items["open"].pk)) == ()


def test_a_steward_does_not_find_drafts_for_named_people(people: Any, items: Any) -> None:
    found = work_of(KnowledgeAssetPage.objects.all(), people["steward"])
    assert set(found.values_list("title", flat=True)) == set(items) - {"named"}


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ("anonymous", set()),
        ("outsider", set()),
        ("member", set()),
        ("other", set()),
        ("manager", set()),
        ("named", set()),
        ("steward", {"open", "organisation", "team", "shared"}),
        ("owner", {"open", "organisation", "team", "named", "shared"}),
        ("holder", {"open", "organisation", "team", "named", "shared"}),
        ("superuser", {"open", "organisation", "team", "named", "shared"}),
    ],
)
def test_work_is_that_of_owners_and_holders_and_of_stewards_besides_named_people(
    role: str, found: set[str], people: Any, items: Any
) -> None:
    KnowledgeAssetPage.objects.update(live=False)
    rows = KnowledgeAssetPage.objects.all()
    assert set(work_of(rows, people[role]).values_list("title", flat=True)) == found
    stewarded = set(stewarded_by(rows, people[role]).values_list("title", flat=True))
    assert stewarded == (found if role == "steward" else set())
    # To be a member of the team as well makes nobody its steward.
    items["open"].home_team.members_group.user_set.add(people["owner"])
    assert not stewarded_by(rows, UserModel.objects.get(pk=people["owner"].pk)).exists()
    space = items["open"].get_parent()
    PageViewRestriction.objects.create(page=space, restriction_type=PageViewRestriction.GROUPS)
    assert work_of(rows, people[role]).exists() == (role == "superuser")


def test_team_spaces_are_for_the_organisation(people: Any, items: Any, settings: Any) -> None:
    space = Page.objects.filter(pk=items["open"].get_parent().pk)
    same = TeamSpacePage.objects.filter(pk=items["open"].get_parent().pk)
    assert visible_to(space, people["outsider"]).exists()
    assert visible_to(same, people["outsider"]).exists()
    assert not visible_to(space, AnonymousUser()).exists()
    assert not visible_to(same, AnonymousUser()).exists()
    assert visible_to(StandardPage.objects.filter(pk=StandardPageFactory().pk), None).exists()
    settings.KM_ORGANISATION_MEMBER = "tests.pages.test_visibility.nobody"
    assert not visible_to(space, people["outsider"]).exists()
    assert titles(people["outsider"]) == {"open"}
    assert visible_to(space, people["member"]).exists()


def nobody(_user: Any) -> bool:
    return False


def test_ordinary_pages_are_open_unless_restricted(people: Any, items: Any) -> None:
    page = StandardPageFactory()
    assert visible_to(Page.objects.filter(pk=page.pk), None).exists()
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert not visible_to(Page.objects.filter(pk=page.pk), None).exists()
    assert visible_to(Page.objects.filter(pk=page.pk), people["outsider"]).exists()


def test_the_number_of_queries_does_not_grow_with_the_items(people: Any, items: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            list(visible_to(KnowledgeAssetPage.objects.all(), people["member"]))
        return len(seen)

    queries()  # what a person may do is read once and kept on them
    few = queries()
    for _number in range(20):
        KnowledgeAssetPageFactory(team=items["team"].home_team)
    assert queries() == few <= 7
