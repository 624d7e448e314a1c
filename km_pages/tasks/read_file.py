"""Check a stored file for viruses and read its words, in the sandboxed child."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log

from km_pages.actions.store_file import READ_FILE
from km_pages.conf import conf
from km_pages.files.drawing import as_jpeg, can_be_drawn, thumbnail_of
from km_pages.files.formats import FORMATS
from km_pages.files.measuring import MEASURED, seconds_of
from km_pages.files.reading import ExtractResult, SandboxUnavailable, can_be_read, read_text
from km_pages.files.reasons import REASONS
from km_pages.files.scan import Clean, Infected, ScannerUnavailable, scan
from km_pages.models import FilePassage, Job, KnowledgeAssetPage, ScanState, StoredFile, TextState
from km_pages.models.files import TELL_THE_PLACE, knowledge_storage, random_name
from km_pages.notifications import tell_infected
from km_pages.signals import file_read
from km_pages.tasks.errors import NotNow
from km_pages.tasks.read_scans import begin

logger = logging.getLogger(__name__)
TEXT_FIELDS = [
    "text_state",
    "reason",
    "pages",
    "document_title",
    "document_author",
    "document_language",
    "document_date",
    "document_changed",
    "truncated",
    "recognised",
    "ocr_next",
]


def read_file(target: str) -> None:
    """Scan and read the stored file whose key is ``target``; running twice changes nothing.

    Raises ``NotNow`` while the scanner or the sandbox is away, and ``OSError`` for a storage in
    trouble: until then the file stays pending, and only its uploader and the stewards get it.
    """
    stored = StoredFile.objects.filter(pk=int(target)).first()
    if stored is None:
        return
    with away_is_not_now(), fetched(stored):
        if stored.scan_state == ScanState.PENDING:
            keep_verdict(stored, verdict_on(stored))
        if stored.is_checked:
            _open(stored)


def read_again(target: str) -> None:
    """Read the words of a stored file anew, whatever came of it before. Raises as ``read_file``."""
    stored = StoredFile.objects.filter(pk=int(target)).first()
    if stored is None or not stored.is_checked:
        return
    has_words = can_be_read(stored.extension) or stored.extension in TELL_THE_PLACE
    stored.text_state = TextState.WAITING if has_words else TextState.NO_TEXT
    stored.ocr_next = None
    with away_is_not_now(), fetched(stored):
        _open(stored)


def scan_again(target: str) -> None:
    """Check a stored file anew. Until the answer has come it stays as it is. Raises ``NotNow``."""
    stored = StoredFile.objects.filter(pk=int(target)).first()
    if stored is None or not conf().clamav:
        return
    with away_is_not_now(), fetched(stored):
        keep_verdict(stored, verdict_on(stored))
    if stored.is_checked and stored.text_state == TextState.WAITING:
        Job.objects.enqueue(READ_FILE, stored.pk)


@contextlib.contextmanager
def away_is_not_now() -> Iterator[None]:
    """Say ``NotNow`` where scanner or sandbox are away: no fault of the file or the job."""
    try:
        yield
    except (ScannerUnavailable, SandboxUnavailable) as problem:
        raise NotNow(str(problem)) from problem


@contextlib.contextmanager
def fetched(stored: StoredFile) -> Iterator[None]:
    """Keep the content open to the end: from a store far away it comes once, not for each step."""
    try:
        yield
    finally:
        stored.blob.close()


def _open(stored: StoredFile) -> None:
    """Everything that is done with the content of a file that was checked."""
    if stored.extension in TELL_THE_PLACE:
        convert_photograph(stored)
    _read(stored)
    _draw(stored)
    _measure(stored)


def _read(stored: StoredFile) -> None:
    if stored.ocr_next is not None or not stored.is_servable:
        return
    if stored.text_state == TextState.WAITING:
        content = stored.blob.open("rb")
        result = read_text(content.file, extension=stored.extension)
        keep_text(stored, result)
    elif stored.text_state == TextState.NO_TEXT and can_be_drawn(stored.extension):
        with transaction.atomic():
            begin(stored)
            stored.save(update_fields=["ocr_next", "text_state"])


def _draw(stored: StoredFile) -> None:
    """Keep a small picture of the file, once, where there is one to draw."""
    if stored.thumbnail or not stored.is_servable or not can_be_drawn(stored.extension):
        return
    content = stored.blob.open("rb")
    drawn = thumbnail_of(content.file, extension=stored.extension)
    if drawn is not None:
        storage = knowledge_storage()
        stored.thumbnail = storage.save(random_name(stored, ""), ContentFile(drawn))
        stored.save(update_fields=["thumbnail"])


def _measure(stored: StoredFile) -> None:
    """Note how long a recording plays, once, where it says so."""
    if stored.seconds or stored.extension not in MEASURED or not stored.is_servable:
        return
    content = stored.blob.open("rb")
    stored.seconds = seconds_of(content.file, extension=stored.extension)
    if stored.seconds:
        stored.save(update_fields=["seconds"])


def convert_photograph(stored: StoredFile) -> None:
    """Put a JPEG, which every browser shows and which tells no place, where a HEIC came.

    Where that cannot be done the photograph stays its uploader's and the stewards' own.
    """
    content = stored.blob.open("rb")
    drawn = as_jpeg(content.file, extension=stored.extension)
    if drawn is None:
        stored.text_state, stored.reason = TextState.UNREADABLE, str(REASONS["photograph"])
        stored.save(update_fields=["text_state", "reason"])
        return
    storage, before = knowledge_storage(), str(stored.blob.name)
    stored.blob.close()
    stored.blob = storage.save(random_name(stored, ""), ContentFile(drawn))
    stored.name = f"{stored.name.rpartition('.')[0]}.jpg"
    stored.extension, stored.mime = "jpg", FORMATS["jpg"].mime
    stored.size, stored.sha256 = len(drawn), hashlib.sha256(drawn).hexdigest()
    stored.text_state, stored.reason = TextState.NO_TEXT, ""
    with transaction.atomic():
        stored.save()
        # The row first: were the old one removed before, a kill would leave a row without bytes.
        transaction.on_commit(lambda: storage.delete(before))


def verdict_on(stored: StoredFile) -> Any:
    """What the scanner says, or ``None`` where this site has none."""
    address = conf().clamav
    if not address:
        return None
    content = stored.blob.open("rb")
    return scan(content.file, address)


def keep_verdict(stored: StoredFile, verdict: Any) -> None:
    """Write down what the scanner said; a virus is logged, and told to those it concerns."""
    states = {type(None): ScanState.UNSCANNED, Clean: ScanState.CLEAN, Infected: ScanState.INFECTED}
    with transaction.atomic():
        stored.scan_state = states.get(type(verdict), ScanState.ERROR)
        stored.scanned_at = timezone.now() if verdict is not None else None
        stored.save(update_fields=["scan_state", "scanned_at"])
        if isinstance(verdict, Infected):
            logger.warning("A virus was found in stored file %s", stored.pk)
            found = {"virus": verdict.name}
            log(stored, "km_pages.infected", title=stored.logged_as, data=found)
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
        FilePassage(
            stored_file=stored,
            number=each.number,
            label=each.label,
            text=each.text,
            recognised=each.number in result.pages_recognised,
        )
        for each in result.passages
    ]
    state = TextState.READ if result.state == "read" else TextState.UNREADABLE
    with transaction.atomic():
        stored.passages.all().delete()
        FilePassage.objects.bulk_create(passages, batch_size=200)
        stored.text_state, stored.reason, stored.pages = state, result.reason[:255], result.pages
        stored.document_title, stored.document_author = result.title, result.author
        stored.document_language = result.language
        stored.document_date, stored.document_changed = result.created, result.changed
        stored.truncated, stored.recognised = result.truncated, bool(result.pages_recognised)
        has_scans = result.pages_without_text or result.pages_recognised
        looks_scanned = has_scans or result.reason_code == "scan"
        if looks_scanned and begin(stored) and state == TextState.UNREADABLE:
            stored.text_state, stored.reason = TextState.WAITING, ""
        stored.save(update_fields=TEXT_FIELDS)
        file_read.send(StoredFile, stored_file=stored)
