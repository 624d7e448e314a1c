"""Who put a file into an item sees there what became of it, while its readers do not know of it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from km_pages.models import KnowledgeAssetPage, ScanState, StoredFile
from tests.files.test_whole_path import settle, share
from tests.pages.adding import client_of, make_world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ScanState.PENDING, "Waiting to be checked for viruses"),
        (ScanState.ERROR, "Could not be checked"),
        (ScanState.INFECTED, "A virus was found"),
    ],
)
def test_uploader_and_stewards_see_what_became_of_a_file_and_readers_do_not_know_of_it(
    state: ScanState, words: str
) -> None:
    world = make_world()
    stored = share(world, "quillwort.txt", b"Under the blue pot")
    settle()
    item = KnowledgeAssetPage.objects.get()
    StoredFile.objects.update(scan_state=state)
    seen = {
        name: client_of(getattr(world, name)).get(item.url).content.decode()
        for name in ("author", "steward", "member")
    }
    for name in ("author", "steward"):
        assert "quillwort.txt" in seen[name]
        assert words in seen[name]
        # Nothing to press: who may open it does so from where they manage it.
        assert str(stored.uuid) not in seen[name]
    assert "quillwort.txt" not in seen["member"].replace(item.title, "")
    assert words not in seen["member"]


def test_what_is_in_the_bin_does_not_stand_in_the_item() -> None:
    world = make_world()
    share(world, "quillwort.txt", b"Under the blue pot")
    settle()
    item = KnowledgeAssetPage.objects.get()
    assert "Only who uploaded" not in client_of(world.author).get(item.url).content.decode()
    StoredFile.objects.update(binned_at=timezone.now())
    assert "Only who uploaded" not in client_of(world.author).get(item.url).content.decode()
