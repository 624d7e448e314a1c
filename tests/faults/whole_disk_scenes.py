"""All data of a site on one small disk: ``python -m tests.faults.whole_disk_scenes``.

Database, uploads, files and index have no room left, all at once; see
:mod:`tests.faults.test_whole_disk`.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.stage import scenes_of, serve
from tests.faults.web_scenes import browser, recover, scene_setup

__all__ = ["scene_setup"]

WORDS = b"Ring the lab before the van leaves: quokka. " * 20_000


@contextlib.contextmanager
def full() -> Iterator[None]:
    """Not a byte more goes onto the disk."""
    from django.conf import settings
    from django.db import connection

    filler = Path(settings.KM_VAR) / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while stream.write(b"x" * 4096):
            pass
    assert shutil.disk_usage(settings.KM_VAR).free == 0
    yield
    connection.close()
    filler.unlink()


def upload(client: Any) -> Any:
    """The script of a form uploads a file."""
    from django.urls import reverse

    from tests.pages.adding import text_file

    return client.post(reverse("km_pages:upload"), {"file": text_file("van.txt", WORDS)})


def write(client: Any) -> Any:
    """The form without script, with a file."""
    from django.urls import reverse

    from tests.pages.adding import text_file, typed

    given = typed(title="Where the van stops", files=text_file("van.txt", WORDS))
    return client.post(reverse("km_pages:add"), given)


def scene_full() -> None:
    """Case 36: words and no fault, nothing half, and all goes on once there is room."""
    from km_pages.models import KnowledgeAssetPage, StoredFile
    from tests.faults.wholeness import problems

    ann = browser("ann")
    ann.raise_request_exception = False
    with full():
        for answer in (upload(ann), write(ann)):
            assert answer.status_code in (422, 503, 507), answer.content[-2000:]
            text = answer.content.decode()
            assert "Traceback" not in text
            assert "No space left" not in text
        assert "Where the van stops" in text, "what was typed is in the answer"
        for path in ("/", "/repository/", "/search/?q=van"):
            assert ann.get(path).status_code == 200, path
    assert not StoredFile.objects.exists()
    assert not KnowledgeAssetPage.objects.exists()
    recover()
    assert problems() == []
    assert upload(ann).status_code == 201
    assert write(ann).status_code == 302
    recover()
    assert problems() == []


if __name__ == "__main__":
    serve(scenes_of(globals()))
