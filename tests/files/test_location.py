"""Photographs lose their place and keep every pixel, their turn and their colours."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from km_pages.files.location import without_location
from km_pages.files.pictures import DamagedPictureError, pixel_size

PLACE = {1: "N", 2: (53.0, 48.0, 5.25), 3: "W", 4: (1.0, 33.0, 10.5)}
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def photograph(extension: str, *, orientation: int = 1, **options: object) -> bytes:
    picture = Image.radial_gradient("L").convert("RGB").crop((0, 0, 60, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update(PLACE)
    target = io.BytesIO()
    picture.save(target, FORMATS[extension], exif=exif.tobytes(), **options)
    return target.getvalue()


def cleaned(data: bytes, extension: str) -> bytes:
    return b"".join(without_location(io.BytesIO(data), extension=extension))


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_photograph_loses_its_place_and_keeps_its_pixels(
    extension: str, orientation: int
) -> None:
    original = photograph(extension, orientation=orientation)
    assert opened(original).getexif().get_ifd(0x8825), "the test's own photograph has a place"
    after = cleaned(original, extension)
    picture = opened(after)
    assert dict(picture.getexif().get_ifd(0x8825)) == {}
    assert b"SecretCamera" not in after
    assert list(picture.getdata()) == list(opened(original).getdata())
    assert pixel_size(io.BytesIO(after), extension=extension) == (60, 40)


def test_a_photograph_stays_turned_as_it_was() -> None:
    after = cleaned(photograph("jpg", orientation=6), "jpg")
    assert opened(after).getexif()[0x0112] == 6
    assert ImageOps.exif_transpose(opened(after)).size == (40, 60)


def test_colours_and_progressive_pictures_stay() -> None:
    original = photograph("jpg", icc_profile=b"a profile of colours", progressive=True)
    picture = opened(cleaned(original, "jpg"))
    assert picture.info["icc_profile"] == b"a profile of colours"
    assert list(picture.getdata()) == list(opened(original).getdata())


@pytest.mark.parametrize("extension", FORMATS)
def test_what_hangs_after_the_picture_is_left_out(extension: str) -> None:
    original = photograph(extension)
    assert cleaned(original + b"a film with its place" * 100, extension) == cleaned(
        original, extension
    )


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_picture_that_is_cut_off_is_damaged_or_cleaned(extension: str, share: float) -> None:
    original = photograph(extension)
    try:
        after = cleaned(original[: int(len(original) * share)], extension)
    except DamagedPictureError:
        return
    assert b"SecretCamera" not in after


@pytest.mark.parametrize("extension", FORMATS)
def test_what_is_no_picture_is_damaged(extension: str) -> None:
    with pytest.raises(DamagedPictureError):
        cleaned(b"just words", extension)


def test_other_files_pass_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x" * 1_000_000)
    with path.open("rb") as source:
        assert b"".join(without_location(source, extension="pdf")) == b"x" * 1_000_000


def test_a_file_on_disk_is_cleaned_too(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(photograph("jpg"))
    with path.open("rb") as source:
        assert b"".join(without_location(source, extension="jpg")) == cleaned(
            photograph("jpg"), "jpg"
        )
