"""Give out a file: as a download or into a frame of ours, in a sandbox, kept by no cache."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from km_pages.conf import conf
from km_pages.file_access import may_open
from km_pages.files.formats import format_of
from km_pages.files.names import content_disposition
from km_pages.models import StoredFile
from km_pages.serving import refuse
from km_pages.visibility import reader_for

View = Callable[..., HttpResponseBase]
logger = logging.getLogger(__name__)
PIECE = 256 * 1024
ONE_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")
UNKNOWN_TYPE = "application/octet-stream"
SANDBOX = "sandbox; default-src 'none'"
# Browsers show no PDF in a sandboxed frame. Their viewers run in a process and an origin of their
# own; this lets the document load nothing and be framed by nobody but us.
VIEWER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


@require_safe
def serve_file(request: HttpRequest, uuid: UUID, name: str) -> HttpResponseBase:
    """The file ``uuid`` to be kept by its reader; ``name`` only makes the address readable.

    Answers one range, so that recordings can be wound, and 416 to ranges outside the file. What
    may not be opened, what does not exist and what has been lost look the same.
    """
    stored = openable(request, uuid)
    if stored is None:
        return refuse(request)
    disposition = content_disposition(stored.name)
    return given(request, stored, stored.blob, disposition, SANDBOX, may_redirect=True)


@require_safe
def show_file(request: HttpRequest, uuid: UUID, name: str) -> HttpResponseBase:
    """The same file for a frame, picture or player of a page of ours, where it can run nothing."""
    stored = openable(request, uuid)
    known = format_of(f"x.{stored.extension}") if stored else None
    if stored is None or known is None or not (known.inline or known.extension == "vtt"):
        return refuse(request)
    policy = VIEWER if known.extension == "pdf" else SANDBOX
    inline = content_disposition(stored.name).replace("attachment", "inline", 1)
    return given(request, stored, stored.blob, inline, policy)


@require_safe
def thumbnail(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The small picture of a file, for whoever may open the file."""
    stored = openable(request, uuid)
    if stored is None or not stored.thumbnail:
        return refuse(request)
    return given(request, stored, stored.thumbnail, "inline", SANDBOX, mime="image/jpeg")


def openable(request: HttpRequest, uuid: UUID) -> StoredFile | None:
    """The file ``uuid`` where the reader may open it."""
    stored = StoredFile.objects.filter(uuid=uuid).first()
    return stored if stored is not None and may_open(stored, reader_for(request)) else None


def given(
    request: HttpRequest,
    stored: StoredFile,
    blob: Any,
    disposition: str,
    policy: str,
    *,
    mime: str = "",
    may_redirect: bool = False,
) -> HttpResponseBase:
    """The answer with the bytes of ``blob``, which belongs to ``stored``, and the usual headers.

    ``may_redirect``: or the way to where they can be had for a moment. Only for downloads: what is
    shown needs a policy against running anything, and no store of objects sends one for us.
    """
    # Random like the name in the storage, so that it tells nothing of the content.
    tag = f'"{PurePosixPath(blob.name).name}"'
    known = format_of(f"x.{stored.extension}")
    mime = mime or (known.mime if known else UNKNOWN_TYPE)
    try:
        response = signed(request, blob, mime, disposition) if may_redirect else None
        response = response or _answer(request, blob, tag)
    except FileNotFoundError:
        logger.exception("Stored file %s has lost its bytes", stored.pk)
        return refuse(request)
    except OSError:
        logger.exception("The storage of file %s is away", stored.pk)
        return away()
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = disposition
    response.headers["ETag"] = tag
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def signed(request: HttpRequest, blob: Any, mime: str, disposition: str) -> HttpResponseBase | None:
    """The way to an address in the storage that holds for seconds; nothing where it has none.

    Whoever lost the right gets no new one, and the old one ends by itself. HEAD is answered here:
    such an address is signed for one method.
    """
    sign = getattr(blob.storage, "signed", None)
    if conf().sendfile != "signed" or sign is None or request.method != "GET":
        return None
    seconds = conf().signed_seconds
    return HttpResponseRedirect(
        sign(str(blob.name), mime=mime, disposition=disposition, seconds=seconds)
    )


def or_away(view: View) -> View:
    """Let ``view``, which reads stored files, say in words that their storage does not answer."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except OSError:
            logger.exception("The storage of the files for %s is away", request.path)
            return away()

    return handle


def away() -> HttpResponse:
    """The answer while the storage does not: a matter of waiting."""
    words = _("The file store does not answer. Nothing is lost. Try again in a minute.")
    response = HttpResponse(words, status=503, content_type="text/plain; charset=utf-8")
    response.headers["Retry-After"] = "60"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _answer(request: HttpRequest, blob: Any, tag: str) -> HttpResponseBase:
    if tag in re.split(r"\s*,\s*", request.headers.get("If-None-Match", "").replace("W/", "")):
        return HttpResponse(status=304)
    return _accelerated(blob) if conf().sendfile == "x-accel" else sent(request, blob, tag)


def _accelerated(blob: Any) -> HttpResponse:
    """An order to nginx to send the file, ranges included."""
    response = HttpResponse()
    response.headers["X-Accel-Redirect"] = conf().sendfile_url + quote(str(blob.name))
    return response


def sent(request: HttpRequest, blob: Any, tag: str) -> HttpResponseBase:
    """``blob`` as it is or the one part that was asked for; no headers but those of ranges."""
    size = blob.size
    part = asked_part(request.headers.get("Range", ""), size)
    if request.headers.get("If-Range", tag) != tag:
        part = None
    if part is not None and part.start >= part.stop:
        response: HttpResponseBase = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    wanted = range(size) if part is None else part
    response = FileResponse(_content(request, blob, wanted), status=200 if part is None else 206)
    response.headers["Content-Length"] = str(len(wanted))
    response.headers["Accept-Ranges"] = "bytes"
    if part is not None:
        last = f"{wanted.start}-{wanted.stop - 1}"
        response.headers["Content-Range"] = f"bytes {last}/{size}"
    return response


def _content(request: HttpRequest, blob: Any, wanted: range) -> Any:
    if request.method == "HEAD":
        return ()
    if not wanted:
        return ()
    fetch_part = getattr(blob.storage, "part", None)
    if fetch_part is not None:
        return Piecewise(fetch_part(str(blob.name), wanted), len(wanted))
    # Opened anew for each answer: the field would keep one for all.
    content = blob.storage.open(blob.name, "rb")
    content.seek(wanted.start)
    return Piecewise(content, len(wanted))


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
