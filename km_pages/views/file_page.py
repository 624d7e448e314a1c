"""The page of one file: look at it without keeping it, read its words, open it at a place."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from km_pages.actions.agreement import may_change
from km_pages.actions.bin_file import BinFile
from km_pages.file_access import may_delete, may_open
from km_pages.files.formats import FORMATS, Family, format_of
from km_pages.models import Attachment, FilePassage, KnowledgeAssetPage, StoredFile
from km_pages.serving import refuse
from km_pages.sweep import BIN_KEPT
from km_pages.views.files import openable
from km_pages.visibility import Reader, reader_for, visible_to

_CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,3}):(\d\d)$")
_SOUND = "audio/"


@require_safe
def file_page(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file with its words; ``?at=`` names the passage to open at, as hits do.

    A hit in captions leads on to the recording at that moment.
    """
    stored = openable(request, uuid)
    if stored is None:
        return refuse(request)
    reader = reader_for(request)
    recording = recording_of(stored, reader)
    if recording is not None and request.GET.get("at"):
        address = reverse("km_pages:file_page", args=[recording.uuid])
        return redirect(f"{address}?{request.GET.urlencode()}")
    captions = captions_of(stored, reader)
    words = captions or stored
    passage = _passage(words, request.GET.get("at", ""))
    begin = seconds_of(passage.label) if passage and request.GET.get("at") else 0
    context = {
        "file": stored,
        "viewer": viewer_of(stored),
        "captions": captions,
        "recording": recording,
        "passage": passage,
        "before": _beside(words, passage, after=False),
        "after": _beside(words, passage, after=True),
        "page_number": _page_of(stored, passage),
        "begin": begin,
        "items": _items(stored, reader),
        "mine": _mine(stored, request.user),
        "may_delete": may_delete(stored, reader),
        "gone_on": stored.binned_at + BIN_KEPT if stored.binned_at else None,
    }
    response = render(request, "km_pages/file.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def delete_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a file into the bin, or with ``do=back`` have it out again."""
    stored = openable(request, uuid)
    if stored is None or not may_delete(stored, reader_for(request)):
        raise Http404
    back = request.POST.get("do") == "back"
    BinFile(stored=stored, by=request.user, back=back).execute()
    if back:
        messages.success(request, _("The file is back where it was."))
    else:
        messages.success(request, _("The file is deleted. For 30 days you can bring it back."))
    return redirect("km_pages:file_page", uuid=uuid)


def viewer_of(stored: StoredFile) -> str:
    """How a browser shows the file: "pdf", "picture", "sound", "film", or "" where it does not."""
    known = format_of(f"x.{stored.extension}")
    if known is None or not known.inline:
        return ""
    if known.family is Family.RECORDING:
        return "sound" if known.mime.startswith(_SOUND) else "film"
    return {Family.PDF: "pdf", Family.PICTURE: "picture"}.get(known.family, "")


def captions_of(recording: StoredFile, reader: Reader) -> StoredFile | None:
    """The captions that lie beside a recording: same item, same name, ending in .vtt."""
    if viewer_of(recording) not in ("sound", "film"):
        return None
    name = f"{recording.name.rpartition('.')[0]}.vtt"
    found = _in_same_items(recording).filter(extension="vtt", name__iexact=name)[:5]
    return next((each for each in found if may_open(each, reader)), None)


def recording_of(captions: StoredFile, reader: Reader) -> StoredFile | None:
    """The recording that ``captions`` lie beside, as :func:`captions_of` finds them."""
    if captions.extension != "vtt":
        return None
    stem = captions.name.rpartition(".")[0]
    recordings = [each.extension for each in FORMATS.values() if each.family is Family.RECORDING]
    found = _in_same_items(captions).filter(extension__in=recordings, name__istartswith=f"{stem}.")[
        :20
    ]
    beside = [each for each in found if captions_of(each, reader) == captions]
    return next((each for each in beside if may_open(each, reader)), None)


def _in_same_items(stored: StoredFile) -> QuerySet[StoredFile]:
    """Files that stand in an item with ``stored``, the newest first."""
    pages = Attachment.objects.filter(stored_file=stored).values("page_id")
    beside = StoredFile.objects.filter(attachments__page_id__in=pages)
    return beside.distinct().order_by("-pk")


def seconds_of(label: str) -> int:
    """The time that a label such as "12:30" names, in seconds; 0 for others."""
    clock = _CLOCK.match(label)
    if clock is None:
        return 0
    hours, minutes, seconds = clock.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)


def _passage(stored: StoredFile, label: str) -> FilePassage | None:
    passages = stored.passages.all()
    wanted = passages.filter(label=label[:80]).first() if label else None
    return wanted or passages.first()


def _page_of(stored: StoredFile, passage: FilePassage | None) -> int:
    """The page to open at; the words of what is attached to a PDF are on none of its pages."""
    is_page = passage is not None and passage.number <= (stored.pages or 0)
    return passage.number if passage is not None and is_page else 1


def _beside(stored: StoredFile, passage: FilePassage | None, *, after: bool) -> FilePassage | None:
    if passage is None:
        return None
    others = stored.passages.defer("text")
    if after:
        return others.filter(number__gt=passage.number).order_by("number").first()
    return others.filter(number__lt=passage.number).order_by("-number").first()


def _mine(stored: StoredFile, user: Any) -> list[Any]:
    """Items of the user's own in which the file stands, where they may put a newer version."""
    if not user.is_authenticated:
        return []
    attached = KnowledgeAssetPage.objects.filter(attachments__stored_file=stored)
    return [each for each in attached.distinct().order_by("title") if may_change(each, user)][:5]


def _items(stored: StoredFile, reader: Reader) -> list[Any]:
    """The items that the file belongs to and the reader may see."""
    pages = Attachment.objects.filter(stored_file=stored).values("page_id")
    return list(visible_to(KnowledgeAssetPage.objects.filter(pk__in=pages), reader)[:5])
