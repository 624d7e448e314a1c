"""Check a stored file for viruses and read its words, in the sandboxed child."""

from __future__ import annotations

import logging

from django.db import transaction
from wagtail.log_actions import log

from km_pages.conf import conf
from km_pages.files.reading import ExtractResult, read_text
from km_pages.files.scan import Clean, Infected, scan
from km_pages.models import FilePassage, ScanState, StoredFile, TextState
from km_pages.signals import file_read

logger = logging.getLogger(__name__)


def read_file(target: str) -> None:
    """Scan and read the stored file whose key is ``target``; running twice changes nothing.

    Raises ``ScannerUnavailable``, ``SandboxUnavailable`` or ``OSError`` where it should be tried
    again: until then the file stays pending, and nobody but its uploader is given it.
    """
    stored = StoredFile.objects.filter(pk=int(target)).first()
    if stored is None:
        return
    if stored.scan_state == ScanState.PENDING and not _scanned(stored):
        return
    if stored.text_state == TextState.WAITING and stored.scan_state != ScanState.INFECTED:
        with stored.blob.open("rb") as content:
            result = read_text(content.file, extension=stored.extension)
        keep(stored, result)


def _scanned(stored: StoredFile) -> bool:
    """Ask the scanner, keep its word, and say whether the file may be read."""
    if not conf().clamav:
        verdict = ScanState.UNSCANNED
    else:
        with stored.blob.open("rb") as content:
            answer = scan(content.file, conf().clamav)
        if isinstance(answer, Infected):
            logger.warning("A virus was found in stored file %s", stored.pk)
            log(stored, "km_pages.infected", data={"virus": answer.name})
        states = {Clean: ScanState.CLEAN, Infected: ScanState.INFECTED}
        verdict = states.get(type(answer), ScanState.ERROR)
    stored.scan_state = verdict
    StoredFile.objects.filter(pk=stored.pk).update(scan_state=verdict)
    return stored.is_servable


def keep(stored: StoredFile, result: ExtractResult) -> None:
    """Write what was read: all passages or, where it could not be read, the reason."""
    passages = [
        FilePassage(stored_file=stored, number=number, label=each.label, text=each.text)
        for number, each in enumerate(result.passages, start=1)
    ]
    state = TextState.READ if result.state == "read" else TextState.UNREADABLE
    with transaction.atomic():
        stored.passages.all().delete()
        FilePassage.objects.bulk_create(passages, batch_size=200)
        stored.text_state, stored.reason, stored.pages = state, result.reason[:255], result.pages
        stored.save(update_fields=["text_state", "reason", "pages"])
        file_read.send(StoredFile, stored_file=stored)
