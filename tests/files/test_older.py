"""Word, Excel and PowerPoint files of before 2007, read by a real LibreOffice."""

from __future__ import annotations

import io
import subprocess
import tempfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from docx import Document

from km_pages.actions.store_file import StoreFile
from km_pages.files import older
from km_pages.files.children import ask, bounds_from_settings
from km_pages.files.confinement import Bounds
from km_pages.files.reading import read_text
from km_pages.models import StoredFile, TextState
from km_pages.work import run_due_jobs
from tests.factories import UserFactory
from tests.files.building import compound

HERE = bool(older.converter())
with_libreoffice = pytest.mark.skipif(not HERE, reason="LibreOffice is not installed here")

# A table that LibreOffice turns into sheets, and an outline that it turns into slides.
TABLE = "Item,Ring\nSyringe pump,2400\nLabel printer,2417\n"
OUTLINE = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.presentation">
 <office:body><office:presentation>{}</office:presentation></office:body></office:document>"""
SLIDE = (
    '<draw:page><draw:frame svg:width="20cm" svg:height="5cm" svg:x="1cm" svg:y="1cm">'
    "<draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame></draw:page>"
)


def letter_of(text: str) -> bytes:
    """A Word file with one paragraph."""
    document, out = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def made(folder: Path, name: str, content: bytes, kind: str) -> bytes:
    """``content`` as LibreOffice itself writes it in the older ``kind``."""
    source = folder / name
    source.write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
    return source.with_suffix(f".{kind}").read_bytes()


def stored(name: str, content: bytes) -> StoredFile:
    stream = ContentFile(content)
    file = StoreFile(uploader=UserFactory(), name=name, stream=stream).execute()
    run_due_jobs()
    file.refresh_from_db()
    return file


@pytest.fixture(autouse=True)
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made; nothing may stay in it."""
    folder = tmp_path / "desks"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@with_libreoffice
@pytest.mark.slow
@pytest.mark.django_db
def test_older_files_are_read_with_their_sheets_and_slides(tmp_path: Path, desks: Path) -> None:
    slides = OUTLINE.format(SLIDE.format("Ring the porter") + SLIDE.format("Ask for bladderwrack"))
    letter = letter_of("Ring the laboratory, and say quillwort.")
    for name, content, kind, words, label in (
        ("letter.docx", letter, "doc", "say quillwort", "text"),
        ("numbers.csv", TABLE.encode(), "xls", "Label printer", "numbers"),
        ("talk.fodp", slides.encode(), "ppt", "bladderwrack", "slide 2"),
    ):
        file = stored(f"x.{kind}", made(tmp_path, name, content, kind))
        assert file.text_state == TextState.READ, (kind, file.reason)
        passage = file.passages.get(text__contains=words)
        assert label in passage.label, kind
        assert list(desks.iterdir()) == []


@with_libreoffice
@pytest.mark.slow
def test_what_it_cannot_open_or_takes_too_long_over_is_said_in_words(
    tmp_path: Path, desks: Path
) -> None:
    broken = tmp_path / "a.doc"
    broken.write_bytes(compound({"WordDocument": b"x" * 5000}))
    result = read_text(broken, extension="doc")
    assert result.state == "unreadable", result.passages
    assert result.reason_code in ("not_converted", "empty"), result
    letter = tmp_path / "b.doc"
    letter.write_bytes(made(tmp_path, "letter.docx", letter_of("Ring."), "doc"))
    result = read_text(letter, extension="doc", bounds=Bounds(wall_seconds=1, cpu_seconds=1))
    assert result.reason_code in ("too_slow", "not_converted", ""), result
    assert list(desks.iterdir()) == []


@with_libreoffice
@pytest.mark.slow
def test_it_reads_no_other_file_of_the_machine(tmp_path: Path, desks: Path) -> None:
    """A document that shows another file by a link gets nothing of that."""
    secret = tmp_path / "secret.txt"
    secret.write_text("bladderwrack")
    page = f'<html><body><p>Here: </p><iframe src="file://{secret}"></iframe></body></html>'
    linked = f"""<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>
 <text:section text:name="s"><text:section-source xlink:href="file://{secret}"/><text:p/></text:section>
 <text:p>Ring</text:p></office:text></office:body></office:document>"""
    for number, content in enumerate((page, linked)):
        given = tmp_path / f"given{number}.doc"
        given.write_text(content)
        with (
            given.open("rb") as source,
            older.converted(source, "doc", bounds_from_settings()) as (newer, _outcome),
        ):
            assert newer is None or b"bladderwrack" not in newer.read()
    assert not any(
        each.name.startswith("km-older") for each in Path(tempfile.gettempdir()).iterdir()
    )


@pytest.mark.django_db
def test_without_it_the_file_is_kept_and_says_that_only_its_name_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(older, "converter", lambda: "")
    file = stored("a.doc", compound({"WordDocument": b"x"}))
    assert file.text_state == TextState.NO_TEXT
    assert read_text(file.blob.open("rb").file, extension="doc").reason_code == "no_reader"


@with_libreoffice
@pytest.mark.slow
def test_where_the_system_gives_it_no_folder_of_its_own_it_is_as_if_it_were_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "a.doc"
    given.write_bytes(compound({"WordDocument": b"x"}))
    # No such folder can be put in the place of another.
    monkeypatch.setattr(older, "ask", lambda *a, **k: ask(a[0], {**a[1], "desk": "/no/desk"}, **k))
    assert read_text(given, extension="doc").reason_code == "no_reader"
