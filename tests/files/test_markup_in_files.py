"""Markup in names, titles and words of files stays text wherever they are shown."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from km_pages.actions.store_file import StoreFile
from km_pages.models import StoredFile
from km_pages.work import run_due_jobs
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory, UserFactory
from tests.pages.adding import client_of, make_world

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(20)</script>"


def test_markup_in_a_file_is_inert_on_its_page_its_item_and_in_the_admin() -> None:
    """Case 20, for files: name, titles, author, reason and words."""
    world = make_world()
    item = KnowledgeAssetPageFactory(
        team=world.team, owner=world.author, title=EVIL, summary=f"Notes {EVIL}"
    )
    words = ContentFile(f"Ring the laboratory. {EVIL}".encode())
    stored = StoreFile(uploader=world.author, name="notes.txt", stream=words).execute()
    AttachmentFactory(page=item, stored_file=stored, title=f"Title {EVIL}")
    item.save_revision().publish()
    run_due_jobs()
    StoredFile.objects.update(
        name=f"{EVIL}.txt", document_title=EVIL, document_author=EVIL, reason=EVIL, truncated=True
    )
    admin = UserFactory(is_superuser=True, is_staff=True)
    for user, address in (
        (world.member, reverse("km_pages:file_page", args=[stored.uuid])),
        (world.member, item.url),
        (admin, reverse("km_file_work")),
    ):
        shown = client_of(user).get(address).content.decode()
        assert "alert(20)" in shown
        assert EVIL not in shown
