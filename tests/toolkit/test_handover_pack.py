"""The handover pack: what was shared, for those who may see it; tagged; nothing typed is code."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from km_pages.contacts import cards_of
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from km_toolkit.actions.name_areas import AddArea, ShareAreas
from km_toolkit.models import KnowledgeOutput
from tests.factories import StoredFileFactory
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db
DATE = {
    "what": "Audit",
    "when_text": "2 May",
    "date": datetime.date(2027, 5, 2),
    "every_year": True,
}
NASTY = '#panic("x") $a$ *b* _c_ <d> @e \\ "quote" مرحبا é 🙂'


@pytest.fixture
def ward() -> Cast:
    ward = cast()
    AddArea(handover=ward.handover, by=ward.leaver, title=f"Area {NASTY}").execute()
    ShareAreas(handover=ward.handover, by=ward.leaver).execute()
    body = [
        ("contacts", {"entries": [{"name": "Ana; Reyes", "what_for": "pumps,\r\nEND:VCARD"}]}),
        ("text", "<p>Call <b>first</b>.</p><ul><li>one</li><li>two</li></ul>"),
        ("how_to", {"title": "Start", "steps": [{"title": "Press", "text": NASTY, "caution": ""}]}),
        ("dates", {"entries": [DATE]}),
        ("questions", {"entries": [{"question": "Why?", "answer": "Because."}]}),
    ]
    files = [StoredFileFactory(uploader=ward.leaver, name="rota.pdf").pk for _n in range(2)]
    shared = CaptureOutput(
        handover=ward.handover,
        by=ward.leaver,
        title="Contacts and more",
        details={"summary": NASTY, "body": body},
        files=files,
    ).execute()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=shared).execute()
    CaptureOutput(handover=ward.handover, by=ward.leaver, title="Not shared").execute()
    return ward


def fetch(ward: Cast, name: str, who: Any = None) -> Any:
    client = Client()
    client.force_login(who or ward.successor)
    return client.get(reverse(f"km_toolkit:{name}", args=[ward.handover.pk]))


def test_the_pdf_is_tagged_and_says_what_was_shared(ward: Cast) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(fetch(ward, "pack_pdf").content))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert pdf.metadata.title.startswith("Handover: Ward sister")
    text = "\n".join(page.extract_text() for page in pdf.pages)
    assert "Ana; Reyes" in text
    listed = pdf.pages[1].extract_text().partition("Contents")[2].strip()
    assert not listed.startswith("Handover: Ward sister"), "the contents name the pack itself"
    assert '#panic("x")' in text
    assert "Not shared" not in text


def test_the_archive_holds_page_pdf_contacts_dates_and_files(ward: Cast) -> None:
    answer = fetch(ward, "pack_archive")
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert set(packed.namelist()) == {
        "handover.html",
        "handover.pdf",
        "dates.ics",
        "contacts.vcf",
        "dates-of-the-year.ics",
        "files/rota.pdf",
        "files/rota-2.pdf",
    }
    dates = packed.read("dates-of-the-year.ics").decode()
    assert "SUMMARY:Audit\r\nRRULE:FREQ=YEARLY" in dates
    page = packed.read("handover.html").decode()
    assert "Contacts and more" in page
    assert "Not shared" not in page
    assert "<d>" not in page


def test_the_page_shows_the_same(ward: Cast) -> None:
    page = fetch(ward, "pack").content.decode()
    assert "Ana; Reyes" in page
    assert "Not shared" not in page
    assert fetch(ward, "pack_pdf", ward.member).status_code == 404


def test_a_contact_cannot_end_its_card(ward: Cast) -> None:
    cards = cards_of([KnowledgeOutput.objects.get(title="Contacts and more").body])
    assert cards.count("BEGIN:VCARD") == cards.count("\r\nEND:VCARD\r\n") == 1
    assert "FN:Ana\\; Reyes" in cards
