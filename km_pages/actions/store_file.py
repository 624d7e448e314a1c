"""Take in one uploaded file: checked, counted, hashed, stored, and its reading asked for."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from km_pages.conf import conf
from km_pages.files.accept import check_announced, check_upload
from km_pages.files.hashing import TooLarge, stream_to
from km_pages.files.refusals import RefusedFile, refused
from km_pages.models import Job, ScanState, StoredFile, TextState
from km_pages.models.files import knowledge_storage
from km_pages.signals import file_stored

CHUNK = 256 * 1024
READ_FILE = "read_file"


@dataclass(frozen=True, kw_only=True)
class StoreFile:
    """Store what ``stream`` gives as a file called ``name`` of ``uploader``.

    ``stream`` is an open file or an iterable of bytes. The bytes are on the disk before the row
    exists, so that no row is ever without its file; a file without a row is swept away later.
    """

    uploader: Any
    name: str
    stream: Any

    def check(self) -> None:
        """Raise ``RefusedFile`` for what can be refused before a byte has come."""
        size = getattr(self.stream, "size", None)
        check_announced(self.name, size=size)
        used = StoredFile.objects.filter(uploader=self.uploader).aggregate(
            bytes=Sum("size"), number=Count("pk")
        )
        limits = conf()
        if (used["bytes"] or 0) + (size or 0) > limits.upload_quota_bytes:
            raise full(filesizeformat(limits.upload_quota_bytes))
        if used["number"] >= limits.upload_quota_files:
            raise full(_("%(n)d files") % {"n": limits.upload_quota_files})

    def execute(self) -> StoredFile:
        """Store it and return its row. Raises ``RefusedFile``; ``OSError`` for a full disk."""
        self.check()
        with incoming() as path:
            try:
                size, sha256 = stream_to(path, self._chunks(), limit=conf().upload_max_bytes)
            except TooLarge as problem:
                limit = filesizeformat(problem.limit)
                raise refused("too_large", size=_("more"), limit=limit) from problem
            accepted = check_upload(self.name, path)
            # Named here, and the same name is written into the row below.
            with path.open("rb") as content:
                place = uuid.uuid4().hex
                stored_as = knowledge_storage().save(f"{place[:2]}/{place}", File(content))
        try:
            return self._record(accepted, size, sha256, stored_as)
        except BaseException:
            knowledge_storage().delete(stored_as)
            raise

    def _chunks(self) -> Iterable[bytes]:
        if hasattr(self.stream, "chunks"):
            return self.stream.chunks(CHUNK)  # type: ignore[no-any-return]
        return iter(self.stream)

    def _record(self, accepted: Any, size: int, sha256: str, stored_as: str) -> StoredFile:
        with transaction.atomic():
            stored = StoredFile.objects.create(
                blob=stored_as,
                name=accepted.name,
                size=size,
                mime=accepted.mime,
                extension=accepted.extension,
                sha256=sha256,
                uploader=self.uploader,
                scan_state=ScanState.PENDING if conf().clamav else ScanState.UNSCANNED,
                text_state=TextState.WAITING if accepted.format.text else TextState.NO_TEXT,
            )
            Job.objects.enqueue(READ_FILE, stored.pk)
            log(stored, "wagtail.create", user=self.uploader, data={"size": size})
        file_stored.send(StoredFile, stored_file=stored)
        return stored


def full(limit: str) -> RefusedFile:
    """The refusal when somebody's room is used up."""
    return RefusedFile(
        "quota",
        _(
            "This file was not added, because your room of %(limit)s is full. Everything else you "
            "gave is kept. Remove files that you no longer need, or ask the knowledge team."
        )
        % {"limit": limit},
    )


@contextlib.contextmanager
def incoming() -> Iterator[Path]:
    """A path for a file that is still coming, in the data folder; gone afterwards.

    On the disk of the data folder, so that a full disk shows at once; left-overs of killed
    processes are swept away by ``km_sweep``.
    """
    folder = Path(conf().var) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="upload-") as own:
        yield Path(own) / "content"
