"""A technique is copied as a variant: related, unchecked, in no framework, and a draft."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import (
    Framework,
    FrameworkEntry,
    RelatedTechnique,
    TechniqueFormat,
    TechniqueIndexPage,
    TechniquePage,
)
from tests.factories import TechniquePageFactory, UserFactory
from tests.pages.adding import client_of
from tests.pages.admin import edit_url, let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def technique(db: Any) -> TechniquePage:
    page = TechniquePageFactory(title="Fishbowl", last_reviewed=timezone.localdate())
    other = TechniquePageFactory(title="Peer assist")
    page.formats = [TechniqueFormat(kind="short", minutes_min=20, minutes_max=45)]
    page.related_links = [RelatedTechnique(other=other, relation="combines")]
    framework = Framework.objects.create(name="A set", slug="a-set")
    page.framework_entries = [FrameworkEntry(framework=framework)]
    page.save_revision().publish()
    return page


@pytest.fixture
def editor(technique: TechniquePage) -> Any:
    group = Group.objects.create(name="Guides")
    let_edit(group, TechniqueIndexPage.objects.get())
    user = UserFactory()
    user.groups.add(group)
    return user


def test_the_variant_is_a_related_draft_that_nobody_has_checked(
    technique: TechniquePage, editor: Any
) -> None:
    client = client_of(editor)
    address = reverse("km_copy_as_variant", args=[technique.pk])
    assert address in client.get(edit_url(technique)).content.decode()
    assert "Fishbowl, our way" in client.get(address).content.decode()
    response = client.post(address, {"title": "Fishbowl on the ward"})
    copy = TechniquePage.objects.get(title="Fishbowl on the ward")
    assert response.url == edit_url(copy)
    assert client.get(edit_url(copy)).status_code == 200
    newest = copy.get_latest_revision_as_object()
    assert not copy.live
    assert copy.owner == editor
    assert newest.last_reviewed is None
    assert newest.formats.count() == 1
    assert newest.framework_entries.count() == 0
    related = [(each.other.title, each.relation) for each in newest.related_links.all()]
    assert related == [("Fishbowl", "variant"), ("Peer assist", "combines")]


def test_it_is_the_newest_version_that_is_copied_and_not_its_dates(
    technique: TechniquePage, editor: Any
) -> None:
    newest = technique.get_latest_revision_as_object()
    newest.purpose = "To hear the quiet ones"
    newest.formats = [*newest.formats.all(), TechniqueFormat(kind="online", minutes_min=30)]
    newest.go_live_at = timezone.now() + datetime.timedelta(days=3)
    newest.save_revision(user=editor)
    address = reverse("km_copy_as_variant", args=[technique.pk])
    client_of(editor).post(address, {"title": "Fishbowl on the ward"})
    copy = TechniquePage.objects.get(title="Fishbowl on the ward").get_latest_revision_as_object()
    assert copy.purpose == "To hear the quiet ones"
    assert [each.kind for each in copy.formats.all()] == ["short", "online"]
    assert copy.go_live_at is None
    original = TechniquePage.objects.get(pk=technique.pk).get_latest_revision_as_object()
    assert original.formats.count() == 2, "the original keeps what is its own"


def test_the_original_names_its_variant_once_that_is_published(
    technique: TechniquePage, editor: Any
) -> None:
    address = reverse("km_copy_as_variant", args=[technique.pk])
    client_of(editor).post(address, {"title": "Fishbowl on the ward"})
    assert "Fishbowl on the ward" not in Client().get(technique.url).content.decode()
    TechniquePage.objects.get(title="Fishbowl on the ward").latest_revision.publish()
    shown = Client().get(technique.url).content.decode()
    assert "Other versions" in shown
    assert "Fishbowl on the ward" in shown


@pytest.mark.parametrize("title", ["", "  ", "fishbowl", "—", "x" * 256])
def test_a_name_that_cannot_be_used_is_said_at_its_field(
    technique: TechniquePage, editor: Any, title: str
) -> None:
    address = reverse("km_copy_as_variant", args=[technique.pk])
    response = client_of(editor).post(address, {"title": title})
    assert response.status_code == 200
    assert "error-message" in response.content.decode()
    assert TechniquePage.objects.count() == 2


def test_who_may_not_add_techniques_makes_no_variant(technique: TechniquePage) -> None:
    group = Group.objects.create(name="Elsewhere")
    let_edit(group, TechniquePageFactory(title="Only this"))
    user = UserFactory()
    user.groups.add(group)
    address = reverse("km_copy_as_variant", args=[technique.pk])
    client_of(user).post(address, {"title": "Mine"})
    assert not TechniquePage.objects.filter(title="Mine").exists()
