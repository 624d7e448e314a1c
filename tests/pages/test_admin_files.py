"""The chooser of files in the admin: usable, and silent about other teams' files."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from km_pages.models import ScanState, StoredFile, TextState
from km_pages.visibility import Visibility
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    StoredFileFactory,
    TeamSpacePageFactory,
)
from tests.pages.adding import World, client_of, make_world
from tests.pages.admin import edit_url, form_of, let_edit

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def world(db: Any) -> World:
    world = make_world()
    let_edit(world.team.stewards_group, world.team.space)
    return world


@pytest.fixture
def theirs(world: World) -> StoredFile:
    """A file of another team that Stella may not see."""
    other = TeamSpacePageFactory(title="Elsewhere")
    item = KnowledgeAssetPageFactory(parent=other, visibility=Visibility.TEAM)
    stored = StoredFileFactory(name="secret-plans.pdf")
    AttachmentFactory(page=item, stored_file=stored)
    return stored


def test_the_chooser_offers_ones_own_and_what_one_sees_with_size_and_state(
    world: World, theirs: StoredFile
) -> None:
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author)
    AttachmentFactory(page=item, stored_file=StoredFileFactory(name="ward-rota.pdf"))
    StoredFileFactory(
        name="locked.pdf",
        uploader=world.steward,
        text_state=TextState.UNREADABLE,
        reason="it is protected by a password",
    )
    StoredFileFactory(name="virus.pdf", uploader=world.steward, scan_state=ScanState.INFECTED)
    StoredFileFactory(name="unchecked.pdf", scan_state=ScanState.PENDING)
    client = client_of(world.steward)
    shown = client.get(reverse("km_files:choose")).json()["html"]
    assert "ward-rota.pdf" in shown
    assert "locked.pdf" in shown
    assert "it is protected by a password" in shown
    assert "21 bytes" in shown
    for hidden in ("secret-plans.pdf", "virus.pdf", "unchecked.pdf"):
        assert hidden not in shown, hidden
    found = client.get(reverse("km_files:choose_results"), {"q": "rota WARD"})
    assert "ward-rota.pdf" in found.content.decode()
    assert "locked.pdf" not in found.content.decode()


def test_another_teams_file_cannot_be_chosen_by_guessing_its_key(
    world: World, theirs: StoredFile
) -> None:
    client = client_of(world.steward)
    assert client.get(reverse("km_files:chosen", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("km_files:chosen", args=["x"])).status_code == 404
    several = client.get(reverse("km_files:chosen_multiple"), {"id": [theirs.pk, "x"]})
    assert several.json()["result"] == []


def test_another_teams_file_cannot_be_attached_nor_its_name_be_read_by_sending_its_key(
    world: World, theirs: StoredFile
) -> None:
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.steward)
    client = client_of(world.steward)
    form = form_of(client, edit_url(item))
    form.update(
        {
            "attachments-TOTAL_FORMS": "1",
            "attachments-0-stored_file": str(theirs.pk),
            "attachments-0-title": "Mine now",
            "attachments-0-ORDER": "1",
            "attachments-0-DELETE": "",
            "attachments-0-id": "",
        }
    )
    response = client.post(edit_url(item), form)
    assert response.status_code == 200
    shown = response.content.decode()
    assert "Mine now" in shown
    assert "secret-plans" not in shown
    item.refresh_from_db()
    assert not item.get_latest_revision_as_object().attachments.exists()


def test_an_editor_keeps_the_files_that_the_item_has_and_adds_their_own(world: World) -> None:
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author)
    had = AttachmentFactory(
        page=item,
        stored_file=StoredFileFactory(name="had.pdf", scan_state=ScanState.PENDING),
        sort_order=0,
    )
    mine = StoredFileFactory(name="mine.pdf", uploader=world.steward)
    client = client_of(world.steward)
    form = form_of(client, edit_url(item))
    assert form["attachments-0-stored_file"] == str(had.stored_file_id)
    form.update(
        {
            "attachments-TOTAL_FORMS": "2",
            "attachments-1-stored_file": str(mine.pk),
            "attachments-1-title": "",
            "attachments-1-ORDER": "2",
            "attachments-1-DELETE": "",
            "attachments-1-id": "",
        }
    )
    response = client.post(edit_url(item), form)
    assert response.status_code == 302
    item.refresh_from_db()
    kept = item.get_latest_revision_as_object().attachments.all()
    assert [each.stored_file.name for each in kept] == ["had.pdf", "mine.pdf"]


def test_an_upload_is_stored_like_one_of_the_public_side_and_refused_in_words(
    world: World,
) -> None:
    client = client_of(world.steward)
    good = SimpleUploadedFile("notes.txt", b"The spare key hangs behind the door.")
    answer = client.post(reverse("km_files:create"), {"file": good}).json()
    stored = StoredFile.objects.get(name="notes.txt")
    assert answer["result"]["id"] == str(stored.pk)
    assert answer["result"]["title"] == "notes.txt, 36 bytes, Waiting to be read"
    assert stored.uploader == world.steward
    bad = SimpleUploadedFile("run.exe", b"MZ\x90\x00" + b"\x00" * 100)
    answer = client.post(reverse("km_files:create"), {"file": bad}).json()
    assert answer["step"] == "reshow_creation_form"
    assert "programs can harm computers" in answer["htmlFragment"]
    assert not StoredFile.objects.filter(name="run.exe").exists()


def test_who_may_not_enter_the_admin_gets_nothing_of_the_chooser(world: World) -> None:
    client = client_of(world.member)
    for name in ("choose", "choose_results", "chosen_multiple", "create"):
        assert client.get(reverse(f"km_files:{name}")).status_code == 302, name
