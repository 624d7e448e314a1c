"""Files that come with a form, or one by one from the script of a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from km_pages.actions.store_file import StoreFile, full, room_of
from km_pages.conf import MEBIBYTE, conf
from km_pages.files.refusals import RefusedFile
from km_pages.incoming import IncomingUploadHandler, too_large, too_many
from km_pages.models import StoredFile
from km_pages.numbers import whole

View = Callable[..., HttpResponse]
STATUS = {"too_large": 413, "quota": 413, "storage": 507}
REFUSED = 422
# What a form may weigh besides its files.
SLACK = 2 * MEBIBYTE


def takes_files(view: View) -> View:
    """Let the files of ``view`` be written as they come, and counted against the limits.

    The token against forged requests stands in the same body, so it is looked at only after the
    upload handler is in place. Who may upload at all must be decided before this.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            if _announced(request) > conf().upload_max_files * conf().upload_max_bytes + SLACK:
                return render(request, "km_pages/add/too_much.html", _limits(), status=413)
            request.upload_handlers = [IncomingUploadHandler(request, most=conf().upload_max_files)]
        return protected(request, *args, **kwargs)

    return handle


def _limits() -> dict[str, Any]:
    limits = conf()
    return {"max_bytes": limits.upload_max_bytes, "max_files": limits.upload_max_files}


def refusals_of(request: HttpRequest) -> list[tuple[str, RefusedFile]]:
    """Names of files that were refused while they came, and why."""
    handlers = [h for h in request.upload_handlers if isinstance(h, IncomingUploadHandler)]
    return [each for handler in handlers for each in handler.refusals]


def store_uploads(
    request: HttpRequest, field: str, *, room: int, private: bool = False
) -> tuple[list[StoredFile], list[str]]:
    """Store the files of ``field``, at most ``room``; returns them, and refusals in words.

    ``private`` ones are for their uploader alone.
    """
    stored: list[StoredFile] = []
    uploads = request.FILES.getlist(field)
    problems = [_in_words(name, refusal) for name, refusal in refusals_of(request)]
    for upload in uploads:
        try:
            if len(stored) >= room:
                raise too_many(conf().upload_max_files)
            stored.append(_store(request, upload, private=private))
        except RefusedFile as refusal:
            problems.append(_in_words(upload.name or "", refusal))
    return stored, problems


def _in_words(name: str, refusal: RefusedFile) -> str:
    return f"{name}: {refusal.message}"


def _store(request: HttpRequest, upload: Any, *, private: bool = False) -> StoredFile:
    return StoreFile(
        uploader=request.user, name=upload.name, stream=upload, private=private
    ).execute()


@csrf_exempt
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Store one file for the script of a form. Answers its key, name and size, or the refusal."""
    if not request.user.is_authenticated:
        return signed_out()
    announced = _announced(request) - SLACK
    if announced > conf().upload_max_bytes:
        return refused_answer(too_large(conf().upload_max_bytes))
    room = room_of(request.user)
    if announced > room.left:
        return refused_answer(full(filesizeformat(room.limit)))
    return _upload(request)


def _announced(request: HttpRequest) -> int:
    return whole(request.META.get("CONTENT_LENGTH")) or 0


@takes_files
def _upload(request: HttpRequest) -> HttpResponse:
    given = request.FILES.get("file")
    try:
        for _name, refusal in refusals_of(request):
            raise refusal
        if given is None:
            return JsonResponse(
                {"error": _("No file came. Choose it again."), "code": "none"}, status=400
            )
        stored = _store(request, given)
    except RefusedFile as refusal:
        return refused_answer(refusal)
    return answer_of(stored)


def signed_out() -> JsonResponse:
    """The answer to somebody whose session has ended meanwhile."""
    words = _("You have been signed out. Sign in in another tab, then try again here.")
    return JsonResponse({"error": words, "code": "signed_out"}, status=401)


def answer_of(stored: StoredFile) -> JsonResponse:
    """What a script is told of a file that was stored."""
    return JsonResponse({"id": stored.pk, "name": stored.name, "size": stored.size}, status=201)


def refused_answer(refusal: RefusedFile) -> JsonResponse:
    """What a script is told of a file that is not added."""
    words = {"error": refusal.message, "code": refusal.code}
    return JsonResponse(words, status=STATUS.get(refusal.code, REFUSED))
