"""Giving a file out: downloads, frames, small pictures, parts of it, and nothing to others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from km_pages.actions.store_file import StoreFile
from km_pages.models import ScanState, StoredFile
from km_pages.work import run_due_jobs
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory
from tests.files.building import pdf, png, written
from tests.pages.adding import World, client_of, make_world

pytestmark = pytest.mark.django_db

VTT = (
    b"WEBVTT\n\n00:01.000 --> 00:03.000\nGood morning.\n\n12:30.000 --> 12:34.000\nRing the lab.\n"
)
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x64" + b"\0" * 4000


@pytest.fixture
def world() -> World:
    return make_world()


def give(world: World, *files: tuple[str, bytes]) -> list[StoredFile]:
    """An item of the team with ``files``, each read by the worker."""
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author, title="Early shift")
    made = []
    for name, content in files:
        stored = StoreFile(uploader=world.author, name=name, stream=ContentFile(content)).execute()
        AttachmentFactory(page=item, stored_file=stored)
        made.append(stored)
    run_due_jobs()
    for each in made:
        each.refresh_from_db()
    return made


def addresses(stored: StoredFile) -> dict[str, str]:
    return {
        "download": reverse("km_pages:file", args=[stored.uuid, stored.name]),
        "frame": reverse("km_pages:file_shown", args=[stored.uuid, stored.name]),
        "small": reverse("km_pages:file_thumbnail", args=[stored.uuid]),
        "page": reverse("km_pages:file_page", args=[stored.uuid]),
    }


def body(answer: Any) -> bytes:
    parts: Iterable[bytes] = answer.streaming_content if answer.streaming else [answer.content]
    return b"".join(parts)


def test_every_way_to_a_file_carries_the_headers_that_make_it_harmless(world: World) -> None:
    (stored,) = give(world, ("plan.pdf", pdf(written("Ring the lab"))))
    client = client_of(world.member)
    for way in ("download", "frame", "small"):
        answer = client.get(addresses(stored)[way])
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert stored.sha256 not in str(answer.headers)
    assert (
        client.get(addresses(stored)["download"])
        .headers["Content-Disposition"]
        .startswith("attachment")
    )
    assert body(client.get(addresses(stored)["small"])).startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("way", ["download", "frame", "small", "page"])
def test_nothing_reaches_somebody_who_may_not_see_it(world: World, way: str) -> None:
    (stored,) = give(world, ("plan.pdf", pdf(written("Ring the lab"))))
    address = addresses(stored)[way]
    theirs = client_of(world.member).get(address)
    tag = theirs.headers.get("ETag", '"x"')
    for headers in ({}, {"Range": "bytes=0-3"}, {"If-None-Match": tag}):
        for ask in ("get", "head"):
            answer = getattr(client_of(world.stranger), ask)(address, headers=headers)
            assert answer.status_code == 404
            assert "ETag" not in answer.headers
            assert b"plan" not in body(answer).replace(b"explan", b"")
    StoredFile.objects.update(scan_state=ScanState.INFECTED)
    assert client_of(world.author).get(address).status_code == 404


def test_parts_heads_and_known_versions_are_answered_as_browsers_ask(world: World) -> None:
    (stored,) = give(world, ("talk.mp3", MP3))
    client, address = client_of(world.member), addresses(stored)["frame"]
    whole = client.get(address)
    tag = whole.headers["ETag"]
    part = client.get(address, headers={"Range": "bytes=2-5", "If-Range": tag})
    assert (part.status_code, body(part)) == (206, MP3[2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(MP3)}"
    changed = client.get(address, headers={"Range": "bytes=2-5", "If-Range": '"other"'})
    assert changed.status_code == 200
    assert client.get(address, headers={"Range": "bytes=99999-"}).status_code == 416
    head = client.head(address)
    assert (head.headers["Content-Length"], body(head)) == (str(len(MP3)), b"")
    known = client.get(address, headers={"If-None-Match": f'"x", {tag}'})
    assert (known.status_code, body(known)) == (304, b"")
    assert known.headers["Cache-Control"] == "private, no-store"


def test_what_a_browser_could_run_is_never_shown_in_a_frame(world: World) -> None:
    """Case 10: a stored web page or Word file is given as a download only."""
    page, picture = give(
        world, ("page.html", b"<html><body><p>Hello there</p></body></html>"), ("a.png", png(9, 9))
    )
    client = client_of(world.member)
    assert client.get(addresses(page)["frame"]).status_code == 404
    answer = client.get(addresses(page)["download"])
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get(addresses(picture)["frame"]).headers["Content-Type"] == "image/png"


def test_the_page_of_a_file_opens_at_the_place_that_was_found(world: World) -> None:
    (stored,) = give(world, ("plan.pdf", pdf(written("First words"), written("Ring the lab"))))
    client = client_of(world.member)
    text = client.get(addresses(stored)["page"], {"at": "page 2"}).content.decode()
    assert "#page=2" in text
    assert "Ring the lab" in text
    assert "First words" not in text
    assert "?at=page%201" in text
    assert "2 pages" in text
    assert "Early shift" in text
    for odd in ("page 77", "\0", "x" * 5000, "<script>"):
        assert client.get(addresses(stored)["page"], {"at": odd}).status_code == 200


def test_a_recording_has_its_captions_and_opens_at_the_second(world: World) -> None:
    talk, captions = give(world, ("talk.mp3", MP3), ("talk.vtt", VTT))
    client = client_of(world.member)
    text = client.get(addresses(talk)["page"], {"at": "12:30"}).content.decode()
    assert "#t=750" in text
    assert "Ring the lab." in text
    assert addresses(captions)["frame"] in text
    assert client.get(addresses(captions)["frame"]).headers["Content-Type"].startswith("text/vtt")


def test_the_page_of_an_item_shows_small_pictures_and_counts(world: World) -> None:
    stored, _other = give(
        world, ("plan.pdf", pdf(written("One"), written("Two"))), ("notes.txt", b"Words.")
    )
    item = stored.attachments.get().page
    text = client_of(world.member).get(item.url).content.decode()
    assert text.count(addresses(stored)["small"]) == 1
    assert text.count("-/small.jpg") == 1
    assert "2 pages" in text
