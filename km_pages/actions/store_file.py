"""Take in one uploaded file: checked, counted, hashed, stored, and its reading asked for."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from km_pages.conf import conf
from km_pages.files.accept import Accepted, check_announced, check_upload
from km_pages.files.location import PICTURES_WITH_PLACE, without_location
from km_pages.files.pictures import DamagedPictureError
from km_pages.files.reading import can_be_read
from km_pages.files.refusals import RefusedFile, refused
from km_pages.incoming import CHUNK, Arrived, IncomingFile, arriving, no_room_on_disk
from km_pages.models import Job, ScanState, StoredFile, TextState
from km_pages.models.files import TELL_THE_PLACE, knowledge_storage
from km_pages.signals import file_stored

READ_FILE = "read_file"


@dataclass(frozen=True, kw_only=True)
class StoreFile:
    """Store what ``stream`` gives as a file called ``name`` of ``uploader`` (``None``: a command).

    ``stream`` is an upload, a file that has arrived, an open file or an iterable of bytes. The
    bytes are on the disk before
    the row exists, so no row is ever without its file; a file without a row is swept away later.
    The same content under the same name by the same person is stored once; between people nothing
    is shared, so that nobody learns from an upload what somebody else has. A ``private`` file is
    for its uploader alone, and is another than the same one that may be shared.
    """

    uploader: Any
    name: str
    stream: Any
    private: bool = False

    def check(self) -> None:
        """Raise ``RefusedFile`` for what can be refused before a byte has come."""
        size = getattr(self.stream, "size", None)
        check_announced(self.name, size=size)
        self._check_room(size or 0)

    def execute(self) -> StoredFile:
        """Store it and return its row. Raises ``RefusedFile``, also for a full disk."""
        self.check()
        try:
            with self._arriving() as arrived:
                accepted = check_upload(self.name, arrived.path)
                with without_place(arrived, accepted) as safe:
                    return self._again(safe, accepted) or self._keep(safe, accepted)
        except OSError as problem:
            raise no_room_on_disk() from problem

    @contextlib.contextmanager
    def _arriving(self) -> Iterator[Arrived]:
        if isinstance(self.stream, Arrived | IncomingFile):
            yield self.stream if isinstance(self.stream, Arrived) else self.stream.arrived
            return
        with arriving(self._chunks(), limit=conf().upload_max_bytes) as arrived:
            yield arrived

    def _chunks(self) -> Iterable[bytes]:
        if hasattr(self.stream, "chunks"):
            return self.stream.chunks(CHUNK)  # type: ignore[no-any-return]
        return iter(self.stream)

    def _check_room(self, size: int) -> None:
        if self.uploader is None:
            return
        room = room_of(self.uploader)
        if size > room.left:
            raise full(filesizeformat(room.limit))
        if room.files_left < 1:
            raise full(_("%(n)d files") % {"n": conf().upload_quota_files})

    def _keep(self, arrived: Arrived, accepted: Accepted) -> StoredFile:
        storage, place = knowledge_storage(), uuid.uuid4().hex
        with arrived.as_file() as content:
            stored_as = storage.save(f"{place[:2]}/{place}", content)
        sync_folders(storage, stored_as)
        try:
            with transaction.atomic():
                self._take_turn()
                twin = self._again(arrived, accepted)
                if twin is None:
                    self._check_room(arrived.size)
                    return self._record(arrived, accepted, stored_as)
        except RefusedFile:
            storage.delete(stored_as)
            raise
        # After any other failure it is not certain that there is no row: the sweep will look.
        storage.delete(stored_as)
        return twin

    def _take_turn(self) -> None:
        """Let one upload of a person be counted after the other."""
        if self.uploader is not None:
            people = get_user_model()._base_manager.select_for_update(no_key=True)
            people.filter(pk=self.uploader.pk).first()

    def _again(self, arrived: Arrived, accepted: Accepted) -> StoredFile | None:
        """The same file that this person stored before, made safe from the sweep."""
        if self.uploader is None:
            return None
        mine = StoredFile.objects.filter(uploader=self.uploader, sha256=arrived.sha256)
        mine = mine.filter(private=self.private)
        same = mine.filter(size=arrived.size, name=accepted.name)
        found = same.exclude(scan_state=ScanState.INFECTED).order_by("binned_at", "pk").first()
        # Where the sweep has taken the row meanwhile, there is nothing to go back to.
        this = StoredFile.objects.filter(pk=found.pk if found else None)
        now = timezone.now()
        renewed = this.unused().update(created_at=now, unused_since=now, binned_at=None)
        return found if renewed or this.exists() else None

    def _record(self, arrived: Arrived, accepted: Accepted, stored_as: str) -> StoredFile:
        now = timezone.now()
        stored = StoredFile.objects.create(
            created_at=now,
            # Until an item names it; see the sweep.
            unused_since=now,
            blob=stored_as,
            name=accepted.name,
            size=arrived.size,
            mime=accepted.mime,
            extension=accepted.extension,
            sha256=arrived.sha256,
            uploader=self.uploader,
            private=self.private,
            scan_state=ScanState.PENDING if conf().clamav else ScanState.UNSCANNED,
            text_state=TextState.WAITING if _has_to_be_read(accepted) else TextState.NO_TEXT,
        )
        Job.objects.enqueue(READ_FILE, stored.pk)
        title, size = stored.logged_as, {"size": arrived.size}
        log(stored, "wagtail.create", user=self.uploader, title=title, data=size)
        transaction.on_commit(
            lambda: file_stored.send_robust(StoredFile, stored_file=stored), robust=True
        )
        return stored


def _has_to_be_read(accepted: Accepted) -> bool:
    """Whether others get the file, or can find its words, only after the worker opened it."""
    return can_be_read(accepted.extension) or accepted.extension in TELL_THE_PLACE


@dataclass(frozen=True, slots=True)
class Room:
    """How much one person may store, and has stored: bytes, and how many more files."""

    limit: int
    used: int
    files_left: int

    @property
    def left(self) -> int:
        """Bytes that still fit."""
        return max(self.limit - self.used, 0)


def room_of(uploader: Any) -> Room:
    """The room of one person. One query."""
    mine = StoredFile.objects.filter(uploader=uploader)
    used = mine.aggregate(bytes=Sum("size"), number=Count("pk"))
    limits = conf()
    return Room(
        limit=limits.upload_quota_bytes,
        used=used["bytes"] or 0,
        files_left=limits.upload_quota_files - used["number"],
    )


@contextlib.contextmanager
def without_place(arrived: Arrived, accepted: Accepted) -> Iterator[Arrived]:
    """The file as it is kept: of a photograph, a copy that does not tell where it was taken.

    Raises ``RefusedFile`` where the picture breaks off, since nobody knows what it would tell.
    """
    if accepted.extension not in PICTURES_WITH_PLACE:
        yield arrived
        return
    with arrived.path.open("rb") as source:
        chunks = without_location(source, extension=accepted.extension)
        try:
            # No picture grows by what is left out of it; a few bytes say how it is turned.
            with arriving(chunks, limit=arrived.size + 1024) as copy:
                yield copy
        except DamagedPictureError as problem:
            raise refused("damaged") from problem


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


def sync_folders(storage: Storage, name: str) -> None:
    """Have a local disk write down that ``name`` is there, so that a power cut cannot undo it."""
    try:
        path = Path(storage.path(name))
    except NotImplementedError:
        return
    for folder in (path.parent, path.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
