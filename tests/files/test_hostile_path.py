"""Hostile and broken files on the whole way: uploaded, read once, shared all the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from km_pages.files.names import MAX_NAME_BYTES
from km_pages.models import Job, JobState, StoredFile, TextState
from km_pages.work import run_due_jobs
from tests.files.building import docx, multipart, paragraph, pdf, xlsx
from tests.files.test_hostile_reading import LAUGHS, WORD
from tests.pages.adding import add, client_of, make_world, the_item

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LAUGHING = f"{LAUGHS}<w:document {WORD}><w:body>{paragraph('&i;')}</w:body></w:document>"
CORNER = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>corner</t></is></c></row>'
NOISE = b"%PDF-1.7\n" + bytes(range(256)) * 40
# Name, content, and whether it can be read.
HARM: dict[str, tuple[bytes, bool]] = {
    "noise.pdf": (NOISE, False),
    "twice.pdf": (pdf(b" " * 300 * 1024 * 1024, compressed_twice=True), False),
    "laughs.docx": (docx(parts={"word/document.xml": LAUGHING}), False),
    "corner.xlsx": (xlsx(CORNER), True),
    "nested.eml": (multipart(1000), True),
}
NAMES = {
    "../../etc/passwd.txt": "passwd.txt",
    "CON.txt": "_CON.txt",
    "a" * 300 + ".txt": None,
    "invoice\u202etxt.fdp.txt": "invoicetxt.fdp.txt",
    # Django takes out what joins the two signs.
    "whiteboard 👩\u200d⚕️.txt": "whiteboard 👩⚕️.txt",
    "line\r\nSet-Cookie: a=b.txt": None,
    "nul\0byte.txt": None,
}


def give(client: Client, name: str, content: bytes) -> Any:
    """What the address for the script of the form answers."""
    return client.post(reverse("km_pages:upload"), {"file": SimpleUploadedFile(name, content)})


def test_each_is_stored_read_once_said_and_shared_and_the_worker_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cases 1, 2, 3, 6, 7 and 21."""
    world = make_world()
    client = client_of(world.author)
    holding = tmp_path / "temporary"
    holding.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(holding))
    for name, (content, _readable) in HARM.items():
        assert give(client, name, content).status_code == 201, name
    assert give(client, "last.txt", b"Ring the lab first.").status_code == 201
    run_due_jobs()
    # The last one was read: whatever came before, the worker is alive.
    assert StoredFile.objects.get(name="last.txt").passages.get().text == "Ring the lab first."
    assert set(Job.objects.values_list("state", "attempts")) == {(JobState.DONE, 1)}
    assert list(holding.iterdir()) == list((tmp_path / "incoming").iterdir()) == []
    for name, (_content, readable) in HARM.items():
        stored = StoredFile.objects.get(name=name)
        assert (stored.text_state == TextState.READ) == readable, (name, stored.reason)
        assert bool(stored.reason) != readable, name
    keys = list(StoredFile.objects.values_list("pk", flat=True))
    assert add(client, do="share", kept=keys).status_code == 302
    item = the_item()
    assert item.live
    text = client_of(world.member).get(item.url).content.decode()
    for stored in StoredFile.objects.all():
        assert stored.name in text
        assert not stored.reason or escape(stored.reason) in text


@pytest.mark.parametrize("name", NAMES)
def test_no_name_reaches_the_disk_or_splits_a_header(name: str, tmp_path: Path) -> None:
    """Case 14, from the request of the browser to the answer of the download."""
    world = make_world()
    client = client_of(world.author)
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.replace("\r\n", "%0D%0A").encode()
        + b'"\r\nContent-Type: text/plain\r\n\r\nRing the lab.\r\n--edge--\r\n'
    )
    kind = "multipart/form-data; boundary=edge"
    answer = client.generic("POST", reverse("km_pages:upload"), body, kind)
    assert answer.status_code == 201, answer.content
    stored = StoredFile.objects.get()
    assert stored.name == (NAMES[name] or stored.name)
    assert stored.name.endswith(".txt")
    assert len(stored.name.encode()) <= MAX_NAME_BYTES
    (on_disk,) = [each for each in (tmp_path / "files").rglob("*") if each.is_file()]
    assert re.fullmatch(r"[0-9a-f-]+(\.\w+)?", on_disk.name)
    given = client.get(reverse("km_pages:file", args=[stored.uuid, stored.name]))
    assert given.status_code == 200
    assert "Set-Cookie" not in given.headers
    assert given.headers["Content-Disposition"].isprintable()
    assert given.headers["Content-Disposition"].startswith("attachment; ")
