"""The public form sent twice, or by two at once: added once, and who is late is told."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Revision

from km_pages.models import KnowledgeAssetPage
from tests.factories import KnowledgeAssetPageFactory
from tests.pages.adding import World, add, client_of, the_item, typed

pytestmark = pytest.mark.django_db

ADD = "/add/"


def test_the_same_form_sent_twice_is_added_once(ann: Client) -> None:
    """Case 39."""
    key = str(uuid.uuid4())
    first, second = (add(ann, key=key, do="share") for _n in range(2))
    item = the_item()
    assert first.headers["Location"] == second.headers["Location"]
    text = ann.get(second.headers["Location"]).content.decode()
    assert "You have sent this already" in text
    assert Revision.objects.for_instance(item).count() == 1
    assert add(ann, do="share").status_code == 302
    assert KnowledgeAssetPage.objects.count() == 2


def test_the_same_form_saved_twice_is_one_draft(ann: Client) -> None:
    """Case 39: the back button."""
    key = str(uuid.uuid4())
    add(ann, key=key)
    add(ann, key=key, title="With another title")
    assert the_item().title == "With another title"


def test_a_key_of_somebody_elses_item_changes_nothing_of_it(world: World, ann: Client) -> None:
    theirs = KnowledgeAssetPageFactory(team=world.team, owner=world.member, title="Theirs")
    add(ann, key=str(theirs.identifier))
    theirs.refresh_from_db()
    mine = KnowledgeAssetPage.objects.get(owner=world.author)
    assert theirs.title == "Theirs"
    assert mine.identifier != theirs.identifier


def test_each_form_has_a_key_of_its_own(ann: Client) -> None:
    keys = {ann.get(ADD).context["form"]["key"].value() for _n in range(2)}
    assert len(keys) == 2


def test_of_two_who_change_one_draft_the_second_is_told(world: World, ann: Client) -> None:
    """Case 39."""
    add(ann, holder=world.holder.pk)
    item = the_item()
    url = reverse("km_pages:edit_draft", args=[item.pk])
    seen = ann.get(url).context["seen"]
    henry = client_of(world.holder)
    henry.post(url, typed(title="Henry's words", holder="me", seen=seen))
    late = ann.post(url, typed(title="Ann's words", holder=world.holder.pk, seen=seen))
    assert late.status_code == 422
    text = late.content.decode()
    assert "Somebody has changed this since you opened it" in text
    assert "Ann&#x27;s words" in text
    assert the_item().title == "Henry's words"
    seen = late.context["seen"]
    ann.post(url, typed(title="Ann's words", holder=world.holder.pk, seen=seen))
    assert the_item().title == "Ann's words"
