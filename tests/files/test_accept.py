"""Which files are accepted, and what people read where one is not."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from pathlib import Path

import pytest

from km_pages.files.accept import (
    Accepted,
    AcceptLimits,
    RefusedFile,
    check_announced,
    check_upload,
)
from km_pages.files.formats import FORMATS, accepted_extensions
from km_pages.files.refusals import REFUSAL_CODES, refused
from tests.files.building import compound, docx, odf, paragraph, pdf, png, pptx, written, xlsx

LIMITS = AcceptLimits(max_bytes=100 * 1024 * 1024)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x11\x08\x00\x40\x00\x60\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xd9"
)
WEBP = b"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x63\x00\x00\x63\x00\x00"
HEIC = (
    b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
    + struct.pack(">L", 40)
    + b"meta\0\0\0\0"
    + struct.pack(">L", 20)
    + b"ispe\0\0\0\0"
    + struct.pack(">2L", 4032, 3024)
)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\0" * 64
WEBM = (
    b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
    + b"\0" * 64
)


def check(name: str, data: bytes) -> Accepted:
    return check_upload(name, io.BytesIO(data), limits=LIMITS)


def refusal(name: str, data: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        check(name, data)
    return caught.value


HONEST = {
    "a.pdf": pdf(written("hello")),
    "A.PDF": pdf(written("hello")),
    "a.docx": docx(paragraph("hello")),
    "a.xlsx": xlsx(""),
    "a.pptx": pptx(""),
    "a.odt": odf("text", ""),
    "a.ods": odf("spreadsheet", ""),
    "a.odp": odf("presentation", ""),
    "a.rtf": b"{\\rtf1 hello}",
    "a.txt": b"BMI and MZ results: II* of III",
    "a.text": "\ufeffcafé".encode("utf-16"),
    "a.md": b"# Handover\n<br>",
    "a.csv": "Name;Größe\nÄ;1".encode("cp1252"),
    "a.html": b"<!DOCTYPE html><title>x</title>",
    "a.htm": b"<p>hello</p>",
    "a.eml": b"Received: from x\r\nSubject: hi\r\n\r\nhello",
    "a.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nhello",
    "a.png": png(10, 10),
    "a.jpg": JPEG,
    "a.jpeg": JPEG,
    "a.webp": WEBP,
    "a.heic": HEIC,
    "a.mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 40,
    "a.m4a": MP4.replace(b"ftypisom", b"ftypM4A "),
    "a.mp4": MP4,
    "a.mov": MP4.replace(b"ftypisom", b"ftypqt  "),
    "a.webm": WEBM,
    "a.doc": compound({"WordDocument": b"x"}),
    "a.xls": compound({"Workbook": b"x"}),
    "a.ppt": compound({"PowerPoint Document": b"x"}),
    "a.msg": compound({"__properties_version1.0": b"x"}),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_file_is_accepted(name: str) -> None:
    accepted = check(name, HONEST[name])
    assert accepted.name == name
    assert accepted.format is FORMATS[accepted.extension]
    assert accepted.label


def test_every_format_but_zip_has_an_honest_file_above() -> None:
    assert {check(name, data).extension for name, data in HONEST.items()} == {*FORMATS} - {"zip"}


@pytest.mark.parametrize("name", HONEST)
def test_no_content_passes_under_the_name_of_another_family(name: str) -> None:
    own = check(name, HONEST[name]).format
    for other in FORMATS.values():
        if other.family is own.family or other.extension == "zip":
            continue
        with pytest.raises(RefusedFile):
            check(f"a.{other.extension}", HONEST[name])


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", b"MZ\x90\0" + b"\0" * 200, "program"),
        ("a.docx", b"\x7fELF" + b"\0" * 200, "program"),
        ("a.txt", b"MZ\x90\0" + b"\0" * 200, "mismatch"),
        ("a.exe", b"MZ\x90\0", "program"),
        ("run.sh", b"echo", "program"),
        ("a.svg", b"<svg onload=alert(1)>", "scripted_picture"),
        ("a.png", b"<html><script>alert(1)</script>", "mismatch"),
        ("a.png", b"<svg onload='x'>", "mismatch"),
        ("a.txt", b"<html><script>alert(1)</script>", "mismatch"),
        ("a.md", b"  <!DOCTYPE html><p>", "mismatch"),
        ("a.csv", b"%PDF-1.7 x", "mismatch"),
        ("a.pdf", b"plain words", "mismatch"),
        ("a.pdf", b"<html><script>x</script>" + pdf(written("x")), "two_in_one"),
        ("a.pdf", b"%PDF-1.4\n<html><script>x</script>\n1 0 obj", "two_in_one"),
        ("a.pdf", pdf(written("x")) + docx(), "two_in_one"),
        ("a.png", png(10, 10, after=docx()), "two_in_one"),
        ("a.jpg", JPEG[:-2] + b"%PDF-1.4", "two_in_one"),
        ("a.jpg", JPEG[:2] + b"\xff\xfe\x00\x20<script>alert(1)</script>", "two_in_one"),
        ("a.docx", docx()[:-30], "damaged"),
        ("a.docx", docx(parts={"word/vbaProject.bin": b"x"}), "macros"),
        ("a.docm", docx(), "macros"),
        ("a.xls", compound({"Workbook": b"x", "_VBA_PROJECT_CUR/dir": b"x"}), "macros"),
        ("a.docx", xlsx(""), "mismatch"),
        ("a.docx", odf("text", ""), "mismatch"),
        ("a.ods", odf("text", ""), "mismatch"),
        ("a.xls", compound({"WordDocument": b"x"}), "mismatch"),
        ("a.zip", docx(), "archive"),
        ("a.rar", b"Rar!", "archive"),
        ("a.pages", b"x", "kind"),
        ("README", b"x", "no_ending"),
        ("a.txt", b"", "empty"),
        ("a.eml", b"just words\nwithout headers", "mismatch"),
        ("a.png", png(60_000, 60_000), "too_many_pixels"),
        ("a.png", png(40_000, 1), "too_many_pixels"),
        ("a.jpg", JPEG.replace(b"\x00\x40\x00\x60", b"\xea\x60\xea\x60"), "too_many_pixels"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "damaged"),
        ("a.jpg", JPEG[:12], "damaged"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, data: bytes, code: str) -> None:
    """Cases 8, 10, 11 and 14."""
    assert refusal(name, data).code == code


def test_an_office_file_with_a_password_is_accepted_as_what_it_is() -> None:
    locked = compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"})
    assert check("a.docx", locked).extension == "docx"


def test_a_zip_is_accepted_only_where_the_site_allows_it() -> None:
    allowed = AcceptLimits(max_bytes=10_000, allow_zip=True)
    assert check_upload("a.zip", io.BytesIO(docx()), limits=allowed).extension == "zip"
    assert ".zip" not in accepted_extensions()
    assert ".zip" in accepted_extensions(allow_zip=True)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    """Case 4: 1.5 GB behind 1.5 MB."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        with bomb.open("word/document.xml", "w", force_zip64=True) as part:
            for _megabyte in range(200):
                part.write(b"\0" * 1024 * 1024)
    started = time.monotonic()
    assert refusal("a.docx", target.getvalue()).code == "bomb"
    assert time.monotonic() - started < 1


