"""All that somebody learned in one archive: a page, a PDF, a table, the data and the files."""

from __future__ import annotations

import datetime
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.models import ScanState
from km_toolkit.models import (
    ElsewhereCompletion,
    LearningDraft,
    LearningEntry,
    LearningTarget,
    ModuleProgress,
)
from km_toolkit.packing import free_name, pack_stored
from km_toolkit.record_evidence import (
    Period,
    Progress,
    name_of,
    proofs_of,
    record_csv,
    record_pdf,
    row_of,
)

MOST_IN_MEMORY = 5 * 2**20


def everything_of(owner: Any, progress: Progress | None = None) -> IO[bytes]:
    """All of ``owner``'s learning in one archive: a page, a PDF, a table, the data, the files.

    What was corrected or taken out is in it, marked as such, and so are drafts. Written to disk
    beyond some megabytes, and read from its beginning.
    """
    archive = tempfile.SpooledTemporaryFile(max_size=MOST_IN_MEMORY)  # noqa: SIM115 - handed on
    files = list(_files(owner))
    tell = progress or (lambda _done, _all: None)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        data = _data(owner, {stored.pk: name for name, stored in files})
        page = render_to_string("km_toolkit/record/everything.html", data)
        packed.writestr("my-learning-record.html", page)
        packed.writestr("my-learning-record.pdf", record_pdf(owner, Period()))
        packed.writestr("my-learning-record.csv", record_csv(owner, Period()))
        packed.writestr("my-learning-record.json", json.dumps(data, indent=1, ensure_ascii=False))
        for number, (name, stored) in enumerate(files):
            tell(number, len(files))
            pack_stored(packed, name, stored)
    archive.seek(0)
    return archive  # type: ignore[return-value]


def _files(owner: Any) -> Iterator[tuple[str, Any]]:
    """Every file of the owner's entries with its place in the archive, each once."""
    taken: set[str] = set()
    seen: set[int] = set()
    for day, stored in _dated(owner):
        if stored.pk in seen or not stored.blob or stored.scan_state == ScanState.INFECTED:
            continue
        seen.add(stored.pk)
        yield free_name(f"files/{day.isoformat()} {stored.name}", taken), stored


def _dated(owner: Any) -> Iterator[tuple[datetime.date, Any]]:
    entries = LearningEntry.objects.of(owner).prefetch_related("evidence__stored_file")
    for entry in entries.order_by("date", "pk"):
        for each in entry.evidence.all():
            yield entry.date, each.stored_file
    proofs = ElsewhereCompletion.objects.filter(user=owner).exclude(proof_file=None)
    for done in proofs.select_related("proof_file"):
        yield done.completed_on, done.proof_file


def _data(owner: Any, places: dict[int, str]) -> dict[str, Any]:
    entries = LearningEntry.objects.of(owner).select_related("supersedes")
    rows = entries.prefetch_related("evidence__stored_file").order_by("date", "begun_at", "pk")
    targets = LearningTarget.objects.filter(owner=owner).select_related("scheme")
    proofs = proofs_of(owner)
    return {
        "title": _("Learning record"),
        "name": name_of(owner),
        "made_on": timezone.localdate().isoformat(),
        "entries": [_whole(each, places, proofs) for each in rows],
        "drafts": [
            {"changed_at": each.changed_at.isoformat(), "content": each.content}
            for each in LearningDraft.objects.filter(owner=owner)
        ],
        "targets": [
            {
                "for": each.scheme.name if each.scheme else "",
                "starts": each.starts.isoformat(),
                "ends": each.ends.isoformat(),
                "minutes": each.minutes,
                "participatory_minutes": each.participatory_minutes,
            }
            for each in targets
        ],
        "modules": list(_modules(owner)),
    }


def _whole(
    entry: LearningEntry, places: dict[int, str], proofs: Mapping[str, str]
) -> dict[str, Any]:
    state = "" if entry.is_newest else _("corrected later")
    if entry.withdrawn_at is not None:
        state = _("taken out")
    files = [each.stored_file for each in entry.evidence.all()]
    return {
        **row_of(entry, proofs),
        "date": entry.date.isoformat(),
        "key": str(entry.key),
        "corrects": str(entry.supersedes.key) if entry.supersedes else "",
        "written_at": entry.created_at.isoformat(),
        "state": state,
        "files": [places.get(each.pk, each.name) for each in files],
    }


def _modules(owner: Any) -> Iterator[dict[str, Any]]:
    for done in ModuleProgress.objects.filter(user=owner):
        day = done.completed_on.isoformat() if done.completed_on else ""
        yield {
            "title": done.title,
            "completed_on": day,
            "minutes": done.minutes,
            "reflections": done.reflections,
        }
    for each in ElsewhereCompletion.objects.filter(user=owner).select_related("proof_file"):
        day = each.completed_on.isoformat()
        yield {
            "title": each.title,
            "where": each.where,
            "completed_on": day,
            "minutes": each.minutes,
            "proof": each.proof_text,
            "proof_file": each.proof_file.name if each.proof_file else "",
        }
