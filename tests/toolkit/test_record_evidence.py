"""A record to hand in: tagged, complete, formula-safe, in the background when it is long."""

from __future__ import annotations

import csv
import datetime
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from km_pages.models.files import knowledge_storage
from km_pages.work import run_due_jobs
from km_toolkit import record_papers
from km_toolkit.actions.record_learning import CorrectEntry, WithdrawEntry
from km_toolkit.models import LearningEntry, PaperState, RecordPaper
from km_toolkit.views import record_evidence
from tests.factories import UserFactory
from tests.toolkit.recording import SECRET, entry_of, learned, posted, scheme

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
NASTY = '#panic("x") $a$ *b* _c_ <d> @e \\ "quote" مرحبا é 🙂'


@pytest.fixture
def me() -> Any:
    return UserFactory(first_name="Mara", last_name="Quill")


@pytest.fixture
def client(me: Any) -> Client:
    made = Client()
    made.force_login(me)
    return made


def url(name: str, *args: Any) -> str:
    return reverse(f"km_record:{name}", args=args)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_pdf_is_tagged_has_language_and_title_and_reads_in_order(
    me: Any, client: Client
) -> None:
    parts = frozenset(each.pk for each in scheme("NMC", "Preserve safety").parts.all())
    entry_of(me, aim="To begin with", practice_change="In the end", parts=parts)
    reader = PdfReader(io.BytesIO(client.get(url("as_pdf")).content))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/StructTreeRoot"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Learning record"
    words = " ".join(reader.pages[0].extract_text().split())
    place = 0
    for part in ("Learning record", "Mara Quill", "Period", "Totals", "NMC", "Date", "4 Mar 2026",
                 "After action review", "45 min", "Preserve safety", "To begin with", SECRET,
                 "In the end", "1 / 1"):  # fmt: skip
        place = words.find(part, place)
        assert place >= 0, part


def test_whatever_was_typed_is_text_and_a_long_record_takes_more_pages(
    me: Any, client: Client
) -> None:
    for number in range(12):
        text = f"{NASTY} " + "What we planned and what came of it. " * 40
        entry_of(me, what=f"{number} {NASTY}", reflection=text, practice_change=NASTY)
    reader = PdfReader(io.BytesIO(client.get(url("as_pdf")).content))
    assert len(reader.pages) > 2
    words = " ".join(page.extract_text() for page in reader.pages)
    assert '#panic("x")' in words
    assert f"{len(reader.pages)} / {len(reader.pages)}" in words


def test_a_word_wider_than_its_column_goes_on_in_the_next_line(me: Any, client: Client) -> None:
    wide = "Verlaufsdokumentation" * 4
    entry_of(me, what=wide, reflection=wide, reference="x" * 60)
    words = PdfReader(io.BytesIO(client.get(url("as_pdf")).content)).pages[0].extract_text()
    assert max(len(each) for each in words.split()) <= 44
    assert wide in words.replace("\n", "")


def test_an_open_period_is_printed_with_its_first_and_last_day(me: Any, client: Client) -> None:
    for day in ("2026-02-03", "2026-05-06"):
        entry_of(me, date=datetime.date.fromisoformat(day))

    def facts(query: str) -> str:
        reader = PdfReader(io.BytesIO(client.get(url("as_pdf") + query).content))
        return " ".join(reader.pages[0].extract_text().split())

    assert "Period: 3 February 2026 to 6 May 2026" in facts("")
    assert "Period: 1 March 2026 to 6 May 2026" in facts("?starts=2026-03-01")


def test_no_cell_of_the_table_is_a_formula(me: Any, client: Client) -> None:
    entry_of(me, what='=HYPERLINK("http://x")', role="+1", aim="@a", reflection="-2")
    text = client.get(url("as_csv")).content.decode()
    row = list(csv.reader(io.StringIO(text)))[1]
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert row[3:5] == ["45", "30"]


def test_the_days_at_both_ends_belong_to_the_period_and_nonsense_is_left_out(
    me: Any, client: Client
) -> None:
    for day in (3, 4, 5, 6):
        entry_of(me, date=datetime.date(2026, 3, day), what=f"On day {day}")
    seen = client.get(url("to_print") + "?starts=2026-03-04&ends=2026-03-05").content.decode()
    assert [f"On day {day}" in seen for day in (3, 4, 5, 6)] == [False, True, True, False]
    for nonsense in ("?starts=x&ends=9999-99-99", "?starts=2026-03-09&ends=2026-03-01"):
        assert client.get(url("to_print") + nonsense).status_code == 200


