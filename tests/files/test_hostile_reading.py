"""Files that mean harm, and files that are broken: an answer in words, and nothing left behind."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest

from km_pages.files.reasons import REASONS
from tests.files.building import (
    WORD,
    compound,
    docx,
    multipart,
    odf,
    paragraph,
    pdf,
    written,
    xlsx,
)
from tests.files.reading import read

LAUGHS = (
    "<!DOCTYPE lolz [<!ENTITY a 'lol'>"
    + "".join(
        f"<!ENTITY {new} '{f'&{old};' * 10}'>"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def bomb_of_zeros(megabytes: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        with made.open("word/document.xml", "w", force_zip64=True) as part:
            for _megabyte in range(megabytes):
                part.write(b" " * 1024 * 1024)
    return target.getvalue()


def test_every_reason_is_short_enough_to_be_stored() -> None:
    assert all(len(str(each)) <= 255 for each in REASONS.values())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_pdf_that_is_cut_off_is_damaged_or_read_as_far_as_it_goes(share: float) -> None:
    """Case 1."""
    whole = pdf(*[written(f"page number {n}") for n in range(20)])
    result = read(whole[: int(len(whole) * share)], "pdf")
    assert result.state == "read" or result.reason_code in ("damaged", "empty")


def test_a_pdf_of_noise_is_damaged() -> None:
    """Case 1."""
    result = read(b"%PDF-1.7\n" + bytes(range(256)) * 40, "pdf")
    assert (result.state, result.reason_code) == ("unreadable", "damaged")
    assert "fresh copy" in result.reason


def test_one_broken_page_does_not_hide_the_others() -> None:
    broken = pdf(written("first"), b"BT /F1 Tf Td ] >> ((", written("third"))
    result = read(broken, "pdf")
    assert [(each.number, each.text) for each in result.passages] == [(1, "first"), (3, "third")]
    assert result.pages_without_text == (2,)


def test_a_page_of_2_gib_is_not_unpacked() -> None:
    """Case 3: two gigabytes of blanks behind two megabytes."""
    result = read(pdf(b" " * 400 * 1024 * 1024 + written("after")), "pdf")
    assert result.state == "unreadable" or result.text == ""
    assert result.seconds < 60
    assert result.peak_bytes < 2 * 1024**3


def test_a_page_compressed_twice_is_not_unpacked() -> None:
    """Case 3: 4 kB that are gigabytes."""
    content = pdf(b" " * 300 * 1024 * 1024, compressed_twice=True)
    assert len(content) < 64 * 1024
    result = read(content, "pdf")
    assert result.state == "unreadable"
    assert result.seconds < 60
    assert result.peak_bytes < 2 * 1024**3


def test_millions_of_operators_end_in_time() -> None:
    """Case 3: the processor's time is what runs out; on a busy machine the clock takes longer."""
    result = read(pdf(b"BT " + b"1 0 0 1 0 0 Tm (a) Tj " * 3_000_000 + b"ET"), "pdf", cpu_seconds=4)
    assert result.seconds < 45
    assert result.peak_bytes < 2 * 1024**3
    assert result.state == "unreadable" or result.truncated or result.text


def test_pages_read_before_the_time_is_over_are_kept() -> None:
    slow = b"BT " + b"1 0 0 1 0 0 Tm (a) Tj " * 1_500_000 + b"ET"
    result = read(pdf(written("kept words"), slow, slow, slow), "pdf", cpu_seconds=2)
    assert result.state == "read"
    assert result.passages[0].text == "kept words"


def test_a_docx_bomb_is_refused_before_it_is_unpacked() -> None:
    """Case 4."""
    result = read(bomb_of_zeros(300), "docx")
    assert (result.state, result.reason_code) == ("unreadable", "bomb")
    assert result.seconds < 1
    assert result.peak_bytes < 200 * 1024**2


