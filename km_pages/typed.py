"""What was typed into a form by somebody whose sign-in had ended: kept until they are back.

It lies in the session on the server, not in the browser, so a shared computer holds nothing. It is
for the person who typed it: whoever else signs in there makes it vanish unseen. Forms with a
password, those without a name and those of the admin, which keeps drafts of its own, are left out
whole.
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
# The field of a form in which people choose whether they give their name, and what says no.
NAMED, WITHOUT = "named", "no"
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

    ``None`` where there is no text, too much of it, or where it is not for keeping: a form with a
    password, of the admin, or sent by a script, which asks again by itself.
    """
    if request.method != "POST" or request.content_type not in FORMS:
        return None
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REQUEST:
        return None
    if request.path.startswith(_elsewhere()) or request.headers.get("X-Requested-With"):
        return None
    request.upload_handlers = [_NoFiles(request)]
    if any("password" in name.lower() for name in request.POST) or without_a_name(request):
        return None
    fields = [
        [name, value]
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    if not fields or sum(len(name) + len(value) for name, value in fields) > MOST_CHARACTERS:
        return None
    whole = request.get_full_path()
    return {"who": str(request.user.pk), "to": whole, "fields": fields, "at": time.time()}


def without_a_name(request: HttpRequest) -> bool:
    """Whether the form of ``request`` says that it comes without a name.

    What is kept here names who typed it, so this is not kept.
    """
    return request.method == "POST" and request.POST.get(NAMED) == WITHOUT


def _elsewhere() -> tuple[str, ...]:
    """Where the addresses begin whose forms are not kept: signing in, and the admin."""
    names = (settings.LOGIN_URL, "wagtailadmin_home", "km_pages:sign_in_link")
    return tuple(resolve_url(name) for name in names)


def drop_what_others_typed(request: HttpRequest | None, user: Any, **_more: Any) -> None:
    """When somebody signs in: throw away at once what another person had typed there."""
    typed = request.session.get(TYPED) if request is not None else None
    if request is not None and typed is not None and typed["who"] != str(user.pk):
        del request.session[TYPED]


def typed_by(request: HttpRequest) -> dict[str, Any] | None:
    """What the person signed in now had typed; what is old or somebody else's is thrown away."""
    typed = request.session.get(TYPED)
    if typed is None:
        return None
    if typed["who"] != str(request.user.pk) or time.time() - typed["at"] > HOURS * 60 * 60:
        del request.session[TYPED]
        return None
    return dict(typed)
