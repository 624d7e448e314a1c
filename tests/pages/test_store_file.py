"""One uploaded file: checked, counted, stored once, and nothing half."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.urls import reverse

from km_pages.actions import store_file
from km_pages.actions.store_file import StoreFile
from km_pages.files.refusals import RefusedFile
from km_pages.models import Job, ScanState, StoredFile, TextState
from km_pages.signals import file_stored
from km_pages.views.uploads import upload
from tests.factories import AttachmentFactory, StoredFileFactory, UserFactory
from tests.pages.adding import client_of, make_world, text_file

pytestmark = pytest.mark.django_db

WORDS = b"Ring the lab before you send the van."


def store(uploader: Any, content: Any = WORDS, name: str = "notes.txt") -> StoredFile:
    stream = ContentFile(content) if isinstance(content, bytes) else content
    return StoreFile(uploader=uploader, name=name, stream=stream).execute()


def on_disk(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


@pytest.fixture
def person() -> Any:
    return UserFactory()


def test_a_file_is_kept_privately_under_a_random_name_with_a_job_to_read_it(
    person: Any, tmp_path: Path, settings: Any
) -> None:
    stored = store(person, name="../my  notes.txt")
    with stored.blob.open("rb") as content:
        assert content.read() == WORDS
    assert stored.name == "my notes.txt"
    assert "notes" not in stored.blob.name
    assert Path(stored.blob.path).is_relative_to(tmp_path / "files")
    assert not Path(stored.blob.path).is_relative_to(settings.MEDIA_ROOT)
    assert (stored.size, stored.sha256) == (len(WORDS), hashlib.sha256(WORDS).hexdigest())
    assert (stored.mime, stored.extension) == ("text/plain", "txt")
    assert stored.text_state == TextState.WAITING
    assert Job.objects.get().target == str(stored.pk)
    assert on_disk(tmp_path / "incoming") == []


def test_a_site_with_a_scanner_keeps_a_new_file_pending(person: Any, settings: Any) -> None:
    assert store(person).scan_state == ScanState.UNSCANNED
    settings.KM_CLAMAV = "127.0.0.1:1"
    assert store(person, b"Other words").scan_state == ScanState.PENDING


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.pdf", b"MZ\x90\x00 a program", "program"),
        ("plan.pdf", b"no pdf at all", "mismatch"),
        ("notes.txt", b"", "empty"),
        ("macro.docm", b"PK\x03\x04", "macros"),
        ("picture.svg", b"<svg/>", "scripted_picture"),
    ],
)
def test_what_may_not_be_kept_leaves_nothing(
    person: Any, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    """Cases 10, 11 and 14."""
    with pytest.raises(RefusedFile) as refusal:
        store(person, content, name)
    assert refusal.value.code == code
    assert not StoredFile.objects.exists()
    assert on_disk(tmp_path) == []


def test_a_stream_that_goes_on_is_cut_at_the_limit(
    person: Any, tmp_path: Path, settings: Any
) -> None:
    """Case 15."""
    settings.KM_UPLOAD_MAX_BYTES = 1000
    came = []

    def endless() -> Any:
        while True:
            came.append(1)
            yield b"x" * 100

    with pytest.raises(RefusedFile) as refusal:
        store(person, endless())
    assert refusal.value.code == "too_large"
    assert len(came) == 11
    assert on_disk(tmp_path) == []


def test_the_room_of_one_person_is_counted_in_bytes(
    person: Any, tmp_path: Path, settings: Any
) -> None:
    """Case 16."""
    settings.KM_UPLOAD_QUOTA_BYTES = 100
    store(person, b"x" * 60)
    with pytest.raises(RefusedFile, match="room of 100") as refusal:
        # A stream does not say how long it is: it is counted once it has come.
        store(person, iter([b"y" * 60]))
    assert refusal.value.code == "quota"
    assert StoredFile.objects.count() == 1
    assert len(on_disk(tmp_path)) == 1
    store(UserFactory(), b"z" * 60)


def test_the_room_of_one_person_is_counted_in_files(person: Any, settings: Any) -> None:
    """Case 16."""
    settings.KM_UPLOAD_QUOTA_FILES = 3
    for number in range(3):
        store(person, b"file %d" % number)
    with pytest.raises(RefusedFile, match="3 files"):
        store(person, b"file 4")
    assert StoredFile.objects.count() == 3


def test_two_uploads_at_once_cannot_share_the_last_room(
    person: Any, tmp_path: Path, settings: Any, monkeypatch: Any
) -> None:
    settings.KM_UPLOAD_QUOTA_FILES = 1
    real = StoreFile.check

    def other_is_faster(self: StoreFile) -> None:
        real(self)
        StoredFileFactory(uploader=person)

    monkeypatch.setattr(StoreFile, "check", other_is_faster)
    with pytest.raises(RefusedFile):
        store(person)
    assert StoredFile.objects.count() == 1
    assert len(on_disk(tmp_path / "files")) == 1


def test_the_same_file_of_the_same_person_is_kept_once(person: Any, tmp_path: Path) -> None:
    """Case 17."""
    first = store(person)
    assert store(person) == first
    assert store(person, name="other.txt") != first
    assert StoredFile.objects.count() == 2
    assert len(on_disk(tmp_path / "files")) == 2


def test_the_same_file_arriving_twice_at_once_is_kept_once(
    person: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Case 17."""
    first = store(person)
    real, calls = StoreFile._again, []

    def too_early(self: StoreFile, *args: Any) -> StoredFile | None:
        calls.append(1)
        return None if len(calls) == 1 else real(self, *args)

    monkeypatch.setattr(StoreFile, "_again", too_early)
    assert store(person) == first
    assert len(on_disk(tmp_path / "files")) == 1


