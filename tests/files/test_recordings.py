"""Recordings: how long they play, said beside them, and opened at the minute of a caption."""

from __future__ import annotations

import struct

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from km_pages.actions.store_file import StoreFile
from km_pages.models import Job, StoredFile
from km_pages.wording import length_in_words
from km_pages.work import run_due_jobs
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory, StoredFileFactory
from tests.pages.adding import World, client_of, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

# One frame of MPEG 1 layer 3: 128 kbit/s at 44.1 kHz make 417 bytes and 1152 samples.
FRAME = b"\xff\xfb\x90\x00" + bytes(413)
CAPTIONS = b"""WEBVTT

00:01.000 --> 00:04.000
Good morning.

02:05.000 --> 02:09.000
The tuning tool lies in the drawer.
"""


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def film(seconds: int, *, brand: bytes = b"isom") -> bytes:
    """The frame of a film that says how long it is: a thousandth of a second is its unit."""
    header = bytes(12) + struct.pack(">II", 1000, seconds * 1000) + bytes(80)
    begin = box(b"ftyp", brand + bytes(4) + brand)
    return begin + box(b"mdat", bytes(64)) + box(b"moov", box(b"mvhd", header))


def element(number: str, content: bytes, *, known: bool = True) -> bytes:
    """A part of a WEBM; while it is being recorded, its size is not known."""
    size = struct.pack(">Q", (1 << 56) + len(content)) if known else b"\x01" + b"\xff" * 7
    return bytes.fromhex(number) + size + content


def webm(*, stated: float = 0, last: int = 0) -> bytes:
    """A film of the web that says its length, or one as browsers record it, of milliseconds."""
    said = element("4489", struct.pack(">d", stated)) if stated else b""
    info = element("1549a966", element("2ad7b1", (1_000_000).to_bytes(3, "big")) + said)

    def cluster(begin: int) -> bytes:
        blocks = [element("a3", b"\x81" + struct.pack(">h", each) + bytes(9)) for each in (0, 400)]
        group = element("a0", element("a1", b"\x81" + struct.pack(">h", 500) + bytes(9)))
        time = element("e7", begin.to_bytes(4, "big"))
        return element("1f43b675", time + b"".join(blocks) + group, known=False)

    clusters = b"".join(cluster(each) for each in ((0, last - 500) if last else ()))
    head = element("1a45dfa3", element("4282", b"webm"))
    return head + element("18538067", info + clusters, known=False)


def store(world: World, name: str, content: bytes) -> StoredFile:
    return StoreFile(uploader=world.author, name=name, stream=ContentFile(content)).execute()


@pytest.mark.parametrize(
    ("name", "content", "seconds"),
    [
        ("talk.mp4", film(125), 125),
        ("talk.mov", film(3725, brand=b"qt  "), 3725),
        ("talk.m4a", film(61, brand=b"M4A "), 61),
        ("talk.mp3", FRAME * 383, 10),
        ("talk.webm", webm(stated=61_000), 61),
        ("recorded-by-a-browser.webm", webm(last=125_000), 125),
        ("empty.webm", webm(), None),
        ("cut.webm", webm(last=125_000)[:90], None),
        ("cut.mp4", film(125)[:-95], None),
        ("nonsense.mp4", film(4_000_000), None),
    ],
)
def test_the_length_of_a_recording_is_noted_where_it_says_so(
    name: str, content: bytes, seconds: int | None
) -> None:
    """Case 1 for recordings: what is cut or lies is stored all the same."""
    stored = store(make_world(), name, content)
    run_due_jobs()
    stored.refresh_from_db()
    assert stored.seconds == seconds
    assert not Job.objects.filter(state="dead").exists()


def test_the_length_stands_beside_the_recording_and_a_hit_opens_at_its_minute() -> None:
    world = make_world()
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author, title="Interview")
    talk = store(world, "talk.mp4", film(125))
    for each in (talk, store(world, "talk.vtt", CAPTIONS)):
        AttachmentFactory(page=item, stored_file=each)
    item.save_revision().publish()
    run_due_jobs()
    client = client_of(world.member)
    assert "2:05 minutes" in client.get(item.url).content.decode()
    address = reverse("km_pages:file_page", args=[talk.uuid])
    shown = client.get(address, {"at": "2:05"}).content.decode()
    assert "2:05 minutes" in shown
    assert "#t=125" in shown
    assert "The tuning tool" in shown


def test_a_hit_in_captions_opens_the_recording_at_that_moment() -> None:
    world = make_world()
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author)
    film = StoredFileFactory(name="Van.webm", extension="webm", mime="video/webm")
    captions = StoredFileFactory(name="van.vtt", extension="vtt", mime="text/vtt")
    other = StoredFileFactory(name="van.mp3.webm", extension="webm", mime="video/webm")
    for each in (film, captions, other):
        AttachmentFactory(page=item, stored_file=each)
    address = reverse("km_pages:file_page", args=[captions.uuid])
    client = client_of(world.author)
    answer = client.get(address, {"at": "1:05"})
    assert answer.status_code == 302
    assert answer["Location"] == (reverse("km_pages:file_page", args=[film.uuid]) + "?at=1%3A05")
    # Their own page stays, to be managed, and leads there.
    assert "What is said in Van.webm" in client.get(address).content.decode()
    film.attachments.all().delete()
    assert client.get(address, {"at": "1:05"}).status_code == 200


def test_lengths_in_words() -> None:
    said = [length_in_words(each) for each in (None, 0, 9, 125, 3725)]
    assert said == ["", "", "0:09 minutes", "2:05 minutes", "1:02:05 hours"]
