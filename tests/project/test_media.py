"""Images of pages are public; what else stands beside them is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories import home_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any) -> Path:
    home_page()
    root = Path(settings.MEDIA_ROOT)
    for name in ("images/a.png", "documents/b.pdf", "c.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"content of " + name.encode())
    return root


def test_an_image_is_given_to_anybody_and_runs_nothing(folder: Path, client: Client) -> None:
    answer = client.get("/media/images/a.png")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"content of images/a.png"
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.post("/media/images/a.png").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "documents/b.pdf",
        "images/../documents/b.pdf",
        "images/./../documents/b.pdf",
        "images//../documents/b.pdf",
        "images/..%2Fdocuments/b.pdf",
        "images/../../files/x",
        "../media/documents/b.pdf",
        "images/%00",
        "images/",
        "images",
        "c.txt",
        "images/no-such.png",
    ],
)
def test_nothing_else_below_the_folder_is_given_out(
    folder: Path, client: Client, path: str
) -> None:
    assert client.get(f"/media/{path}").status_code == 404
