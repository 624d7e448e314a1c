"""Give out a file, to those who may see the item it belongs to, and to nobody else."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from km_pages.conf import conf
from km_pages.files.names import content_disposition
from km_pages.models import (
    Attachment,
    HolderApproval,
    KnowledgeAssetPage,
    RevisionFile,
    StoredFile,
    TeamApprovalTask,
)
from km_pages.serving import refuse
from km_pages.visibility import Reader, reader_for, visible_to, work_of

RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


def may_open(stored: StoredFile, reader: Reader) -> bool:
    """Whether ``reader`` may be given ``stored``.

    Its uploader always. Others, once no virus was found, if it is attached to an item they may
    see; or named in a draft that they own, hold, steward or are asked to approve. Until a virus
    check was passed, only the uploader and the stewards of the item.
    """
    if reader.user_id is not None and stored.uploader_id == reader.user_id:
        return True
    items = KnowledgeAssetPage.objects.all()
    attached = Attachment.objects.filter(stored_file=stored).values("page_id")
    if stored.is_servable and visible_to(items.filter(pk__in=attached), reader).exists():
        return True
    if reader.user_id is None:
        return False
    named = RevisionFile.objects.filter(stored_file=stored).values("page_id")
    drafts = items.filter(pk__in=named)
    if work_of(drafts, reader).exists():
        return stored.is_servable or bool(reader.steward_team_ids) or reader.sees_everything
    return stored.is_servable and _is_asked(drafts, reader)


def _is_asked(drafts: Any, reader: Reader) -> bool:
    """Whether the reader is asked to agree to one of ``drafts``."""
    pks = list(drafts.values_list("pk", flat=True))
    waiting = HolderApproval.objects.waiting().filter(page__in=pks)
    if waiting.filter(holder_id=reader.user_id).exists():
        return True
    wanted = [str(pk) for pk in pks]
    return any(
        task.get_task_states_user_can_moderate(reader.user)
        .filter(workflow_state__object_id__in=wanted)
        .exists()
        for task in TeamApprovalTask.objects.filter(active=True)
    )


@require_safe
def serve_file(request: HttpRequest, uuid: UUID, name: str) -> HttpResponse:
    """The file ``uuid``; ``name`` only makes the address readable.

    Always a download in a sandbox of its own, kept by no cache. Answers ranges, so that
    recordings can be wound, and 416 to ranges outside the file.
    """
    stored = StoredFile.objects.filter(uuid=uuid).first()
    if stored is None or not may_open(stored, reader_for(request)):
        return refuse(request)
    response = _accelerated(stored) if conf().sendfile == "x-accel" else _streamed(request, stored)
    response.headers["Content-Type"] = stored.mime
    response.headers["Content-Disposition"] = content_disposition(stored.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Last-Modified"] = http_date(stored.created_at.timestamp())
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _accelerated(stored: StoredFile) -> HttpResponse:
    response = HttpResponse()
    response.headers["X-Accel-Redirect"] = conf().sendfile_url + quote(str(stored.blob.name))
    return response


def _streamed(request: HttpRequest, stored: StoredFile) -> Any:
    start, end = 0, stored.size - 1
    asked = RANGE.match(request.headers.get("Range", ""))
    if asked and asked.groups() != ("", ""):
        start, end = _bounds(asked, stored.size)
        if start > end or start >= stored.size:
            outside = HttpResponse(status=416)
            outside.headers["Content-Range"] = f"bytes */{stored.size}"
            return outside
    part = start > 0 or end < stored.size - 1
    content = stored.blob.open("rb")
    content.seek(start)
    response = FileResponse(_limited(content, end - start + 1), status=206 if part else 200)
    response.headers["Content-Length"] = str(end - start + 1)
    response.headers["Accept-Ranges"] = "bytes"
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{end}/{stored.size}"
    return response


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int]:
    first, last = asked.groups()
    if first == "":
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


class _limited:  # noqa: N801 - a small file-like object, closed by the response
    """``length`` bytes of an open file, in pieces; closes it when the response is closed."""

    def __init__(self, content: Any, length: int) -> None:
        self.content, self.left = content, length

    def __iter__(self) -> Any:
        while self.left > 0:
            piece = self.content.read(min(256 * 1024, self.left))
            if not piece:
                break
            self.left -= len(piece)
            yield piece

    def close(self) -> None:
        """Give the file back."""
        self.content.close()
