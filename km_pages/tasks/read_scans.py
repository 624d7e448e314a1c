"""Read words off scanned pages and photographs, some pages at a time."""

from __future__ import annotations

from django.db import transaction

from km_pages.conf import conf
from km_pages.files.ocr import can_read_off, is_clearer, read_off
from km_pages.files.reasons import REASONS
from km_pages.files.sandbox import SandboxUnavailable
from km_pages.models import FilePassage, Job, StoredFile, TextState
from km_pages.signals import file_read
from km_pages.tasks.errors import NotNow

READ_SCAN = "read_scan"
# About half a minute, so that other people's files need not wait for a long scan.
PAGES_AT_ONCE = 10


def begin(stored: StoredFile) -> bool:
    """Have the pages of ``stored`` that have no words read off; ``False`` where that cannot be.

    Sets ``ocr_next`` for the caller to save, in the caller's transaction.
    """
    pages = _pages_to_read(stored) if can_read_off(stored.extension) else []
    stored.ocr_next = pages[0] if pages else None
    if pages:
        Job.objects.enqueue(READ_SCAN, stored.pk)
    return bool(pages)


def read_scan(target: str) -> None:
    """Read off the next pages of the stored file whose key is ``target``, and ask for the rest.

    Running twice changes nothing. Raises ``NotNow`` while the sandbox is away.
    """
    stored = StoredFile.objects.filter(pk=int(target)).first()
    if stored is None or stored.ocr_next is None or not stored.is_servable:
        return
    pages = [each for each in _pages_to_read(stored) if each >= stored.ocr_next]
    now, rest = pages[:PAGES_AT_ONCE], pages[PAGES_AT_ONCE:]
    _keep(stored, _read(stored, now), now, rest)


def _read(stored: StoredFile, pages: list[int]) -> list[FilePassage]:
    if not can_read_off(stored.extension):
        return []
    found = []
    try:
        with stored.blob.open("rb") as content:
            for number in pages:
                text = read_off(content.file, extension=stored.extension, page=number)
                if text:
                    label = f"page {number}, scanned" if stored.pages else "picture"
                    found.append(
                        FilePassage(
                            stored_file=stored,
                            number=number,
                            label=label,
                            text=text,
                            recognised=True,
                        )
                    )
    except SandboxUnavailable as problem:
        raise NotNow(str(problem)) from problem
    return found


def _pages_to_read(stored: StoredFile) -> list[int]:
    """Pages without words of their own, at most as many as the site allows.

    What the scanner read off them does not count: what is read here may be clearer.
    """
    known = set(stored.passages.filter(recognised=False).values_list("number", flat=True))
    pages = [each for each in range(1, (stored.pages or 1) + 1) if each not in known]
    return pages[: conf().ocr_pages]


def _keep(stored: StoredFile, found: list[FilePassage], pages: list[int], rest: list[int]) -> None:
    with transaction.atomic():
        same = StoredFile.objects.select_for_update().filter(pk=stored.pk, ocr_next=stored.ocr_next)
        if not same.exists():
            # It was read anew meanwhile, or is gone.
            return
        brought = stored.passages.filter(recognised=True, number__in=pages)
        before = dict(brought.values_list("number", "text"))
        clearer = [each for each in found if is_clearer(each.text, before.get(each.number, ""))]
        brought.filter(number__in=[each.number for each in clearer]).delete()
        FilePassage.objects.bulk_create(clearer, batch_size=200)
        stored.ocr_next = rest[0] if rest else None
        stored.recognised = stored.passages.filter(recognised=True).exists()
        _settle(stored)
        stored.save(update_fields=["ocr_next", "recognised", "text_state", "reason"])
        if rest:
            Job.objects.enqueue(READ_SCAN, stored.pk)
        file_read.send(StoredFile, stored_file=stored)


def _settle(stored: StoredFile) -> None:
    """Say what became of the text, as far as it is known."""
    if stored.recognised:
        stored.text_state, stored.reason = TextState.READ, ""
    elif stored.ocr_next is None and stored.text_state == TextState.WAITING:
        is_paper = stored.extension == "pdf"
        stored.text_state = TextState.UNREADABLE if is_paper else TextState.NO_TEXT
        stored.reason = str(REASONS["scan"]) if is_paper else ""
