"""Give out a file: always a download, in a sandbox of its own, kept by no cache."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from km_pages.conf import conf
from km_pages.file_access import may_open
from km_pages.files.formats import format_of
from km_pages.files.names import content_disposition
from km_pages.models import StoredFile
from km_pages.serving import refuse
from km_pages.visibility import reader_for

logger = logging.getLogger(__name__)
PIECE = 256 * 1024
ONE_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")
UNKNOWN_TYPE = "application/octet-stream"


@require_safe
def serve_file(request: HttpRequest, uuid: UUID, name: str) -> HttpResponseBase:
    """The file ``uuid``; ``name`` only makes the address readable.

    Answers one range, so that recordings can be wound, and 416 to ranges outside the file. What
    may not be opened, what does not exist and what has been lost look the same.
    """
    stored = StoredFile.objects.filter(uuid=uuid).first()
    if stored is None or not may_open(stored, reader_for(request)):
        return refuse(request)
    try:
        response = _accelerated(stored) if conf().sendfile == "x-accel" else _sent(request, stored)
    except FileNotFoundError:
        logger.exception("Stored file %s has lost its bytes", stored.pk)
        return refuse(request)
    known = format_of(f"x.{stored.extension}")
    response.headers["Content-Type"] = known.mime if known else UNKNOWN_TYPE
    response.headers["Content-Disposition"] = content_disposition(stored.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _accelerated(stored: StoredFile) -> HttpResponse:
    """An order to nginx to send the file, ranges included."""
    response = HttpResponse()
    response.headers["X-Accel-Redirect"] = conf().sendfile_url + quote(str(stored.blob.name))
    return response


def _sent(request: HttpRequest, stored: StoredFile) -> HttpResponseBase:
    part = asked_part(request.headers.get("Range", ""), stored.size)
    if part is not None and part.start >= part.stop:
        response: HttpResponseBase = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{stored.size}"
        return response
    whole = range(stored.size)
    wanted = whole if part is None else part
    content = stored.blob.open("rb")
    content.seek(wanted.start)
    response = FileResponse(Piecewise(content, len(wanted)), status=200 if part is None else 206)
    response.headers["Content-Length"] = str(len(wanted))
    response.headers["Accept-Ranges"] = "bytes"
    if part is not None:
        last = f"{wanted.start}-{wanted.stop - 1}"
        response.headers["Content-Range"] = f"bytes {last}/{stored.size}"
    return response


def asked_part(header: str, size: int) -> range | None:
    """The bytes that a ``Range`` header asks for; empty where the file has none of them.

    ``None`` for the whole file: no header, one that makes no sense, or several ranges (RFC 9110
    lets a server ignore those).
    """
    asked = ONE_RANGE.match(header.strip())
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if first == "":
        return range(max(size - int(last), 0), size) if int(last) else range(0)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


class Piecewise:
    """``length`` bytes of an open file, in pieces; the response closes it."""

    def __init__(self, content: Any, length: int) -> None:
        self.content, self.left = content, length

    def __iter__(self) -> Iterator[bytes]:
        while self.left > 0:
            piece = self.content.read(min(PIECE, self.left))
            if not piece:
                break
            self.left -= len(piece)
            yield piece

    def close(self) -> None:
        """Give the file back."""
        self.content.close()