def test_what_was_corrected_or_taken_out_is_not_handed_in(me: Any, client: Client) -> None:
    old = entry_of(me, what="Wrong words")
    CorrectEntry(owner=me, entry=old, learned=learned(what="Right words")).execute()
    WithdrawEntry(owner=me, entry=entry_of(me, what="Never happened")).execute()
    seen = client.get(url("to_print")).content.decode()
    assert "Right words" in seen
    assert "Wrong words" not in seen
    assert "Never happened" not in seen
    assert "All entries" in seen


def test_everything_of_mine_is_in_one_file_and_nothing_of_others(me: Any, client: Client) -> None:
    for _twice in range(2):
        client.post(
            "/learning/record/add/",
            posted(files=SimpleUploadedFile("proof.txt", b"attended"), what="Peer assist"),
        )
    old = LearningEntry.objects.first()
    assert old is not None
    files = tuple(old.evidence.values_list("stored_file", flat=True))
    CorrectEntry(owner=me, entry=old, learned=learned(what="Corrected", files=files)).execute()
    client.post("/learning/record/draft/", posted(what="Half a draft"))
    entry_of(UserFactory(), what="Somebody else's")
    packed = zipfile.ZipFile(io.BytesIO(body(client.get(url("everything")))))
    names = packed.namelist()
    assert names[:4] == [f"my-learning-record.{end}" for end in ("html", "pdf", "csv", "json")]
    assert names[4:] == ["files/2026-03-04 proof.txt"]
    assert packed.read(names[4]) == b"attended"
    data = json.loads(packed.read("my-learning-record.json"))
    assert {each["state"] for each in data["entries"]} == {"", "corrected later"}
    assert data["drafts"][0]["content"]["what"] == ["Half a draft"]
    everything = b" ".join(packed.read(name) for name in names if not name.endswith("pdf"))
    assert b"Somebody else" not in everything
    assert b"Corrected" in everything


def test_a_long_record_is_made_by_the_worker_and_given_to_its_owner_alone(
    me: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_evidence, "MOST_AT_ONCE", 1)
    for number in range(3):
        entry_of(me, what=f"Entry {number}")
    asked = client.get(url("as_pdf"))
    assert client.get(url("as_pdf")).url == asked.url
    waiting = client.get(asked.url)
    assert "It is being made" in waiting.content.decode()
    assert waiting.headers["Refresh"]
    run_due_jobs()
    paper = RecordPaper.objects.get()
    assert (paper.state, paper.total) == (PaperState.READY, 3)
    ready = client.get(asked.url)
    assert "Refresh" not in ready.headers
    pdf = body(client.get(url("paper_file", paper.key)))
    assert "Entry 2" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    boss = Client()
    boss.force_login(UserFactory(is_superuser=True, is_staff=True))
    for name in ("paper", "paper_file"):
        assert boss.get(url(name, paper.key)).status_code == 404
    everything = client.get(url("everything"))
    run_due_jobs()
    archive = RecordPaper.objects.get(kind="zip")
    assert str(archive.key) in everything.url
    assert zipfile.is_zipfile(io.BytesIO(body(client.get(url("paper_file", archive.key)))))


def test_a_print_that_fails_says_so_and_one_of_yesterday_is_thrown_away(
    me: Any,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(record_evidence, "MOST_AT_ONCE", 0)
    entry_of(me)
    asked = client.get(url("as_pdf")).url

    def fails(*_args: Any) -> bytes:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(record_papers, "record_pdf", fails)
        run_due_jobs()
    assert "It could not be made" in client.get(asked).content.decode()
    again = client.post(url("make_again", RecordPaper.objects.get().key)).url
    run_due_jobs()
    paper = RecordPaper.objects.get(state=PaperState.READY)
    assert str(paper.key) in again
    RecordPaper.objects.update(asked_at=timezone.now() - datetime.timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        assert record_papers.forget_old_papers() == 2
    assert not knowledge_storage().exists(str(paper.blob.name))


def test_the_printed_record_asks_as_often_for_one_entry_as_for_twenty(
    me: Any, client: Client
) -> None:
    parts = frozenset(each.pk for each in scheme("NMC", "Preserve safety").parts.all())
    entry_of(me, parts=parts)
    counts = []
    for number in range(2):
        for way in ("to_print", "as_pdf", "as_csv"):
            client.get(url(way))
            with CaptureQueriesContext(connection) as asked:
                client.get(url(way))
            counts.append(len(asked))
        for more in range(19 if number == 0 else 0):
            entry_of(me, parts=parts, what=f"Entry {more}")
    assert counts[:3] == counts[3:]