def test_a_part_that_lies_about_its_size_is_read_no_further_than_it_said() -> None:
    """Case 4: the list says 1,000 bytes, the part holds 20 megabytes."""
    honest = bytearray(bomb_of_zeros(20))
    entry = honest.rindex(b"PK\x01\x02")
    honest[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    result = read(bytes(honest), "docx")
    assert result.state == "unreadable"
    assert result.seconds < 2


@pytest.mark.parametrize("extension", ["docx", "odt", "xlsx", "pptx"])
def test_a_zip_of_too_many_parts_is_not_opened(extension: str) -> None:
    """Case 5."""
    parts = {f"word/{n}.xml": b"" for n in range(11_000)}
    result = read(docx(parts=parts), extension)
    assert (result.state, result.reason_code) == ("unreadable", "bomb")
    assert result.seconds < 2


def test_a_billion_laughs_are_not_told() -> None:
    """Case 6."""
    body = f"{LAUGHS}<w:document {WORD}><w:body>{paragraph('&i;')}</w:body></w:document>"
    result = read(docx(parts={"word/document.xml": body}), "docx")
    assert (result.state, result.reason_code) == ("unreadable", "forbidden")
    assert result.seconds < 5


@pytest.mark.parametrize(
    "extension_and_part", [("docx", "word/document.xml"), ("odt", "content.xml")]
)
def test_no_file_of_the_machine_is_read_into_a_document(
    extension_and_part: tuple[str, str], tmp_path: Path
) -> None:
    """Case 6."""
    extension, part = extension_and_part
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret of this machine")
    entity = f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{secret}">]>'
    body = (
        f"{entity}<w:document {WORD}><w:body>{paragraph('before &x; after')}</w:body></w:document>"
    )
    made = docx(parts={part: body}) if extension == "docx" else odf("text", "", **{part: body})
    result = read(made, extension)
    assert (result.state, result.reason_code) == ("unreadable", "forbidden")
    assert "secret" not in repr(result)


def test_one_cell_in_the_last_column_of_the_last_row_is_one_cell() -> None:
    """Case 7."""
    row = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far corner</t></is></c></row>'
    result = read(xlsx(row), "xlsx")
    assert result.text == "far corner"
    assert result.seconds < 5


def test_cells_repeated_a_million_times_are_one_cell() -> None:
    """Case 7, as OpenDocument says it."""
    cell = (
        '<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384"><text:p>once</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )
    result = read(odf("spreadsheet", cell), "ods")
    assert result.text == "once"


@pytest.mark.parametrize("depth", [30, 150, 1000, 20_000])
def test_an_e_mail_nested_without_end_is_capped(depth: int) -> None:
    """Case 21."""
    result = read(multipart(depth), "eml")
    assert result.state == "read"
    assert "Nested deep" in result.text
    assert result.seconds < 5


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (b"<div>" * 300_000 + b"deep words", "html"),
        (b"<table><tr><td>" * 20_000 + b"deep words", "html"),
        (b"<" * 500_000 + b" deep words", "html"),
        (b"</" * 500_000 + b" deep words", "html"),
        (b"<a " * 500_000 + b" deep words", "html"),
        (b"<![CDATA[" * 200_000 + b" deep words", "html"),
        (b"<?" * 500_000 + b" deep words", "html"),
        (b"<a b='" * 300_000 + b" deep words", "html"),
        (b"<script>" * 300_000 + b" deep words", "html"),
        (b"<textarea>" * 300_000 + b" deep words", "html"),
        (b"<a " + b"x=" * 1_000_000 + b"><p>deep words", "html"),
        (b"<!--" * 500_000 + b" deep words", "html"),
        (b"&" * 3_000_000 + b" deep words", "html"),
        (b"{\\rtf1 " + b"{" * 500_000 + b" deep words", "rtf"),
        (b"{\\rtf1 \\bin999999999999 x", "rtf"),
        (b'"' * 2_000_001 + b"deep words", "csv"),
        (b"WEBVTT\n\n" + b"<" * 1_000_000, "vtt"),
    ],
    ids=range(17),
)
def test_markup_without_end_is_no_hang(data: bytes, extension: str) -> None:
    """Case 9, in files."""
    result = read(data, extension)
    assert result.reason_code in ("", "empty", "damaged", "too_slow", "too_big")
    assert result.seconds < 20


def test_xml_nested_without_end_is_no_crash() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 30_000
    body = f"<w:document {WORD}><w:body>{paragraph('before')}{deep}"
    result = read(docx(parts={"word/document.xml": body}), "docx")
    assert result.state == "read" or result.reason_code == "damaged"


def test_office_files_with_a_password_are_protected() -> None:
    """Case 2."""
    locked = compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"})
    for extension in ("docx", "xlsx", "pptx"):
        assert read(locked, extension).reason_code == "protected"
    hidden = odf("text", "", manifest="<manifest:encryption-data/>")
    assert read(hidden, "odt").reason_code == "protected"


def test_a_document_without_words_is_empty_and_pictures_alone_are_a_scan() -> None:
    assert read(docx(), "docx").reason_code == "empty"
    assert read(b" \n\t ", "txt").reason_code == "empty"
    assert read(pdf(b""), "pdf").reason_code == "empty"
    picture = b"/XObject<</I<</Subtype/Image/Type/XObject/Width 1/Height 1>>>>"
    scan = read(pdf(b"/I Do", resources=picture), "pdf")
    assert (scan.reason_code, scan.pages) == ("scan", 1)


def test_a_kind_without_a_reader_is_kept_and_says_so() -> None:
    result = read(b"x", "dwg")
    assert (result.state, result.reason_code) == ("unreadable", "no_reader")


def test_a_part_that_is_damaged_keeps_what_comes_before() -> None:
    body = f"<w:document {WORD}><w:body>{paragraph('kept words')}<w:p><w:broken"
    result = read(docx(parts={"word/document.xml": body}), "docx")
    assert (result.text, result.truncated) == ("kept words", True)


def test_text_beyond_the_limit_is_cut_and_said_so() -> None:
    started = time.monotonic()
    result = read(b"many words " * 400_000, "txt", text_bytes=100_000)
    assert result.truncated
    assert 90_000 < len(result.text.encode()) <= 110_000
    assert sum(len(each.text) for each in result.passages) <= 100_000
    assert time.monotonic() - started < 5


def test_no_temporary_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read(b"%PDF-1.7 broken", "pdf")
    read(bomb_of_zeros(100), "docx")
    read(b"words", "txt", wall_seconds=0)
    assert list(tmp_path.iterdir()) == []
