"""What stands beside a file on its page: when it was written and changed, which part is shown."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from django.urls import reverse
from docx import Document
from pypdf import PdfWriter

from tests.files.building import ODF_NAMES, odf, pdf, written
from tests.files.reading import read
from tests.files.test_whole_path import settle, share
from tests.pages.adding import client_of, make_world

MADE, CHANGED = date(2021, 3, 4), date(2024, 5, 6)


def word() -> bytes:
    made, target = Document(), io.BytesIO()
    made.add_paragraph("Keys")
    made.core_properties.created = datetime(2021, 3, 4, 9)
    made.core_properties.modified = datetime(2024, 5, 6, 9)
    made.save(target)
    return target.getvalue()


def opendocument() -> bytes:
    meta = (
        f'<office:document-meta {ODF_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<office:meta><meta:creation-date>2021-03-04T09:00:00</meta:creation-date>"
        "<dc:date>2024-05-06T09:00:00</dc:date></office:meta></office:document-meta>"
    )
    return odf("text", "<text:p>Keys</text:p>", **{"meta.xml": meta})


def paper() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf(written("Keys"))))
    writer.add_metadata({"/CreationDate": "D:20210304090000Z'", "/ModDate": "D:20240506090000Z"})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


FILES = {
    "docx": word(),
    "odt": opendocument(),
    "pdf": paper(),
    "rtf": rb"{\rtf1{\info{\creatim\yr2021\mo3\dy4}{\revtim\yr2024\mo5\dy6}}Keys}",
    "md": b"---\ntitle: Keys\ndate: 2021-03-04\nupdated: 2024-05-06\n---\nKeys",
}


@pytest.mark.parametrize("extension", FILES)
def test_both_dates_are_read(extension: str) -> None:
    found = read(FILES[extension], extension)
    assert (found.created, found.changed) == (MADE, CHANGED)


@pytest.mark.django_db
def test_both_dates_stand_beside_the_file_and_the_same_one_only_once() -> None:
    world = make_world()
    once = rb"{\rtf1{\info{\creatim\yr2021\mo3\dy4}{\revtim\yr2021\mo3\dy4}}Keys}"
    for name, data, changed in (("a.docx", word(), True), ("b.rtf", once, False)):
        stored = share(world, name, data)
        settle()
        address = reverse("km_pages:file_page", args=[stored.uuid])
        page = client_of(world.member).get(address).content.decode()
        assert page.count("4 March 2021") == 1
        assert ("last changed 6 May 2024" in page) is changed
        assert ("last changed" in page) is changed


@pytest.mark.django_db
def test_a_file_in_one_piece_is_not_called_by_its_only_part() -> None:
    world = make_world()
    stored = share(world, "keys.md", b"Under the blue pot")
    settle()
    address = reverse("km_pages:file_page", args=[stored.uuid])
    page = client_of(world.member).get(address).content.decode()
    assert '<h2 id="km-words">The words in it</h2>' in page
