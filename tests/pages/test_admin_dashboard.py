"""The first page of the admin says what waits for whom, and nothing about anybody else's."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from km_pages.actions.share_item import ask_holder
from km_pages.models import LinkState, LinkUse, OutsideLink
from tests.factories import KnowledgeAssetPageFactory, TeamSpacePageFactory
from tests.pages.adding import World, client_of, make_world
from tests.pages.admin import let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def world(db: Any) -> World:
    world = make_world()
    let_edit(world.team.stewards_group, world.team.space)
    return world


def fill(world: World, number: int) -> None:
    """One of each kind of work for Stella, steward of Ward 7."""
    here = {"team": world.team}
    draft = KnowledgeAssetPageFactory(
        **here, title=f"Draft {number}", live=False, owner=world.steward
    )
    draft.save_revision(user=world.steward)
    asked = KnowledgeAssetPageFactory(**here, title=f"Asked {number}", live=False, holder=None)
    asked.save_revision(user=world.author)
    ask_holder(asked, world.author)
    late = timezone.localdate() - datetime.timedelta(days=3)
    due = KnowledgeAssetPageFactory(**here, title=f"Late {number}", review_due=late)
    link = OutsideLink.objects.create(
        url=f"https://{number}.example/",
        digest=str(number),
        host=f"{number}.example",
        state=LinkState.DEAD,
    )
    LinkUse.objects.create(link=link, page=due)


def panel_of(user: Any) -> dict[str, Any]:
    response = client_of(user).get("/admin/")
    panel = next(each for each in response.context["panels"] if each.name == "km_waiting")
    return {box.heading: box for box in panel.boxes}


def test_each_kind_of_work_stands_in_its_box(world: World) -> None:
    fill(world, 1)
    boxes = panel_of(world.steward)
    titles = {name: [row.title for row in box.rows] for name, box in boxes.items()}
    assert titles["My drafts"] == ["Draft 1"]
    assert titles["Awaiting me"] == ["Asked 1"]
    assert titles["Due for checking"] == ["Late 1"]
    assert titles["Dead links"] == ["Late 1"]
    assert boxes["Due for checking"].rows[0].note == "overdue"
    shown = client_of(world.steward).get("/admin/").content.decode()
    assert "Draft 1" in shown


def test_another_steward_sees_none_of_it_and_is_told_that_all_is_well(world: World) -> None:
    fill(world, 1)
    space = TeamSpacePageFactory()
    let_edit(space.team.stewards_group, space)
    space.team.stewards_group.user_set.add(world.stranger)
    assert not any(box.number for box in panel_of(world.stranger).values())
    shown = client_of(world.stranger).get("/admin/").content.decode()
    assert "Nothing waits for you." in shown


def test_it_makes_as_many_queries_for_much_work_as_for_little(world: World) -> None:
    client = client_of(world.steward)

    def count() -> int:
        with CaptureQueriesContext(connection) as made:
            client.get("/admin/")
        return len(made)

    fill(world, 1)
    count()
    one = count()
    for number in range(2, 12):
        fill(world, number)
    assert count() == one


def test_pages_that_one_may_not_see_any_more_are_neither_counted_nor_listed(world: World) -> None:
    item = KnowledgeAssetPageFactory(team=world.team, title="Left behind", visibility="named")
    item.named_people = [world.steward]
    item.save_revision(user=world.steward, log_action=True).publish()
    client = client_of(world.steward)
    before = client.get("/admin/").content.decode()
    assert "Left behind" in before
    item.named_people = []
    item.save_revision(user=world.author).publish()
    after = client.get("/admin/").content.decode()
    assert "Left behind" not in after
