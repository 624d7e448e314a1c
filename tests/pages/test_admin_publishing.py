"""Publishing in the admin: nobody publishes past the holder, and nothing typed is lost."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry
from wagtail.test.utils.form_data import nested_form_data, streamfield

from km_pages.models import ApprovalState, HolderApproval, KnowledgeAssetPage, TechniqueFormat
from km_pages.visibility import Visibility
from tests.factories import KnowledgeAssetPageFactory, TechniquePageFactory, UserFactory
from tests.pages.adding import World, client_of, make_workflow, make_world
from tests.pages.admin import edit_url, form_of, let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

NUMBER = "943 476 5919"


@pytest.fixture
def world(db: Any) -> World:
    world = make_world()
    let_edit(world.team.stewards_group, world.team.space)
    return world


def draft(world: World, **values: Any) -> KnowledgeAssetPage:
    """An item that is not published, with one version."""
    values = {"holder": world.holder, "owner": world.author, **values}
    item = KnowledgeAssetPageFactory(team=world.team, live=False, **values)
    item.save_revision()
    return item


def press(user: Any, item: Page, button: str = "action-publish", **values: Any) -> Any:
    """The answer to a button of the editor, followed to the page it leads to."""
    client = client_of(user)
    form = form_of(client, edit_url(item))
    form.update({button: "1", **values})
    return client.post(edit_url(item), form, follow=True)


def words_of(response: Any) -> str:
    return " ".join(str(each) for each in response.context["messages"])


def test_a_steward_cannot_publish_past_the_holder_and_keeps_what_was_typed(world: World) -> None:
    item = draft(world)
    response = press(world.steward, item, title="A better name")
    assert response.redirect_chain[-1][0] == edit_url(item)
    assert "Henry Example has not agreed" in words_of(response)
    item.refresh_from_db()
    assert not item.live
    assert item.get_latest_revision_as_object().title == "A better name"


def test_once_the_holder_has_agreed_it_is_published(world: World) -> None:
    item = draft(world)
    HolderApproval.objects.create(
        page=item,
        holder=world.holder,
        visibility=Visibility.TEAM,
        state=ApprovalState.APPROVED,
        decided_at=timezone.now(),
    )
    press(world.steward, item)
    item.refresh_from_db()
    assert item.live


def test_a_steward_publishes_what_has_no_holder_and_that_counts_as_their_word(
    world: World,
) -> None:
    item = draft(world, holder=None)
    press(world.steward, item)
    item.refresh_from_db()
    assert item.live
    assert HolderApproval.objects.approved().filter(page=item).exists()


def test_a_schedule_needs_the_same_word(world: World) -> None:
    item = draft(world)
    later = timezone.now() + datetime.timedelta(days=3)
    response = press(world.steward, item, go_live_at=later.strftime("%Y-%m-%d %H:%M"))
    assert "has not agreed" in words_of(response)
    assert item.scheduled_revision is None
    agreed = draft(world, holder=None)
    press(world.steward, agreed, go_live_at=later.strftime("%Y-%m-%d %H:%M"))
    assert agreed.scheduled_revision is not None


def test_a_new_item_is_a_draft_until_it_may_be_published(world: World) -> None:
    client = client_of(world.steward)
    address = reverse(
        "wagtailadmin_pages:add", args=["km_pages", "knowledgeassetpage", world.team.space.pk]
    )
    form = form_of(client, address)
    form.update({"title": "New", "slug": "new", "holder": str(world.holder.pk)})
    form.update({"action-publish": "1"})
    response = client.post(address, form, follow=True)
    assert "has not agreed" in words_of(response)
    item = KnowledgeAssetPage.objects.get(slug="new")
    assert not item.live
    assert response.redirect_chain[-1][0] == edit_url(item)


def test_of_many_pages_none_is_published_where_one_may_not_be(world: World) -> None:
    good, bad = draft(world, holder=None, title="Good"), draft(world, title="Bad")
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client = client_of(world.steward)
    address += f"?id={good.pk}&id={bad.pk}"
    response = client.post(address, {"next": "/admin/"}, follow=True)
    assert "Bad: Henry Example has not agreed" in words_of(response)
    assert not KnowledgeAssetPage.objects.filter(pk__in=[good.pk, bad.pk], live=True).exists()
    below = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    below += f"?id={world.team.space.pk}"
    response = client.post(below, {"next": "/admin/", "include_descendants": "on"}, follow=True)
    assert "Nothing was published" in words_of(response)
    assert not KnowledgeAssetPage.objects.filter(pk__in=[good.pk, bad.pk], live=True).exists()
    alone = address.replace(f"&id={bad.pk}", "")
    client.post(alone, {"next": "/admin/"})
    good.refresh_from_db()
    assert good.live


def test_signs_of_patient_data_ask_a_steward_for_a_reason_that_is_kept(world: World) -> None:
    item = draft(world, holder=None, summary=f"NHS number {NUMBER}.")
    response = press(world.steward, item)
    ask = reverse("km_share_anyway", args=[item.pk])
    assert response.redirect_chain[-1][0] == ask
    shown = response.content.decode()
    assert "patient or a private person" in shown
    assert NUMBER not in shown
    item.refresh_from_db()
    assert not item.live
    client = client_of(world.steward)
    seen = item.latest_revision_id
    answer = client.post(ask, {"reason": " ", "seen": seen})
    assert "Say in a few words" in answer.content.decode()
    answer = client.post(ask, {"reason": "It is a test number", "seen": 1})
    assert "It is a test number" in answer.content.decode()
    item.refresh_from_db()
    assert not item.live
    client.post(ask, {"reason": "It is a test number", "seen": seen})
    item.refresh_from_db()
    assert item.live
    entry = PageLogEntry.objects.get(page_id=item.pk, action="km_pages.looked")
    assert entry.user == world.steward
    assert entry.comment == "It is a test number"
    # What was answered for once is not asked again.
    press(world.steward, item)
    assert PageLogEntry.objects.filter(page_id=item.pk, action="km_pages.looked").count() == 1


def test_saving_a_draft_with_signs_warns_and_stops_nothing(world: World) -> None:
    item = draft(world, summary=f"NHS number {NUMBER}.")
    response = press(world.steward, item, "action-save")
    assert "patient or a private person" in words_of(response)


def test_nobody_shares_anyway_who_may_not_publish(world: World) -> None:
    item = draft(world, holder=None, summary=f"NHS number {NUMBER}.")
    ask = reverse("km_share_anyway", args=[item.pk])
    assert client_of(world.member).get(ask).status_code == 302
    let_edit(world.team.members_group, world.team.space, rights=("add_page",))
    response = client_of(world.member).post(
        ask, {"reason": "I like to", "seen": item.latest_revision_id}, follow=True
    )
    assert "cannot publish" in words_of(response)
    item.refresh_from_db()
    assert not item.live


def test_an_approver_cannot_widen_what_the_holder_agreed_to(world: World) -> None:
    make_workflow()
    item = draft(world, visibility=Visibility.ORGANISATION)
    HolderApproval.objects.create(
        page=item,
        holder=world.holder,
        visibility=Visibility.ORGANISATION,
        state=ApprovalState.APPROVED,
        decided_at=timezone.now(),
    )
    item.get_workflow().start(item, world.author)
    response = press(
        world.steward,
        item,
        "action-workflow-action",
        visibility="open",
        **{"workflow-action-name": "approve"},
    )
    assert "has not agreed to this audience" in words_of(response)
    item.refresh_from_db()
    assert not item.live
    assert item.get_latest_revision_as_object().visibility == Visibility.OPEN
    press(
        world.steward,
        item,
        "action-workflow-action",
        visibility="organisation",
        **{"workflow-action-name": "approve"},
    )
    item.refresh_from_db()
    assert item.live


def test_a_copy_of_an_item_begins_as_a_draft_and_a_team_space_is_not_copied(world: World) -> None:
    item = KnowledgeAssetPageFactory(team=world.team)
    client = client_of(world.steward)
    address = reverse("wagtailadmin_pages:copy", args=[item.pk])
    values = {"new_title": "Twin", "new_slug": "twin", "new_parent_page": world.team.space.pk}
    for wide in ("publish_copies", "alias"):
        response = client.post(address, {**values, wide: "on"}, follow=True)
        assert "begins as a draft" in words_of(response)
        assert not KnowledgeAssetPage.objects.filter(slug="twin").exists()
    client.post(address, values)
    assert not KnowledgeAssetPage.objects.get(slug="twin").live
    boss = client_of(UserFactory(is_superuser=True))
    space = reverse("wagtailadmin_pages:copy", args=[world.team.space.pk])
    assert "cannot be copied" in words_of(boss.get(space, follow=True))


def test_steps_outside_the_minutes_are_said_and_do_not_stop_publishing(db: Any) -> None:
    technique = TechniquePageFactory(live=False)
    step = {"title": "Talk", "minutes": 90, "who": "", "instruction": "Talk.", "prompt": ""}
    technique.formats = [
        TechniqueFormat(kind="short", minutes_min=20, minutes_max=45, steps=[("step", step)])
    ]
    technique.save()
    assert technique.format_warnings == [
        "Short: the steps take 90 minutes, but the format takes 20 to 45. It was saved as it is."
    ]


def test_what_looks_odd_is_said_once_for_each_press_of_a_button(db: Any) -> None:
    technique = TechniquePageFactory(live=False)
    technique.formats = [TechniqueFormat(kind="short", minutes_min=20, minutes_max=45)]
    technique.save_revision()
    step = {"title": "Talk", "minutes": "90", "who": "", "instruction": "Talk.", "prompt": ""}
    steps = nested_form_data({"formats-0-steps": streamfield([("step", step)])})
    boss = UserFactory(is_superuser=True)
    for button in ("action-publish", "action-save"):
        said = words_of(press(boss, technique, button, **steps))
        assert said.count("the steps take 90 minutes") == 1, button
