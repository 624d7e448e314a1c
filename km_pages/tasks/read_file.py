"""Check a stored file for viruses and read its words, in the sandboxed child."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from wagtail.log_actions import log

from km_pages.conf import conf
from km_pages.files.reading import ExtractResult, SandboxUnavailable, read_text
from km_pages.files.scan import Clean, Infected, ScannerUnavailable, scan
from km_pages.models import FilePassage, KnowledgeAssetPage, ScanState, StoredFile, TextState
from km_pages.notifications import tell_infected
from km_pages.signals import file_read
from km_pages.tasks.errors import NotNow

logger = logging.getLogger(__name__)


def read_file(target: str) -> None:
    """Scan and read the stored file whose key is ``target``; running twice changes nothing.

    Raises ``NotNow`` while the scanner or the sandbox is away, and ``OSError`` for a storage in
    trouble: until then the file stays pending, and only its uploader and the stewards get it.
    """
    stored = StoredFile.objects.filter(pk=int(target)).first()
    if stored is None:
        return
    try:
        if stored.scan_state == ScanState.PENDING:
            keep_verdict(stored, verdict_on(stored))
        if stored.is_servable and stored.text_state == TextState.WAITING:
            with stored.blob.open("rb") as content:
                result = read_text(content.file, extension=stored.extension)
            keep_text(stored, result)
    except (ScannerUnavailable, SandboxUnavailable) as problem:
        raise NotNow(str(problem)) from problem


def verdict_on(stored: StoredFile) -> Any:
    """What the scanner says, or ``None`` where this site has none."""
    address = conf().clamav
    if not address:
        return None
    with stored.blob.open("rb") as content:
        return scan(content.file, address)


def keep_verdict(stored: StoredFile, verdict: Any) -> None:
    """Write down what the scanner said; a virus is logged, and told to those it concerns."""
    states = {type(None): ScanState.UNSCANNED, Clean: ScanState.CLEAN, Infected: ScanState.INFECTED}
    with transaction.atomic():
        stored.scan_state = states.get(type(verdict), ScanState.ERROR)
        stored.save(update_fields=["scan_state"])
        if isinstance(verdict, Infected):
            logger.warning("A virus was found in stored file %s", stored.pk)
            log(stored, "km_pages.infected", data={"virus": verdict.name})
            tell_infected(stored, concerned(stored))


def concerned(stored: StoredFile) -> list[Any]:
    """The uploader, and the stewards of the teams in whose items the file stands."""
    named = Q(attachments__stored_file=stored) | Q(
        pk__in=stored.revision_uses.values_list("page_id", flat=True)
    )
    pages = KnowledgeAssetPage.objects.filter(named).distinct()
    teams = {each.home_team for each in pages} - {None}
    stewards = get_user_model()._default_manager.filter(
        is_active=True, groups__in=[team.stewards_group_id for team in teams if team]
    )
    return [*([stored.uploader] if stored.uploader else []), *stewards]


def keep_text(stored: StoredFile, result: ExtractResult) -> None:
    """Write what was read: all passages or, where it could not be read, the reason."""
    passages = [
        FilePassage(stored_file=stored, number=each.number, label=each.label, text=each.text)
        for each in result.passages
    ]
    state = TextState.READ if result.state == "read" else TextState.UNREADABLE
    with transaction.atomic():
        stored.passages.all().delete()
        FilePassage.objects.bulk_create(passages, batch_size=200)
        stored.text_state, stored.reason, stored.pages = state, result.reason[:255], result.pages
        stored.save(update_fields=["text_state", "reason", "pages"])
        file_read.send(StoredFile, stored_file=stored)
