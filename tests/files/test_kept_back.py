"""Who put a file into an item sees there what became of it, while its readers do not know of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from km_pages.file_access import may_open
from km_pages.listings.repository import knowledge_item_context
from km_pages.models import KnowledgeAssetPage, ScanState, StoredFile
from km_pages.visibility import Reader, Visibility
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    StoredFileFactory,
    TeamFactory,
    UserFactory,
)
from tests.files.test_whole_path import settle, share
from tests.pages.adding import client_of, make_world

pytestmark = pytest.mark.django_db

ROLES = (
    "outsider",
    "member",
    "steward",
    "steward of a team it is shared with",
    "manager",
    "owner",
    "owner who is a steward",
    "holder",
    "uploader",
)


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


def people() -> dict[str, Any]:
    made: dict[str, Any] = {name: UserFactory() for name in ROLES}
    made["manager"].user_permissions.add(Permission.objects.get(codename="see_all_teams"))
    made["anonymous"] = AnonymousUser()
    made["superuser"] = UserFactory(is_superuser=True)
    return made


def shown_to(user: Any, item: Any) -> list[StoredFile]:
    """The files that the page of ``item`` shows to ``user`` as kept back."""
    request = RequestFactory().get(item.url)
    request.user = user
    context = knowledge_item_context(KnowledgeAssetPage.objects.get(pk=item.pk), request)
    return [each.stored_file for each in context["kept_back"]]


@pytest.mark.parametrize("visibility", [*Visibility.values, "private"])
@pytest.mark.parametrize("owner", ["owner", "owner who is a steward"])
def test_the_page_of_an_item_names_a_file_to_those_who_may_open_it_unchecked_and_to_nobody_else(
    visibility: str, owner: str
) -> None:
    """To be named on an item makes no steward of somebody, and no steward part of it."""
    everybody = people()
    team = TeamFactory(
        members=[everybody["member"]],
        stewards=[everybody["steward"], everybody["owner who is a steward"]],
    )
    item = KnowledgeAssetPageFactory(
        team=team,
        visibility=Visibility.TEAM if visibility == "private" else visibility,
        owner=everybody[owner],
        holder=everybody["holder"],
        named_people=[everybody["steward"], everybody["member"]],
        shared_with=[TeamFactory(stewards=[everybody["steward of a team it is shared with"]])],
    )
    stored = StoredFileFactory(
        uploader=everybody["uploader"],
        scan_state=ScanState.PENDING,
        private=visibility == "private",
    )
    AttachmentFactory(page=item, stored_file=stored)
    told = {name for name, user in everybody.items() if shown_to(user, item)}
    given = {name for name, user in everybody.items() if may_open(stored, Reader(user))}
    assert told == given
    expected = {"uploader"}
    if visibility != "private":
        expected |= {"superuser"}
    if visibility not in ("private", Visibility.NAMED):
        expected |= {"steward", "owner who is a steward"}
    if visibility == Visibility.NAMED:
        expected |= {owner} - {"owner"}
    assert told == expected


def test_however_many_files_are_kept_back_the_page_asks_as_often() -> None:
    steward = UserFactory()
    asked = []
    for number in (1, 20):
        item = KnowledgeAssetPageFactory(team=TeamFactory(stewards=[steward]))
        for _each in range(number):
            AttachmentFactory(
                page=item, stored_file=StoredFileFactory(scan_state=ScanState.PENDING)
            )
        shown_to(steward, item)  # Types of content are read once and kept.
        with CaptureQueriesContext(connection) as queries:
            assert len(shown_to(steward, item)) == number
        asked.append(len(queries))
    assert asked[0] == asked[1]
