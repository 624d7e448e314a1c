"""Make large prints of a learning record in the worker, and clear them away after a day."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils import timezone

from km_pages.models import Job
from km_pages.models.files import knowledge_storage
from km_toolkit.models import PaperKind, PaperState, RecordPaper
from km_toolkit.models.record_papers import KEPT
from km_toolkit.record_archive import everything_of
from km_toolkit.record_evidence import Period, record_pdf

MAKE_PAPER = "make_record_paper"
MOST_AT_ONCE = 5


def ask_for(owner: Any, kind: str, period: Period) -> RecordPaper:
    """The print that is being made for ``owner``: asked for twice, it is made once."""
    same = RecordPaper.objects.filter(
        owner=owner, kind=kind, starts=period.starts, ends=period.ends, state=PaperState.WAITING
    ).first()
    if same is not None:
        return same
    with transaction.atomic():
        old = RecordPaper.objects.filter(owner=owner).order_by("-asked_at", "-pk")
        for each in old[MOST_AT_ONCE - 1 :]:
            forget(each)
        paper = RecordPaper.objects.create(
            owner=owner, kind=kind, starts=period.starts, ends=period.ends
        )
        Job.objects.enqueue(MAKE_PAPER, paper.pk)
    return paper


def make_paper(target: str) -> None:
    """Make the print whose key is ``target``. Made already, or gone: nothing is to be done."""
    paper = RecordPaper.objects.select_related("owner").filter(pk=int(target)).first()
    if paper is None or paper.state == PaperState.READY:
        return
    this = RecordPaper.objects.filter(pk=paper.pk)

    def tell(done: int, total: int) -> None:
        this.update(done=done, total=total)

    try:
        name = _stored(paper, tell)
    except Exception:
        this.update(state=PaperState.FAILED)
        raise
    # Whoever threw it away meanwhile does not get it back.
    if not this.update(state=PaperState.READY, blob=name):
        knowledge_storage().delete(name)


def _stored(paper: RecordPaper, tell: Any) -> str:
    """Make it and put it into the private storage under a random name."""
    place = uuid.uuid4().hex
    where = f"{place[:2]}/{place}"
    if paper.kind == PaperKind.PDF:
        pdf = record_pdf(paper.owner, Period(paper.starts, paper.ends), tell)
        return knowledge_storage().save(where, ContentFile(pdf))
    with everything_of(paper.owner, tell) as archive:
        return knowledge_storage().save(where, File(archive))


def forget(paper: RecordPaper) -> None:
    """Throw a print away, and its bytes once that is certain."""
    name = str(paper.blob.name or "")
    paper.delete()
    if name:
        transaction.on_commit(lambda: knowledge_storage().delete(name))


def forget_old_papers() -> int:
    """Throw away what was made more than a day ago; returns how many."""
    old = list(RecordPaper.objects.filter(asked_at__lt=timezone.now() - KEPT))
    for each in old:
        forget(each)
    return len(old)


def paper_tasks() -> dict[str, Any]:
    """What the worker can do besides: see the hook ``km_tasks``."""
    return {MAKE_PAPER: make_paper}
