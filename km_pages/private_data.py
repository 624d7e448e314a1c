"""Warn before sharing where a text looks as if it held data about patients or private persons."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from km_pages.files.patient_data import find_warnings
from km_pages.models import FilePassage, ScanState, StoredFile, TextState

MOST_WARNINGS = 10
# Looking takes a second for 5 million characters; a request must not take longer.
MOST_CHARACTERS = 5_000_000
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Signs:
    """What there is to look at before sharing: ``found``, masked and in words, and ``unread``.

    ``unread`` are files whose text could not be looked at, because it is still being read.
    """

    found: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.found) + len(self.unread)

    @property
    def digest(self) -> str:
        """What tells these signs from others: who has looked at them has not looked at others."""
        lines = "\n".join([*self.found, "", *self.unread])
        return hashlib.sha256(lines.encode()).hexdigest()[:32]


def signs_in(typed: str, files: Sequence[StoredFile], *, wait_seconds: float = 0) -> Signs:
    """Signs of private data in what was ``typed`` and in ``files``, which may hold any text.

    Waits up to ``wait_seconds`` for files that came a moment ago: the worker reads them now.
    """
    unread = _wait(files, wait_seconds)
    found = [_("In what you typed: %s") % each.masked for each in find_warnings(typed)]
    found += _in_files(files)
    return Signs(tuple(dict.fromkeys(found))[:MOST_WARNINGS], tuple(each.name for each in unread))


def _wait(files: Iterable[StoredFile], seconds: float) -> list[StoredFile]:
    """Those of ``files`` that are still being read after at most ``seconds``."""
    until = time.monotonic() + seconds
    asked = StoredFile.objects.filter(pk__in=[each.pk for each in files])
    unread = Q(text_state=TextState.WAITING) | Q(ocr_next__isnull=False)
    waiting = asked.filter(unread).exclude(scan_state__in=[ScanState.INFECTED, ScanState.ERROR])
    while left := list(waiting.all()):
        if time.monotonic() >= until:
            break
        time.sleep(PAUSE_SECONDS)
    return left


def _in_files(files: Iterable[StoredFile]) -> list[str]:
    names = {each.pk: each.name for each in files}
    passages = FilePassage.objects.filter(stored_file__in=names).order_by("stored_file", "number")
    found: list[str] = []
    characters = 0
    for passage in passages.iterator(chunk_size=50):
        found += [
            _("In %(file)s, %(place)s: %(what)s")
            % {
                "file": names[passage.stored_file_id],
                "place": passage.label,
                "what": each.masked,
            }
            for each in find_warnings(passage.text)
        ]
        characters += len(passage.text)
        if len(found) > MOST_WARNINGS or characters > MOST_CHARACTERS:
            break
    return found
