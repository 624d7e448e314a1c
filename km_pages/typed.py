"""What was typed into a form by somebody whose sign-in had ended: kept until they are back.

It lies in the session on the server, not in the browser, so a shared computer holds nothing. It is
for the person who typed it: whoever else signs in there makes it vanish unseen.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.shortcuts import resolve_url

TYPED = "km_typed"
HOURS = 12
LARGEST_REQUEST = 50 * 1024 * 1024
MOST_CHARACTERS = 500_000
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class _NoFiles(FileUploadHandler):
    """Leaves the files of a request out; they would have to be checked before they are kept."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Skip this file."""
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Never asked for, as every file is skipped."""
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Never asked for, as every file is skipped."""
        return None


def typed_in(request: HttpRequest) -> dict[str, Any] | None:
    """What ``request.user`` typed into the form of ``request``; to be asked before signing out.

    ``None`` where there is no text, too much of it, or where only signing in was tried.
    """
    if request.method != "POST" or request.content_type not in FORMS:
        return None
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REQUEST:
        return None
    if request.path == resolve_url(settings.LOGIN_URL):
        return None
    request.upload_handlers = [_NoFiles(request)]
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name.lower()
        for value in values
    ]
    if not fields or sum(len(name) + len(value) for name, value in fields) > MOST_CHARACTERS:
        return None
    whole = request.get_full_path()
    return {"who": str(request.user.pk), "to": whole, "fields": fields, "at": time.time()}


def typed_by(request: HttpRequest) -> dict[str, Any] | None:
    """What the person signed in now had typed; what is old or somebody else's is thrown away."""
    typed = request.session.get(TYPED)
    if typed is None:
        return None
    if typed["who"] != str(request.user.pk) or time.time() - typed["at"] > HOURS * 60 * 60:
        del request.session[TYPED]
        return None
    return dict(typed)
