"""Acceptance 7: guessed ids and random names, old links, others' links: all answered alike."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.actions.bin_file import BinFile
from km_pages.actions.store_file import StoreFile
from km_pages.models import KnowledgeAssetPage, ScanState, StoredFile
from km_pages.sweep import sweep
from km_pages.visibility import Visibility
from km_pages.work import run_due_jobs
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory, UserFactory
from tests.files.building import pdf, written
from tests.files.s3_server import Server
from tests.files.test_s3 import asked
from tests.pages.adding import World, client_of, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
PAPER = pdf(written("Ring the laboratory"))


@pytest.fixture
def world() -> World:
    return make_world()


def stored_by(user: Any, **more: Any) -> StoredFile:
    stored = StoreFile(uploader=user, name="rota.pdf", stream=ContentFile(PAPER), **more).execute()
    run_due_jobs()
    stored.refresh_from_db()
    return stored


def shared(world: World) -> StoredFile:
    """A file that the team sees."""
    stored = stored_by(world.author)
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author, title="Early shift")
    AttachmentFactory(page=item, stored_file=stored)
    item.save_revision().publish()
    return stored


def ways(key: Any) -> list[str]:
    """Every address of a file whose public id is ``key``."""
    return [
        reverse("km_pages:file", args=[key, "rota.pdf"]),
        reverse("km_pages:file_shown", args=[key, "rota.pdf"]),
        reverse("km_pages:file_thumbnail", args=[key]),
        reverse("km_pages:file_page", args=[key]),
    ]


# What is made anew for each answer.
ANEW = re.compile(r"(name=\"csrfmiddlewaretoken\" value=\"|csrftoken=|nonce[=-]\"?)[\w-]+")


def answers(client: Client, address: str, key: Any, tag: str) -> Iterator[tuple[Any, ...]]:
    """What can be told from the answers: all of it but the key that was asked for."""
    asked_before = {"Range": "bytes=0-3", "If-None-Match": tag, "If-Range": tag}
    for ask, headers in ((client.get, {}), (client.get, asked_before), (client.head, {})):
        answer = ask(address, headers=headers)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        said = f"{sorted(answer.headers.items())}\n{body.decode()}"
        yield answer.status_code, ANEW.sub("", said.replace(str(key), ""))


def check_alike(person: Any, key: Any, tag: str = '"x"') -> None:
    """``person`` is told by the addresses of ``key`` what any address that never was tells."""
    nobody = isinstance(person, AnonymousUser)
    client, other = (Client() if nobody else client_of(person)), uuid.uuid4()
    for address, never in zip(ways(key), ways(other), strict=True):
        told = list(answers(client, address, key, tag))
        assert told == list(answers(client, never, other, tag)), address
        assert {each[0] for each in told} == {302 if nobody else 404}


def tag_of(stored: StoredFile, person: Any) -> str:
    return str(client_of(person).get(ways(stored.uuid)[0]).headers["ETag"])


def test_guessed_ids_and_names_are_answered_like_what_never_was(world: World) -> None:
    stored = shared(world)
    tag = tag_of(stored, world.member)
    for person in (world.stranger, AnonymousUser()):
        check_alike(person, stored.uuid, tag)
    # The random name in the storage opens nothing, for nobody: not as an id, not as a path.
    folder, _slash, name = str(stored.blob.name).partition("/")
    for person in (world.stranger, world.member, world.author):
        check_alike(person, uuid.UUID(name), tag)
        client = client_of(person)
        for place in ("files", "media", "static", "protected", "documents", "var/files"):
            for path in (f"/{place}/{folder}/{name}", f"/{place}/{name}", f"/{place}/../{name}"):
                assert client.get(path, follow=True).status_code == 404, path
    for key in (stored.pk, stored.sha256, f"{stored.uuid}x", str(stored.uuid)[:-1]):
        assert client_of(world.stranger).get(f"/files/{key}/rota.pdf").status_code == 404


def test_an_old_link_is_answered_like_what_never_was(world: World) -> None:
    stored = shared(world)
    assert client_of(world.member).get(ways(stored.uuid)[0]).status_code == 200
    tag = tag_of(stored, world.member)
    KnowledgeAssetPage.objects.update(visibility=Visibility.NAMED)
    check_alike(world.member, stored.uuid, tag)
    KnowledgeAssetPage.objects.update(visibility=Visibility.TEAM)
    StoredFile.objects.update(scan_state=ScanState.INFECTED)
    check_alike(world.author, stored.uuid, tag)
    StoredFile.objects.update(scan_state=ScanState.UNSCANNED)
    world.team.members_group.user_set.remove(world.member)
    check_alike(world.member, stored.uuid, tag)
    BinFile(stored=stored, by=world.author).execute()
    check_alike(world.holder, stored.uuid, tag)
    StoredFile.objects.update(binned_at=timezone.now() - timedelta(days=31))
    sweep()
    for person in (world.author, world.steward, AnonymousUser()):
        check_alike(person, stored.uuid, tag)


def test_anothers_link_is_answered_like_what_never_was(world: World) -> None:
    upload, private = stored_by(world.author), stored_by(world.author, private=True)
    assert upload.pk != private.pk
    for person in (world.member, world.steward, world.stranger):
        check_alike(person, upload.uuid)
        check_alike(person, private.uuid)
    check_alike(UserFactory(is_superuser=True), private.uuid)


def test_an_old_signed_link_tells_no_more_than_one_to_what_never_was(
    bucket: Server, world: World, settings: Any
) -> None:
    settings.KM_SENDFILE, settings.KM_SIGNED_SECONDS = "signed", 60
    stored = shared(world)
    link = client_of(world.member).get(ways(stored.uuid)[0]).url
    with asked(link) as given:
        assert given.read() == PAPER
    bucket.later = timedelta(seconds=61)
    blob = str(stored.blob.name)
    never = link.replace(blob, f"{blob[:2]}/{uuid.uuid4().hex}")
    refusals = []
    for address in (link, never, link.partition("?")[0], never.partition("?")[0]):
        with asked(address) as refused:
            refusals.append((refused.status, refused.read()))
    assert len(set(refusals)) == 1
    assert refusals[0][0] == 403
    # The way to a new one is closed with the right.
    world.team.members_group.user_set.remove(world.member)
    check_alike(world.member, stored.uuid)
