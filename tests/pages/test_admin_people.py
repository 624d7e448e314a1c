"""Naming people in the admin: by words and addresses, never from a list of everybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from km_pages.visibility import Visibility
from tests.factories import KnowledgeAssetPageFactory, TechniquePageFactory, UserFactory
from tests.pages.adding import World, client_of, make_world
from tests.pages.admin import edit_url, form_of, let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def world(db: Any) -> World:
    world = make_world()
    let_edit(world.team.stewards_group, world.team.space)
    return world


def test_people_are_found_by_words_of_name_and_address_and_closed_accounts_are_not(
    world: World,
) -> None:
    ada = UserFactory(first_name="Ada", last_name="Quill", username="a.q@example.org")
    gone = UserFactory(first_name="Ada", last_name="Quilter", is_active=False)
    client = client_of(world.steward)
    assert "a.q@example.org" in client.get(reverse("km_people:choose")).json()["html"]
    found = client.get(reverse("km_people:choose_results"), {"q": "QUIL example.org"})
    assert "Ada Quill (a.q@example.org)" in found.content.decode()
    assert "Quilter" not in found.content.decode()
    chosen = client.get(reverse("km_people:chosen", args=[ada.pk])).json()["result"]
    assert (chosen["id"], chosen["title"]) == (str(ada.pk), "Ada Quill (a.q@example.org)")
    for wrong in (gone.pk, "x", "9" * 40):
        assert client.get(reverse("km_people:chosen", args=[wrong])).status_code == 404
    several = client.get(reverse("km_people:chosen_multiple"), {"id": [ada.pk, gone.pk, "x"]})
    assert [each["id"] for each in several.json()["result"]] == [str(ada.pk)]


def test_who_may_not_enter_the_admin_is_told_of_nobody(world: World) -> None:
    client = client_of(world.member)
    for address in (reverse("km_people:choose"), reverse("km_people:chosen", args=[1])):
        assert client.get(address).status_code == 302, address


def test_an_editor_names_nobody_who_was_not_chosen_and_is_sent_no_list_of_everybody(
    world: World,
) -> None:
    client = client_of(world.steward)
    item = KnowledgeAssetPageFactory(team=world.team, holder=world.holder)
    technique = TechniquePageFactory(reviewed_by=world.holder)
    let_edit(world.team.stewards_group, technique)
    crowd = [UserFactory(last_name=f"Crowd{number}") for number in range(3)]
    for page in (item, technique):
        html = client.get(edit_url(page)).content.decode()
        assert world.holder.get_username() in html
        assert "Crowd" not in html
        assert crowd[0].get_username() not in html


def test_the_list_asks_as_often_for_many_as_for_few(world: World) -> None:
    client = client_of(world.steward)
    client.get(reverse("km_people:choose"))
    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(reverse("km_people:choose"))
        counts.append(len(asked))
        UserFactory.create_batch(30)
    assert counts[0] == counts[1]


def test_people_who_see_an_item_are_named_by_their_addresses(world: World) -> None:
    client = client_of(world.steward)
    gone = UserFactory(username="gone@example.org", is_active=False)
    item = KnowledgeAssetPageFactory(
        team=world.team, owner=world.steward, holder=None, visibility=Visibility.NAMED
    )
    item.named_people = [world.steward, gone]
    item.save()
    item.save_revision()
    form = form_of(client, edit_url(item))
    stays = f"{world.steward.username}\ngone@example.org"
    assert form["named_people"].split() == stays.split()
    form["named_people"] = f"{stays}\nnobody@example.org"
    answer = client.post(edit_url(item), form)
    assert answer.status_code == 200
    errors = answer.context["form"].errors
    assert errors["named_people"] == [
        "Nobody here has this address: nobody@example.org. Check it, or leave it out."
    ]
    assert "nobody@example.org</textarea>" in answer.content.decode()
    form["named_people"] = f"{stays}, {world.member.username.upper()}"
    assert client.post(edit_url(item), form).status_code == 302
    item.refresh_from_db()
    newest = item.get_latest_revision_as_object()
    assert set(newest.named_people.all()) == {world.steward, gone, world.member}
