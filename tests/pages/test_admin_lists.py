"""What the admin lists: only what the editor may see, with a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.admin.menu import admin_menu
from wagtail.models import Page

from km_pages.models import HomePage, KnowledgeAssetPage, TeamSpacePage
from km_pages.visibility import Visibility
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    StoredFileFactory,
    TeamFactory,
    TeamSpacePageFactory,
    UserFactory,
)
from tests.pages.adding import World, client_of, make_world
from tests.pages.admin import let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

SECRET = "Zebra crossing"
MENU_LETTERS = 12


@pytest.fixture
def world(db: Any) -> World:
    return make_world()


@pytest.fixture
def secret(world: World) -> KnowledgeAssetPage:
    """An item of another team, live, with a changed version and a file."""
    space = TeamSpacePageFactory(team=TeamFactory(name="Elsewhere"))
    item = KnowledgeAssetPageFactory(
        parent=space, title=SECRET, slug="zebra", visibility=Visibility.TEAM, holder=world.holder
    )
    AttachmentFactory(page=item, stored_file=StoredFileFactory(name="zebra.pdf"))
    item.save_revision(log_action=True).publish()
    item = KnowledgeAssetPage.objects.get(pk=item.pk)
    item.holder = None
    item.save_revision(log_action=True)
    return item


@pytest.fixture
def keeper(world: World) -> Any:
    """Somebody with rights on the whole tree, who sees no other team's items all the same."""
    group = Group.objects.create(name="Keepers")
    let_edit(group, HomePage.objects.get())
    user = UserFactory()
    user.groups.add(group)
    return user


def explorer(item: Page) -> str:
    return reverse("wagtailadmin_explore", args=[item.get_parent().pk])


LISTS: dict[str, Callable[[Page], str]] = {
    "explorer": explorer,
    "explorer of results": lambda item: explorer(item) + "results/?q=Zebra",
    "search": lambda _item: reverse("wagtailadmin_pages:search") + "?q=Zebra",
    "chooser": lambda item: reverse("wagtailadmin_choose_page_child", args=[item.get_parent().pk]),
    "chooser search": lambda _item: reverse("wagtailadmin_choose_page_search") + "?q=Zebra",
    "menu": lambda item: f"/admin/api/main/pages/?child_of={item.get_parent().pk}&for_explorer=1",
    "menu, one": lambda item: f"/admin/api/main/pages/?search=Zebra&fields=title&_={item.pk}",
    "aging pages": lambda _item: reverse("wagtailadmin_reports:aging_pages"),
    "site history": lambda _item: reverse("wagtailadmin_reports:site_history"),
    "locked pages": lambda _item: reverse("wagtailadmin_reports:locked_pages"),
    "types usage": lambda _item: reverse("wagtailadmin_reports:page_types_usage"),
    "type use": lambda _item: "/admin/pages/usage/km_pages/knowledgeassetpage/",
    "register of items": lambda _item: "/admin/knowledge-items/",
    "register, as a table": lambda _item: "/admin/knowledge-items/?export=csv",
    "register of files": lambda _item: "/admin/knowledge-files/",
    "home": lambda _item: "/admin/",
}
ACTIONS = {
    "edit": "wagtailadmin_pages:edit",
    "delete": "wagtailadmin_pages:delete",
    "unpublish": "wagtailadmin_pages:unpublish",
    "copy": "wagtailadmin_pages:copy",
    "move": "wagtailadmin_pages:move",
    "history": "wagtailadmin_pages:history",
    "draft": "wagtailadmin_pages:view_draft",
    "usage": "wagtailadmin_pages:usage",
}


@pytest.mark.parametrize("name", LISTS)
def test_no_list_names_an_item_that_the_editor_may_not_see(
    name: str, secret: KnowledgeAssetPage, keeper: Any
) -> None:
    Page.objects.filter(pk=secret.pk).update(locked=True)
    response = client_of(keeper).get(LISTS[name](secret), follow=True)
    assert response.status_code == 200
    shown = b"".join(response.streaming_content) if response.streaming else response.content
    assert SECRET not in shown.decode()
    assert "zebra.pdf" not in shown.decode()


def test_the_same_lists_name_it_to_those_who_may(secret: KnowledgeAssetPage, keeper: Any) -> None:
    TeamSpacePage.objects.get(pk=secret.get_parent().pk).team.members_group.user_set.add(keeper)
    client = client_of(keeper)
    for name in ("explorer", "search", "chooser", "aging pages", "type use", "register of items"):
        shown = client.get(LISTS[name](secret), follow=True).content.decode()
        assert SECRET in shown, name


@pytest.mark.parametrize("name", ACTIONS)
def test_no_address_of_an_unseen_item_opens_in_the_admin(
    name: str, secret: KnowledgeAssetPage, keeper: Any
) -> None:
    response = client_of(keeper).get(reverse(ACTIONS[name], args=[secret.pk]))
    assert response.status_code in (302, 403, 404)
    followed = client_of(keeper).get(reverse(ACTIONS[name], args=[secret.pk]), follow=True)
    assert SECRET not in followed.content.decode()


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "move"])
def test_bulk_actions_neither_name_nor_touch_an_unseen_item(
    action: str, secret: KnowledgeAssetPage, keeper: Any
) -> None:
    client = client_of(keeper)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    for chosen in (f"id={secret.pk}", f"id=all&childOf={secret.get_parent().pk}"):
        shown = client.get(f"{address}?{chosen}&next=/admin/", follow=True).content.decode()
        assert SECRET not in shown
        client.post(f"{address}?{chosen}&next=/admin/", {"next": "/admin/"})
    secret.refresh_from_db()
    assert secret.live


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as made:
        assert client.get(address).status_code == 200
    return len(made)


@pytest.mark.parametrize("address", ["/admin/knowledge-items/", "/admin/knowledge-files/"])
def test_registers_make_as_many_queries_for_many_rows_as_for_one(
    address: str, world: World
) -> None:
    let_edit(world.team.stewards_group, world.team.space)

    def add() -> None:
        item = KnowledgeAssetPageFactory(team=world.team, owner=UserFactory(), holder=UserFactory())
        AttachmentFactory(page=item)

    add()
    client = client_of(world.steward)
    queries(client, address)
    one = queries(client, address)
    for _number in range(10):
        add()
    assert queries(client, address) == one


def test_the_register_filters_by_team_and_date_and_exports_no_formulas(world: World) -> None:
    let_edit(world.team.stewards_group, world.team.space)
    KnowledgeAssetPageFactory(team=world.team, title="=1+1", review_due="2020-01-01")
    KnowledgeAssetPageFactory(team=world.team, title="Fresh", review_due="2999-01-01")
    client = client_of(world.steward)
    overdue = client.get("/admin/knowledge-items/?due=overdue").content.decode()
    assert "=1+1" in overdue
    assert "Fresh" not in overdue
    here = client.get(f"/admin/knowledge-items/?team={world.team.space.pk}").content.decode()
    assert "Fresh" in here
    nowhere = client.get("/admin/knowledge-items/?team=x")
    assert "Fresh" not in nowhere.content.decode()
    table = b"".join(client.get("/admin/knowledge-items/?export=csv").streaming_content).decode()
    assert "'=1+1" in table
    assert client.get("/admin/knowledge-items/?export=xlsx").status_code == 200


def test_every_word_of_the_menu_has_room() -> None:
    """What is longer is cut off where an arrow follows."""
    names = [str(each.label) for each in admin_menu.registered_menu_items]
    assert {"Techniques", "Teams", "Lists", "Registers"} <= set(names)
    assert [each for each in names if len(each) > MENU_LETTERS] == []
