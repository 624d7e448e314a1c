"""Files in a private bucket: the whole path, and nothing for whoever may not or no longer."""

from __future__ import annotations

import io
import tempfile
import urllib.error
import urllib.request
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from km_pages.actions.bin_file import BinFile
from km_pages.checks import check_places
from km_pages.models import Job, ScanState, StoredFile, TextState
from km_pages.models.files import knowledge_storage
from km_pages.sweep import sweep
from km_pages.tasks.errors import NotNow
from tests.files.building import pdf, written
from tests.files.s3_server import Server
from tests.files.test_whole_path import settle
from tests.files.test_whole_path import share as by_form
from tests.pages.adding import World, add, client_of, make_world
from tests.pages.indexing import found_by

pytestmark = pytest.mark.django_db

PAPER = pdf(written("Ring the laboratory"), written("before the van leaves"))


@pytest.fixture
def world() -> World:
    return make_world()


def share(world: World, name: str, content: bytes) -> StoredFile:
    by_form(world, name, content)
    settle()
    return StoredFile.objects.get(name=name)


def address(stored: StoredFile, view: str = "file") -> str:
    return reverse(f"km_pages:{view}", args=[stored.uuid, stored.name])


def names() -> set[str]:
    return {each.key for each in knowledge_storage().bucket.objects.all()}


def asked(url: str, **headers: str) -> Any:
    """The answer of the bucket itself, refusals included."""
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20)
    except urllib.error.HTTPError as refusal:
        return refusal


def test_a_file_is_stored_read_drawn_found_and_given_out_from_the_bucket(
    bucket: Server, world: World, settings: Any
) -> None:
    stored = share(world, "paper.pdf", PAPER)
    assert (stored.text_state, stored.pages) == (TextState.READ, 2)
    assert names() == {stored.blob.name, stored.thumbnail.name}
    assert not (Path(settings.KM_VAR) / "files").exists()
    fetched = [each for each in bucket.asked if each[0] == "GET" and stored.blob.name in each[1]]
    # Reading and drawing are two steps, and it came once.
    assert len(fetched) == 1
    (hit,) = found_by(world.member, '"before the van"').hits
    assert (hit.file_name, hit.file_label) == ("paper.pdf", "page 2")
    member = client_of(world.member)
    assert b"".join(member.get(address(stored)).streaming_content) == PAPER
    small = member.get(reverse("km_pages:file_thumbnail", args=[stored.uuid]))
    assert Image.open(io.BytesIO(b"".join(small.streaming_content))).format == "JPEG"


def test_a_range_fetches_that_part_alone(bucket: Server, world: World) -> None:
    stored = share(world, "paper.pdf", PAPER)
    member = client_of(world.member)
    for view in ("file", "file_shown"):
        answer = member.get(address(stored, view), headers={"Range": "bytes=100-149"})
        assert (answer.status_code, b"".join(answer.streaming_content)) == (206, PAPER[100:150])
        assert bucket.asked[-1][2] == "bytes=100-149"
        assert answer.headers["Content-Range"] == f"bytes 100-149/{len(PAPER)}"
    beyond = member.get(address(stored), headers={"Range": f"bytes={len(PAPER)}-"})
    assert beyond.status_code == 416
    assert member.head(address(stored)).headers["Content-Length"] == str(len(PAPER))


def test_a_signed_address_bears_our_headers_takes_ranges_and_ends(
    bucket: Server, world: World, settings: Any
) -> None:
    settings.KM_SENDFILE, settings.KM_SIGNED_SECONDS = "signed", 60
    stored = share(world, "Übergabe plan.pdf", PAPER)
    answer = client_of(world.member).get(address(stored))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "private, no-store")
    assert stored.sha256 not in answer.url
    given = asked(answer.url)
    assert (given.status, given.read()) == (200, PAPER)
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "%C3%9Cbergabe" in given.headers["Content-Disposition"]
    assert given.headers["Cache-Control"] == "private, no-store"
    part = asked(answer.url, Range="bytes=5-8")
    assert (part.status, part.read()) == (206, PAPER[5:9])
    # Neither without the signature, nor for another name or as another type, nor after a minute.
    assert asked(answer.url.partition("?")[0]).status == 403
    assert asked(answer.url.replace("attachment", "inline")).status == 403
    other = answer.url.replace(str(stored.blob.name), str(stored.thumbnail.name))
    assert asked(other).status == 403
    bucket.later = timedelta(seconds=61)
    assert asked(answer.url).status == 403


