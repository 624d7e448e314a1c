"""A draft is for its owner and holder alone, and only a form with its token changes anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, Revision

from km_pages.models import HolderApproval, KnowledgeAssetPage
from tests.pages.adding import World, add, client_of, the_item, typed

pytestmark = pytest.mark.django_db

ADD = "/add/"


def test_a_draft_is_nobody_elses_business(world: World, ann: Client) -> None:
    add(ann)
    item = the_item()
    for who in (world.member, world.stranger, world.steward):
        client = client_of(who)
        for name in ("edit_draft", "sent", "delete_draft"):
            url = reverse(f"km_pages:{name}", args=[item.pk])
            assert client.get(url).status_code == 404
            assert client.post(url, typed(title="Mine now")).status_code in (404, 405)
        take = reverse("km_pages:take_back", args=[item.pk])
        assert client.post(take).status_code == 404
    assert ann.get(f"/add/{10**17}/").status_code == 404
    assert ann.get(f"/add/{10**30}/").status_code == 404
    for url in (ADD, reverse("km_pages:edit_draft", args=[item.pk]), reverse("km_pages:my_page")):
        assert "/account/sign-in/" in Client().get(url).headers["Location"]
    assert the_item().title == "How to restart the label printer"


def test_a_draft_is_deleted_after_asking(world: World, ann: Client) -> None:
    add(ann, holder=world.holder.pk)
    url = reverse("km_pages:delete_draft", args=[the_item().pk])
    assert "Delete this draft?" in ann.get(url).content.decode()
    assert KnowledgeAssetPage.objects.exists()
    assert client_of(world.holder).post(url).status_code == 404
    ann.post(url)
    assert not KnowledgeAssetPage.objects.exists()


def test_what_was_shared_is_not_deleted_as_a_draft(ann: Client) -> None:
    add(ann, do="share")
    answer = ann.post(reverse("km_pages:delete_draft", args=[the_item().pk]), follow=True)
    assert "It has been shared already" in answer.content.decode()
    assert the_item().live


def test_opening_a_page_changes_nothing(world: World, ann: Client) -> None:
    """Case 29."""
    add(ann, holder=world.holder.pk, do="share")
    item = the_item()
    approval = HolderApproval.objects.get()
    before = state()
    for client in (ann, client_of(world.holder), client_of(world.steward)):
        for name, args in (
            ("add", []),
            ("add_lesson", []),
            ("edit_draft", [item.pk]),
            ("sent", [item.pk]),
            ("delete_draft", [item.pk]),
            ("take_back", [item.pk]),
            ("approvals", []),
            ("holder_approval", [approval.pk]),
            ("my_page", []),
        ):
            client.get(reverse(f"km_pages:{name}", args=args) + "?do=approve&looked=yes")
    assert state() == before


def state() -> list[Any]:
    return [
        *Page.objects.order_by("pk").values_list("pk", "live", "latest_revision", "title"),
        *HolderApproval.objects.values_list("pk", "state"),
        Revision.objects.count(),
    ]


def test_every_form_needs_its_token(world: World, ann: Client) -> None:
    """Case 29."""
    add(ann, holder=world.holder.pk, do="share")
    item, approval = the_item(), HolderApproval.objects.get()
    before = state()
    for who, name, args in (
        (world.author, "add", []),
        (world.author, "add_lesson", []),
        (world.author, "edit_draft", [item.pk]),
        (world.author, "take_back", [item.pk]),
        (world.author, "delete_draft", [item.pk]),
        (world.holder, "holder_approval", [approval.pk]),
    ):
        strict = client_of(who, enforce_csrf_checks=True)
        answer = strict.post(reverse(f"km_pages:{name}", args=args), typed(do="approve"))
        assert answer.status_code == 403, name
    assert state() == before
