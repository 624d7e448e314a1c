"""What an upload may be, said before it is chosen and refused before it is read."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from km_pages.actions.store_file import StoreFile, room_of
from km_pages.files.refusals import RefusedFile
from km_pages.models import StoredFile
from tests.factories import UserFactory
from tests.pages.adding import client_of, make_world, text_file, typed

pytestmark = pytest.mark.django_db

MEBIBYTE = 1024 * 1024


def photograph(kind: str = "JPEG") -> bytes:
    """A picture that says it was taken in Leeds."""
    place = Image.Exif()
    place.get_ifd(0x8825).update({1: "N", 2: (53.0, 47.0, 58.0), 3: "W", 4: (1.0, 32.0, 57.0)})
    place[0x010F] = "Camera of Nadia"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, kind, exif=place)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_photograph_is_kept_without_the_place_it_was_taken_at(kind: str, ending: str) -> None:
    original = photograph(kind)
    assert b"Camera of Nadia" in original
    person = UserFactory()
    for _twice in range(2):
        stored = StoreFile(
            uploader=person, name=f"board.{ending}", stream=ContentFile(original)
        ).execute()
    with stored.blob.open("rb") as content:
        kept = content.read()
    assert b"Camera of Nadia" not in kept
    assert Image.open(io.BytesIO(kept)).getexif().get_ifd(0x8825) == {}
    assert Image.open(io.BytesIO(kept)).getpixel((3, 3)) == pytest.approx((0, 128, 128), abs=3)
    assert stored.size == len(kept)
    assert StoredFile.objects.count() == 1


def test_a_photograph_that_breaks_off_is_refused_in_words() -> None:
    broken = photograph("PNG")[:-12] + b"\0\0\0"
    with pytest.raises(RefusedFile, match="damaged") as refusal:
        StoreFile(uploader=UserFactory(), name="a.png", stream=ContentFile(broken)).execute()
    assert refusal.value.code == "damaged"
    assert not StoredFile.objects.exists()


def test_the_form_says_what_may_come_and_how_much_room_is_used(settings: Any) -> None:
    world = make_world()
    StoreFile(uploader=world.author, name="a.txt", stream=ContentFile(b"x" * MEBIBYTE)).execute()
    page = client_of(world.author).get(reverse("km_pages:add")).content.decode()
    assert "At most 100 MB each, 20 files." in page
    assert "You have used 1 MB of your 2 GB." in page


def test_an_announced_size_is_refused_before_a_byte_is_read(settings: Any) -> None:
    """Case 15: the body stays unread, whatever it holds."""
    settings.KM_UPLOAD_MAX_BYTES = MEBIBYTE
    person = UserFactory()
    client = client_of(person)

    def post(size: int) -> Any:
        return client.generic(
            "POST",
            reverse("km_pages:upload"),
            b"never looked at",
            content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(size),
        )

    answer = post(4 * MEBIBYTE)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "larger than 1.0\xa0MB, the most for one file" in answer.json()["error"]
    assert "Save a smaller copy" in answer.json()["error"]
    settings.KM_UPLOAD_QUOTA_BYTES = 1000
    assert room_of(person).left == 1000
    assert post(3 * MEBIBYTE).json()["code"] == "quota"


def test_a_form_that_announces_too_much_says_what_to_do(settings: Any) -> None:
    settings.KM_UPLOAD_MAX_BYTES = 100
    world = make_world()
    answer = client_of(world.author).post(
        reverse("km_pages:add"), typed(files=[text_file()]), CONTENT_LENGTH=str(10 * MEBIBYTE)
    )
    assert answer.status_code == 413
    assert "what you typed still stands in the form" in answer.content.decode()
