"""The handover pack: on screen, as a PDF, as an archive."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.text import slugify

from km_pages.views.files import or_away
from km_pages.visibility import reader_for
from km_toolkit.pack import pack_archive, pack_of, pack_pdf
from km_toolkit.views.entering import Room, enter


def _name(room: Room) -> str:
    return slugify(f"handover {room.handover.post.title}")[:80] or "handover"


@login_required
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was shared, on one page."""
    room = enter(request, pk)
    return room.show("pack", {"pack": pack_of(room.handover, reader_for(request))})


@login_required
def pack_as_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The pack as a tagged PDF."""
    room = enter(request, pk)
    response = HttpResponse(
        pack_pdf(room.handover, reader_for(request)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'attachment; filename="{_name(room)}.pdf"'
    return response


@login_required
@or_away
def pack_as_archive(request: HttpRequest, pk: int) -> FileResponse:
    """The pack with everything in it."""
    room = enter(request, pk)
    reader = reader_for(request)
    page = render_to_string(
        "km_toolkit/handover/pack_alone.html", {"pack": pack_of(room.handover, reader)}
    )
    archive = pack_archive(room.handover, reader, page)
    return FileResponse(archive, as_attachment=True, filename=f"{_name(room)}.zip")
