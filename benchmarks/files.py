"""Files through the whole path: taken in, checked, read in the sandbox, shared, indexed.

Not measured: the network, the form, a virus scanner. Most of the time passes in the child processes
that read; their processor time is counted too. Wall time is longer on a busy machine, most of all
since these children let everybody else go first.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from docx import Document
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from benchmarks.tables import table
from km_pages.actions.open_team import OpenTeam
from km_pages.actions.share_item import ShareItem
from km_pages.actions.store_file import StoreFile
from km_pages.actions.write_draft import ItemDraft, WriteDraft
from km_pages.drain import drain
from km_pages.finding import find
from km_pages.visibility import as_reader
from km_pages.work import run_due_jobs

FILES_OF_EACH = 10
MEGABYTE = 1_000_000
LINE = "Ring the laboratory before the van leaves, and note the time in the red book. "


@dataclass(frozen=True)
class Row:
    """One kind of file: how many a second, and megabytes a second."""

    kind: str
    files: int
    size: int
    seconds: float
    cpu_seconds: float

    @property
    def files_per_second(self) -> float:
        """Files from the upload to being found."""
        return self.files / self.seconds

    @property
    def megabytes_per_second(self) -> float:
        """Millions of bytes."""
        return self.size / MEGABYTE / self.seconds


def measure() -> None:
    """Print all rows; needs a database with its tables and content."""
    table(
        "Files, from the upload to being found",
        ["", "files", "files a second", "MB a second", "seconds", "CPU seconds"],
        [
            (
                each.kind,
                each.files,
                each.files_per_second,
                each.megabytes_per_second,
                each.seconds,
                each.cpu_seconds,
            )
            for each in rows()
        ],
    )


def rows() -> Iterator[Row]:
    """A row for each format, and one for a PDF of 200 pages; needs a database with its tables.

    Raises ``AssertionError`` where a file is not found by its words afterwards.
    """
    person, team = _people()
    drain()
    for kind, make in MAKERS.items():
        contents = [make(number, 5) for number in range(FILES_OF_EACH)]
        yield _through(person, team, kind, contents)
    yield _through(person, team, "pdf", [_pdf(0, 200)], name="pdf, 200 pages")


def _people() -> tuple[Any, Any]:
    person = get_user_model()._default_manager.create_user(username="bench@example.org")
    team = OpenTeam(name="Bench of files").execute()
    team.members_group.user_set.add(person)
    return person, team


def _through(person: Any, team: Any, kind: str, contents: list[bytes], *, name: str = "") -> Row:
    began, used = time.perf_counter(), _used()
    keys = [
        StoreFile(uploader=person, name=f"{number}.{kind}", stream=ContentFile(content))
        .execute()
        .pk
        for number, content in enumerate(contents)
    ]
    draft = ItemDraft(title=f"Bench {name or kind}", files=keys, holder=person)
    item = WriteDraft(by=person, team=team, draft=draft).execute()
    ShareItem(page=item, by=person).execute()
    run_due_jobs()
    drain()
    seconds, cpu_seconds = time.perf_counter() - began, _used() - used
    hits = find(f'"Bench {name or kind}"', reader=as_reader(person)).hits
    assert hits, f"{kind} was not found"
    return Row(name or kind, len(contents), sum(map(len, contents)), seconds, cpu_seconds)


def _used() -> float:
    """Processor seconds of this process and of all children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _pdf(number: int, pages: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for page in range(pages):
        canvas.drawString(60, 800, f"Page {page} of file {number}")
        for line in range(45):
            canvas.drawString(60, 780 - 16 * line, LINE[: 70 + line % 8])
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _docx(number: int, pages: int) -> bytes:
    out = io.BytesIO()
    document = Document()
    for line in range(45 * pages):
        document.add_paragraph(f"{number} {line} {LINE}")
    document.save(out)
    return out.getvalue()


def _text(number: int, pages: int) -> bytes:
    return "\n".join(f"{number} {line} {LINE}" for line in range(45 * pages)).encode()


def _html(number: int, pages: int) -> bytes:
    return (
        b"<html><body><p>" + _text(number, pages).replace(b"\n", b"</p><p>") + b"</p></body></html>"
    )


def _eml(number: int, pages: int) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = f"Note {number}", "a@example.org", "b@example.org"
    mail.set_content("The plan is attached.")
    mail.add_attachment(
        _pdf(number, pages), maintype="application", subtype="pdf", filename="a.pdf"
    )
    return mail.as_bytes()


def _csv(number: int, pages: int) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([number, line, LINE] for line in range(45 * pages))
    return out.getvalue().encode()


def _photograph(number: int, _pages: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((1600, 1200), 20 + number).convert("RGB").save(out, "JPEG")
    return out.getvalue()


MAKERS: dict[str, Callable[[int, int], bytes]] = {
    "pdf": _pdf,
    "docx": _docx,
    "txt": _text,
    "html": _html,
    "eml": _eml,
    "csv": _csv,
    "jpg": _photograph,
}
