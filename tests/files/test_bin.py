"""Deleting a file: gone from readers and index at once, for good after a month, and back before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from km_pages.actions.store_file import StoreFile
from km_pages.drain import drain
from km_pages.models import FilePassage, KnowledgeAssetPage, StoredFile
from km_pages.sweep import sweep
from km_pages.work import run_due_jobs
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory, UserFactory
from tests.pages.adding import World, client_of, make_world
from tests.pages.indexing import found_by

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def shared(world: World) -> StoredFile:
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author, title="Early shift")
    stored = StoreFile(
        uploader=world.author, name="notes.txt", stream=ContentFile(b"Ring the laboratory.")
    ).execute()
    AttachmentFactory(page=item, stored_file=stored)
    item.save_revision().publish()
    run_due_jobs()
    drain()
    stored.refresh_from_db()
    return stored


def post(user: Any, stored: StoredFile, do: str) -> int:
    address = reverse("km_pages:delete_file", args=[stored.uuid])
    return client_of(user).post(address, {"do": do}).status_code


def finds(world: World) -> int:
    drain()
    return len(found_by(world.member, "laboratory").hits)


def gets(user: Any, stored: StoredFile) -> int:
    return client_of(user).get(reverse("km_pages:file_page", args=[stored.uuid])).status_code


def test_a_deleted_file_is_found_by_nobody_and_can_be_brought_back() -> None:
    world = make_world()
    stored = shared(world)
    assert finds(world) == 1
    assert [post(each, stored, "bin") for each in (world.member, world.stranger)] == [404, 404]
    assert post(world.steward, stored, "bin") == 302
    assert finds(world) == 0
    assert (gets(world.member, stored), gets(world.author, stored)) == (404, 200)
    item = KnowledgeAssetPage.objects.get()
    assert "notes.txt" not in client_of(world.member).get(item.url).content.decode()
    assert sweep().files == 0
    assert post(world.author, stored, "back") == 302
    assert finds(world) == 1
    assert gets(world.member, stored) == 200


def test_after_a_month_bytes_and_words_are_gone_and_older_versions_still_open(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    world = make_world()
    stored = shared(world)
    post(world.author, stored, "bin")
    StoredFile.objects.update(binned_at=timezone.now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep().files == 1
    assert not FilePassage.objects.exists()
    assert [each for each in (tmp_path / "files").rglob("*") if each.is_file()] == []
    left = StoredFile.objects.get()
    assert (left.sha256, left.size, str(left.blob)) == ("", 0, "")
    assert [gets(each, stored) for each in (world.author, world.steward)] == [404, 404]
    item = KnowledgeAssetPage.objects.get()
    assert item.attachments.count() == 0
    # A version that named it can still be opened and published.
    item.latest_revision.as_object().save_revision().publish()
    assert client_of(world.member).get(item.url).status_code == 200
    assert finds(world) == 0


def test_what_was_in_use_is_kept_for_a_month_after_its_item_was_deleted() -> None:
    world = make_world()
    stored = shared(world)
    StoredFile.objects.update(created_at=timezone.now() - timedelta(days=400))
    sweep()
    KnowledgeAssetPage.objects.get().delete()
    assert sweep().files == 0
    StoredFile.objects.update(unused_since=timezone.now() - timedelta(days=31))
    assert sweep().files == 1
    assert not StoredFile.objects.filter(pk=stored.pk).exists()


def test_what_was_never_put_to_use_goes_after_a_week() -> None:
    stored = StoreFile(
        uploader=UserFactory(), name="a.txt", stream=ContentFile(b"Words.")
    ).execute()
    eight_days_ago = timezone.now() - timedelta(days=8)
    assert sweep().files == 0
    StoredFile.objects.filter(pk=stored.pk).update(
        created_at=eight_days_ago, unused_since=eight_days_ago
    )
    assert sweep().files == 1