def test_nobody_learns_from_an_upload_what_somebody_else_has(person: Any) -> None:
    """Case 17: no hash oracle."""
    first, other = store(person), UserFactory()
    answers = [
        client_of(each).post(reverse("km_pages:upload"), {"file": text_file("n.txt", content)})
        for each, content in ((other, WORDS), (other, b"words that nobody has"))
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert set(answers[0].json()) == {"id", "name", "size"} == set(answers[1].json())
    mine = StoredFile.objects.get(pk=answers[0].json()["id"])
    assert mine.pk != first.pk
    assert mine.blob.name != first.blob.name


def test_an_infected_file_is_not_offered_again(person: Any) -> None:
    first = store(person)
    StoredFile.objects.update(scan_state=ScanState.INFECTED)
    assert store(person) != first


def test_a_file_offered_again_is_safe_from_the_sweep(person: Any) -> None:
    first = store(person)
    StoredFile.objects.update(created_at="2020-01-01T00:00Z")
    store(person)
    first.refresh_from_db()
    assert first.created_at.year > 2020
    AttachmentFactory(stored_file=first)
    StoredFile.objects.update(created_at="2020-01-01T00:00Z")
    store(person)
    first.refresh_from_db()
    assert first.created_at.year == 2020, "the day of a file that is used does not change"


def test_a_database_that_fails_leaves_no_row(person: Any, monkeypatch: Any) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(store_file, "log", fail)
    with pytest.raises(DatabaseError):
        store(person)
    assert not StoredFile.objects.exists()
    assert not Job.objects.exists()


def test_a_listener_that_fails_loses_neither_row_nor_file(
    person: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def fail(**_kwargs: Any) -> None:
        raise RuntimeError("a receiver of a host site")

    file_stored.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            stored = store(person)
    finally:
        file_stored.disconnect(fail)
    with stored.blob.open("rb") as content:
        assert content.read() == WORDS


def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    person: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Case 36."""

    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("km_pages.files.hashing.os.fsync", full)
    with pytest.raises(RefusedFile, match="Try again later") as refusal:
        store(person)
    assert refusal.value.code == "storage"
    assert not StoredFile.objects.exists()
    assert on_disk(tmp_path) == []


def test_a_command_stores_without_a_person(settings: Any) -> None:
    settings.KM_UPLOAD_QUOTA_FILES = 0
    assert store(None).uploader is None


# The address for the script of the form


def test_the_script_gets_key_name_and_size(person: Any, tmp_path: Path) -> None:
    answer = client_of(person).post(reverse("km_pages:upload"), {"file": text_file()})
    stored = StoredFile.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {"id": stored.pk, "name": "notes.txt", "size": 19}
    assert stored.uploader == person
    assert on_disk(tmp_path / "incoming") == []


def test_the_script_is_told_why_not(person: Any, tmp_path: Path, settings: Any) -> None:
    settings.KM_UPLOAD_MAX_BYTES = 50
    client, url = client_of(person), reverse("km_pages:upload")
    for content, name, status, code in (
        (b"x" * 51, "notes.txt", 413, "too_large"),
        (b"no pdf", "plan.pdf", 422, "mismatch"),
        (b"MZ", "setup.exe", 422, "program"),
        (b"", "empty.txt", 422, "empty"),
    ):
        answer = client.post(url, {"file": text_file(name, content)})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "Everything else you gave is kept" in answer.json()["error"]
    answer = client.post(url)
    assert (answer.status_code, answer.json()["code"]) == (400, "none")
    assert not StoredFile.objects.exists()
    assert on_disk(tmp_path) == []


def test_a_request_that_announces_too_much_is_not_read(person: Any, settings: Any) -> None:
    """Case 15."""
    settings.KM_UPLOAD_MAX_BYTES = 1000

    class NotRead:
        def read(self, *_args: Any) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    request = RequestFactory().post("/add/upload/")
    request.user = person
    request.META["CONTENT_LENGTH"] = str(10**9)
    request._stream = request.META["wsgi.input"] = NotRead()
    assert upload(request).status_code == 413
    request.user = AnonymousUser()
    assert upload(request).status_code == 401


def test_an_upload_that_breaks_off_leaves_nothing(person: Any, tmp_path: Path) -> None:
    """Case 15: a wrong Content-Length, or a reader who goes away."""
    start = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="notes.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n" + b"half of the words " * 40_000
    )
    answer = client_of(person).generic(
        "POST",
        reverse("km_pages:upload"),
        start,
        content_type="multipart/form-data; boundary=edge",
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "none")
    assert not StoredFile.objects.exists()
    assert on_disk(tmp_path) == []


def test_nobody_uploads_without_an_account_or_without_the_token_of_the_form(
    person: Any, tmp_path: Path
) -> None:
    """Case 29."""
    url = reverse("km_pages:upload")
    anonymous = Client().post(url, {"file": text_file()})
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "signed_out")
    strict = client_of(person, enforce_csrf_checks=True)
    assert strict.post(url, {"file": text_file()}).status_code == 403
    assert client_of(person).get(url).status_code == 405
    assert not StoredFile.objects.exists()
    assert on_disk(tmp_path) == []


def test_the_script_sends_the_token_in_a_header(person: Any) -> None:
    world = make_world()
    strict = client_of(world.author, enforce_csrf_checks=True)
    strict.get(reverse("km_pages:add"))
    token = strict.cookies["csrftoken"].value
    answer = strict.post(
        reverse("km_pages:upload"), {"file": text_file()}, headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 201
