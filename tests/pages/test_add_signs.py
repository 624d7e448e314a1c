"""Signs of patient data in what is added are shown before it is shared."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, PageLogEntry

from km_pages.models import FilePassage, KnowledgeAssetPage, StoredFile, TextState
from tests.factories import StoredFileFactory
from tests.pages.adding import World, add, the_item

pytestmark = pytest.mark.django_db


def test_signs_of_patient_data_are_shown_masked_before_sharing(ann: Client) -> None:
    """Case 22."""
    notes = "Patient NHS no 943 476 5919 came back."
    answer = add(ann, notes=notes, do="share")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Look again before you share" in text
    assert "••• ••• ••19" in text
    assert not KnowledgeAssetPage.objects.exists()
    assert add(ann, notes=notes).status_code == 302, "a draft may hold it"
    looked = answer.context["signs"].digest
    shared = add(ann, notes=notes, do="share", looked=looked, title="Second")
    assert shared.status_code == 302
    item = KnowledgeAssetPage.objects.get(title="Second")
    entry = item_log(item, "km_pages.looked")
    assert entry.data == {"signs": 1}
    assert "943" not in str(entry.data)


def item_log(item: Page, action: str) -> Any:
    return PageLogEntry.objects.get(page=item.pk, action=action)


def test_who_has_looked_at_one_sign_is_shown_another(ann: Client) -> None:
    first = add(ann, notes="NHS no 943 476 5919", do="share")
    looked = first.context["signs"].digest
    other = add(ann, notes="Password: hunter22", do="share", looked=looked)
    assert other.status_code == 200
    assert not KnowledgeAssetPage.objects.exists()


def test_signs_inside_a_file_are_found_once_it_was_read(world: World, ann: Client) -> None:
    stored = StoredFileFactory(
        uploader=world.author, name="list.pdf", passages=["", "NHS number: 943 476 5919"]
    )
    text = add(ann, kept=[stored.pk], do="share").content.decode()
    assert "In list.pdf, page 2: what looks like an NHS number" in text


def test_a_file_that_is_still_being_read_is_named(
    world: World, ann: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("km_pages.views.add.WAIT_SECONDS", 0.1)
    stored = StoredFileFactory(uploader=world.author, text_state=TextState.WAITING, name="slow.pdf")
    answer = add(ann, kept=[stored.pk], do="share")
    assert "These files are still being read" in answer.content.decode()
    assert "slow.pdf" in answer.content.decode()
    looked = answer.context["signs"].digest
    assert add(ann, kept=[stored.pk], do="share", looked=looked).status_code == 302
    assert the_item().live


def test_a_file_that_is_read_while_one_waits_holds_nobody_up(
    world: World, ann: Client, monkeypatch: Any
) -> None:
    stored = StoredFileFactory(uploader=world.author, text_state=TextState.WAITING)

    def read(_seconds: float) -> None:
        FilePassage.objects.create(stored_file=stored, number=1, label="page 1", text="Words")
        StoredFile.objects.update(text_state=TextState.READ)

    monkeypatch.setattr("km_pages.private_data.time.sleep", read)
    assert add(ann, kept=[stored.pk], do="share").status_code == 302