def test_who_may_not_open_it_gets_no_address(bucket: Server, world: World, settings: Any) -> None:
    settings.KM_SENDFILE = "signed"
    stored = share(world, "paper.pdf", PAPER)
    member = client_of(world.member)
    assert member.get(address(stored)).status_code == 302
    assert client_of(world.stranger).get(address(stored)).status_code == 404
    world.team.members_group.user_set.remove(world.member)
    assert member.get(address(stored)).status_code == 404
    StoredFile.objects.update(scan_state=ScanState.PENDING)
    assert client_of(world.holder).get(address(stored)).status_code == 404


def test_what_is_shown_comes_through_the_site_with_its_policy(
    bucket: Server, world: World, settings: Any
) -> None:
    settings.KM_SENDFILE = "signed"
    stored = share(world, "paper.pdf", PAPER)
    member = client_of(world.member)
    answer = member.get(address(stored, "file_shown"))
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PAPER)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert member.head(address(stored)).status_code == 200


def test_bytes_without_a_row_and_old_deleted_files_are_swept(
    bucket: Server, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    stored = share(world, "paper.pdf", PAPER)
    storage = knowledge_storage()
    orphan = storage.save("ab/abcdef", io.BytesIO(b"cut off"))
    BinFile(stored=stored, by=world.author).execute()
    assert sweep().orphans == 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("km_pages.sweep.LEFT_OVER_AFTER", timedelta(seconds=-60))
        assert sweep().orphans == 1
    assert names() == {stored.blob.name, stored.thumbnail.name}
    assert orphan not in names()
    StoredFile.objects.update(binned_at=timezone.now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    assert names() == set()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_while_the_bucket_is_away_nothing_breaks_and_nothing_is_lost(
    bucket: Server, world: World
) -> None:
    stored = share(world, "paper.pdf", PAPER)
    Job.objects.enqueue("read_again", stored.pk)
    member = client_of(world.member)
    bucket.down = True
    assert member.get(address(stored)).status_code == 503
    refused = add(
        client_of(world.author),
        title="Kept words",
        files=[SimpleUploadedFile("later.txt", b"Ring the lab.")],
    )
    assert refused.status_code < 500
    assert StoredFile.objects.count() == 1
    with pytest.raises((OSError, NotNow)):
        knowledge_storage().open(stored.blob.name)
    bucket.down = False
    assert b"".join(member.get(address(stored)).streaming_content) == PAPER


def test_nothing_stays_on_this_machine(
    bucket: Server, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(own))
    stored = share(world, "paper.pdf", PAPER)
    assert list(own.iterdir()) == []
    with zipfile.ZipFile(io.BytesIO(), "w") as packed, packed.open("a", "w") as target:
        target.write(stored.blob.open("rb").read())
    stored.blob.close()
    assert list(own.iterdir()) == []


def test_a_public_address_is_never_made_whatever_public_files_have(
    bucket: Server, settings: Any
) -> None:
    settings.AWS_S3_CUSTOM_DOMAIN, settings.AWS_QUERYSTRING_AUTH = "files.example.org", False
    settings.AWS_DEFAULT_ACL = "public-read"
    storage = type(knowledge_storage())(**bucket.options)
    assert "X-Amz-Signature=" in storage.url("ab/cd")
    assert "ACL" not in storage._get_write_parameters("ab/cd")


def test_the_check_names_a_storage_that_cannot_sign_and_a_public_bucket(
    bucket: Server, settings: Any
) -> None:
    assert check_places() == []
    settings.KM_SENDFILE = "x-accel"
    assert [each.id for each in check_places()] == ["km_pages.E122"]
    settings.KM_SENDFILE = "signed"
    settings.STORAGES = {**settings.STORAGES, "default": settings.STORAGES["knowledge"]}
    assert [each.id for each in check_places()] == ["km_pages.E123"]
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = {**settings.STORAGES, "knowledge": local, "default": local}
    assert "km_pages.E122" in [each.id for each in check_places()]