def test_parts_that_overlap_are_a_bomb() -> None:
    """Case 4: the same compressed bytes under many names."""
    honest = bytearray(docx(parts={"word/a.xml": "a" * 5000, "word/b.xml": "b" * 5000}))
    with zipfile.ZipFile(io.BytesIO(honest)) as opened:
        first = opened.getinfo("word/a.xml").header_offset
    entry = honest.rindex(b"PK\x01\x02")
    honest[entry + 42 : entry + 46] = struct.pack("<L", first + 1)
    assert refusal("a.docx", bytes(honest)).code == "bomb"


def test_a_zip_of_100_000_members_is_refused_at_once() -> None:
    """Case 5."""
    entry = b"PK\x01\x02" + b"\0" * 42
    directory = b"".join(entry for _member in range(100_000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 30, 0)
    started = time.monotonic()
    refused_as = refusal("a.docx", b"PK\x03\x04" + b"\0" * 26 + directory + end)
    assert refused_as.code == "too_many_parts"
    assert time.monotonic() - started < 2


def test_a_file_over_the_limit_is_refused_with_the_limit_and_what_to_do() -> None:
    """Case 15, before a byte has come."""
    with pytest.raises(RefusedFile) as caught:
        check_announced("a.pdf", size=200 * 1024 * 1024, limits=LIMITS)
    assert caught.value.code == "too_large"
    assert "Save a smaller copy" in caught.value.message
    assert "100" in caught.value.message


def test_the_limit_is_that_of_the_site(settings) -> None:
    settings.KM_UPLOAD_MAX_BYTES = 10
    with pytest.raises(RefusedFile) as caught:
        check_upload("a.txt", io.BytesIO(b"eleven bytes"))
    assert caught.value.code == "too_large"


def test_a_size_that_nobody_announced_is_no_reason_to_refuse() -> None:
    assert check_announced("a.pdf", size=None, limits=LIMITS).extension == "pdf"


def test_a_file_is_left_where_it_was() -> None:
    source = io.BytesIO(pdf(written("x")))
    source.seek(7)
    check_upload("a.pdf", source, limits=LIMITS)
    assert source.tell() == 7


def test_only_the_edges_of_a_large_file_are_read(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as target:
        target.write(b"words " * 20_000)
        target.seek(90 * 1024 * 1024)
        target.write(b"words " * 20_000)
    started = time.monotonic()
    assert check_upload("large.txt", large, limits=LIMITS).extension == "txt"
    assert time.monotonic() - started < 0.5


def test_every_refusal_says_what_happened_what_was_kept_and_what_to_do() -> None:
    values = dict.fromkeys(("size", "limit", "ending", "label", "width", "height"), "7")
    for code in REFUSAL_CODES:
        message = refused(code, **values).message
        assert message.startswith("This file was not added, because ")
        assert "Everything else you gave is kept." in message
        assert message.endswith(".")
        assert "%(" not in message


def test_every_shared_file_is_typed_right(shared_folder: Path) -> None:
    for path in sorted((shared_folder / "files").iterdir()):
        started = time.monotonic()
        accepted = check_upload(path.name, path, limits=LIMITS)
        assert accepted.extension == path.suffix[1:]
        assert time.monotonic() - started < 0.2, path.name
