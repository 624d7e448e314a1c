"""Names of files: safe to store, to show and to send in a header."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from km_pages.files.names import MAX_NAME_BYTES, content_disposition, extension_of, safe_name


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("Handover notes.docx", "Handover notes.docx"),
        ("", "file"),
        ("   ", "file"),
        ("...", "file"),
        (".pdf", "file.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\evil.pdf", "evil.pdf"),
        ("/absolute/report.pdf", "report.pdf"),
        ("folder/", "folder"),
        ("nul\0byte.pdf", "nulbyte.pdf"),
        ("line\r\nSet-Cookie: a=b.pdf", "line Set-Cookie- a=b.pdf"),
        ("tab\there.txt", "tab here.txt"),
        ("CON.pdf", "_CON.pdf"),
        ("con", "_con"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("console.pdf", "console.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2066b\u2069\u200f.pdf", "ab.pdf"),
        ("zero\u200bwidth\ufeff.pdf", "zerowidth.pdf"),
        ("whiteboard 👩‍⚕️.jpg", "whiteboard 👩‍⚕️.jpg"),
        ("مذكرة.pdf", "مذكرة.pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ('a<b>"c"|d?*.pdf', "a-b--c--d--.pdf"),
        ("trailing dots...", "trailing dots"),
        ("report.pdf . ", "report.pdf"),
        ("lone\ud800.pdf", "lone.pdf"),
        ("no break\u00a0space.pdf", "no break space.pdf"),
        ("\u2028line\u2029.pdf", "line.pdf"),
    ],
)
def test_a_name_is_made_safe(raw: str, safe: str) -> None:
    """Case 14."""
    assert safe_name(raw) == safe


@pytest.mark.parametrize("letter", ["a", "é", "漢", "👩"])
def test_a_name_that_is_too_long_is_shortened_and_keeps_its_extension(letter: str) -> None:
    """Case 14."""
    name = safe_name(letter * 300 + ".docx")
    assert name.endswith(".docx")
    assert name.startswith(letter)
    assert MAX_NAME_BYTES - 4 < len(name.encode()) <= MAX_NAME_BYTES


@given(st.text(st.characters(), max_size=400))
def test_no_text_at_all_gives_an_unsafe_name(raw: str) -> None:
    """Case 14."""
    name = safe_name(raw)
    assert name
    assert name.strip() not in ("", ".", "..")
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert not set(name) & set("/\\\0\r\n\u202e\u2066\u2028")
    assert safe_name(name) == name


@given(st.text(st.characters(), max_size=300))
def test_no_name_can_split_a_header(raw: str) -> None:
    """Case 14."""
    value = content_disposition(raw)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    response = HttpResponse()
    response["Content-Disposition"] = value
    assert response["Content-Disposition"] == value


def test_a_header_carries_the_true_name_and_one_for_old_programs() -> None:
    value = content_disposition("Übergabe “Plan”.pdf")
    plain, encoded = value.removeprefix('attachment; filename="').split("\"; filename*=UTF-8''")
    assert plain == "U_bergabe _Plan_.pdf"
    assert encoded == "%C3%9Cbergabe%20%E2%80%9CPlan%E2%80%9D.pdf"


def test_a_header_can_offer_a_file_inside_the_page() -> None:
    assert content_disposition("a.pdf", inline=True).startswith("inline; ")


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.PDF", "pdf"),
        ("a.tar.gz", "gz"),
        ("README", ""),
        ("what.happened in June", ""),
        ("evil.exe\u202efdp.", "exefdp"),
        ("a.pdf\0.exe", "exe"),
        ("a.pdf. .", "pdf"),
    ],
)
def test_the_extension_is_that_of_the_safe_name(name: str, extension: str) -> None:
    assert extension_of(name) == extension
