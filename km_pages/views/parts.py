"""Large files in parts, for the script of a form. Without the script a form sends them whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from km_pages import partial
from km_pages.actions.store_file import StoreFile, full, room_of
from km_pages.conf import MEBIBYTE
from km_pages.files.accept import check_announced
from km_pages.files.refusals import RefusedFile
from km_pages.incoming import no_room_on_disk
from km_pages.numbers import whole
from km_pages.views.uploads import answer_of, refused_answer, signed_out

LONGEST_NAME, LONGEST_MARK, LONGEST_NUMBER = 1000, 200, 15
MOST_IN_ONE_PART = 16 * MEBIBYTE

View = Callable[..., HttpResponse]


def for_people(view: View) -> View:
    """Answer people who are signed in, in JSON; refusals of all kinds in words."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return signed_out()
        try:
            return view(request, *args, **kwargs)
        except RefusedFile as refusal:
            return refused_answer(refusal)
        except FileNotFoundError:
            return _gone()
        except OSError:
            return refused_answer(no_room_on_disk())

    return csrf_protect(handle)


@for_people
@require_POST
def begin(request: Any) -> HttpResponse:
    """Begin the file ``name`` of ``size`` bytes, or go on with it: answers where to send what."""
    name, mark = request.POST.get("name", "")[:LONGEST_NAME], request.POST.get("mark", "")
    size = _number(request.POST.get("size", ""))
    check_announced(name, size=size)
    _check_room(request.user, name, size, mark[:LONGEST_MARK])
    try:
        begun = partial.begin(request.user.pk, name, size, mark[:LONGEST_MARK])
    except partial.TooManyParts as problem:
        raise RefusedFile(
            "busy",
            _("Too many files are on their way at once. Wait until some have arrived."),
        ) from problem
    return JsonResponse({"upload": str(begun.key), "offset": begun.offset}, status=201)


def _check_room(person: Any, name: str, size: int, mark: str) -> None:
    """Count what is on its way too: together it must fit into the person's room."""
    others = sum(
        each.size
        for each in partial.of_person(person.pk)
        if (each.name, each.size, each.mark) != (name, size, mark)
    )
    room = room_of(person)
    if size + others > room.left:
        raise full(filesizeformat(room.limit))


@for_people
@require_http_methods(["GET", "POST", "DELETE"])
def part(request: Any, key: UUID) -> HttpResponse:
    """How far an upload is (GET), its next part (POST with ``?offset=``), or its end (DELETE).

    The part that completes it is answered as a whole upload is: with key, name and size.
    """
    begun = partial.find(request.user.pk, key)
    if begun is None:
        return _gone()
    if request.method == "DELETE":
        begun.forget()
        return HttpResponse(status=204)
    if request.method == "GET":
        return JsonResponse({"upload": str(begun.key), "offset": begun.offset})
    return _take(request, begun)


def _take(request: Any, begun: partial.Partial) -> HttpResponse:
    length = _number(request.META.get("CONTENT_LENGTH") or "")
    if length > MOST_IN_ONE_PART:
        return JsonResponse({"error": _("This part is too large."), "code": "part"}, status=413)
    try:
        end = begun.append(_number(request.GET.get("offset", "")), request, length)
        if end < begun.size:
            return JsonResponse({"upload": str(begun.key), "offset": end})
        return _finish(request, begun)
    except partial.WrongOffset as problem:
        return JsonResponse({"code": "offset", "offset": problem.offset}, status=409)


def _finish(request: HttpRequest, begun: partial.Partial) -> HttpResponse:
    """Store the whole file; only what is stored or refused for good is forgotten."""
    try:
        with begun.whole() as arrived:
            stored = StoreFile(uploader=request.user, name=begun.name, stream=arrived).execute()
    except RefusedFile as refusal:
        if refusal.code != "storage":
            begun.forget()
        raise
    begun.forget()
    return answer_of(stored)


def _number(given: str) -> int:
    return whole(given, LONGEST_NUMBER) or 0


def _gone() -> JsonResponse:
    words = _("This upload is not there any more. Choose the file again.")
    return JsonResponse({"error": words, "code": "gone"}, status=404)
