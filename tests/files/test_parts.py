"""Large files in parts: on where it stopped, whole or not at all, one's own only."""

from __future__ import annotations

import hashlib
import io
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from km_pages import partial
from km_pages.models import StoredFile
from km_pages.sweep import sweep
from tests.factories import UserFactory
from tests.pages.adding import client_of

pytestmark = pytest.mark.django_db

CONTENT = b"Ring the lab first. " * 5000


def begin(client: Client, content: bytes = CONTENT, name: str = "notes.txt", **more: Any) -> Any:
    given = {"name": name, "size": len(content), "mark": "1", **more}
    return client.post(reverse("km_pages:begin_parts"), given)


def send(client: Client, upload: str, offset: int, piece: bytes) -> Any:
    address = f"{reverse('km_pages:part', args=[upload])}?offset={offset}"
    return client.post(address, piece, content_type="application/octet-stream")


def test_a_file_comes_in_parts_and_is_stored_whole() -> None:
    client = client_of(UserFactory())
    upload = begin(client).json()["upload"]
    assert send(client, upload, 0, CONTENT[:40_000]).json()["offset"] == 40_000
    answer = send(client, upload, 40_000, CONTENT[40_000:])
    assert answer.status_code == 201
    stored = StoredFile.objects.get(pk=answer.json()["id"])
    assert (stored.size, stored.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    with stored.blob.open("rb") as kept:
        assert kept.read() == CONTENT
    assert partial.of_person(stored.uploader_id) == []


def test_what_broke_off_is_found_again_and_goes_on(settings: Any) -> None:
    person = UserFactory()
    client = client_of(person)
    upload = begin(client).json()["upload"]
    # The line breaks in the middle of a part: less comes than was announced.
    found = partial.find(person.pk, partial.UUID(upload))
    assert found is not None
    found.append(0, io.BytesIO(CONTENT[:12_345]), 40_000)
    again = begin(client_of(person)).json()
    assert again == {"upload": upload, "offset": 12_345}
    wrong = send(client, upload, 40_000, b"x")
    assert (wrong.status_code, wrong.json()["offset"]) == (409, 12_345)
    assert send(client, upload, 12_345, CONTENT[12_345:]).status_code == 201
    # Another file of the same name is another upload.
    assert begin(client, mark="2").json()["offset"] == 0


def test_nobody_else_finds_or_feeds_an_upload() -> None:
    client, other = client_of(UserFactory()), client_of(UserFactory())
    upload = begin(client).json()["upload"]
    assert send(other, upload, 0, CONTENT).status_code == 404
    assert other.get(reverse("km_pages:part", args=[upload])).status_code == 404
    assert other.delete(reverse("km_pages:part", args=[upload])).status_code == 404
    assert begin(other).json()["upload"] != upload
    assert begin(Client()).status_code == 401
    assert send(Client(), upload, 0, CONTENT).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(UserFactory())
    assert begin(strict).status_code == 403
    assert client.get(reverse("km_pages:part", args=[upload])).json()["offset"] == 0


def test_limits_and_kinds_hold_before_a_byte_is_sent(settings: Any) -> None:
    settings.KM_UPLOAD_MAX_BYTES = 200_000
    settings.KM_UPLOAD_QUOTA_BYTES = 250_000
    client = client_of(UserFactory())
    for content, name, status, code in (
        (b"x" * 200_001, "a.txt", 413, "too_large"),
        (b"", "a.txt", 422, "empty"),
        (b"MZ", "a.exe", 422, "program"),
    ):
        answer = begin(client, content, name)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert begin(client, b"x" * 150_000).status_code == 201
    # What is on its way counts: two of these would not fit.
    answer = begin(client, b"y" * 150_000, "b.txt")
    assert (answer.status_code, answer.json()["code"]) == (413, "quota")
    assert begin(client, b"x" * 150_000).status_code == 201


def test_more_than_was_announced_is_not_taken_and_a_bad_whole_leaves_nothing(
    tmp_path: Path,
) -> None:
    client = client_of(UserFactory())
    upload = begin(client).json()["upload"]
    assert send(client, upload, 0, CONTENT + b"x").status_code == 409
    bad = begin(client, b"MZ not a pdf at all", "plan.pdf").json()["upload"]
    answer = send(client, bad, 0, b"MZ not a pdf at all")
    assert (answer.status_code, answer.json()["code"]) == (422, "program")
    assert send(client, bad, 0, b"x").status_code == 404
    assert client.delete(reverse("km_pages:part", args=[upload])).status_code == 204
    assert list((tmp_path / "incoming").iterdir()) == []
    assert not StoredFile.objects.exists()


def test_uploads_that_nobody_goes_on_with_are_swept_after_a_day(tmp_path: Path) -> None:
    client = client_of(UserFactory())
    begin(client)
    assert sweep().left_overs == 0
    long_ago = time.time() - 2 * 24 * 3600
    for folder in (tmp_path / "incoming").iterdir():
        for each in (*folder.iterdir(), folder):
            os.utime(each, (long_ago, long_ago))
    assert sweep().left_overs == 1


def test_parts_of_any_length_in_any_order_of_breaks_make_the_same_file() -> None:
    chance = random.Random(5)
    for number in range(5):
        client = client_of(UserFactory())
        content = chance.randbytes(30_000).hex().encode()
        at, answer = 0, begin(client, content, mark=str(number))
        while answer.status_code != 201 or "upload" in answer.json():
            upload = begin(client, content, mark=str(number)).json()["upload"]
            length = chance.randrange(1, 20_000)
            answer = send(client, upload, at, content[at : at + length])
            at = answer.json().get("offset", at)
        stored = StoredFile.objects.get(pk=answer.json()["id"])
        assert stored.sha256 == hashlib.sha256(content).hexdigest()
