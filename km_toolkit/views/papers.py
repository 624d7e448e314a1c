"""What is printed from a handover besides the pack, and the page of thanks."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from km_pages.conf import conf
from km_toolkit.actions.ask_team import OpenQuestions
from km_toolkit.handover_workbook import workbook_pdf
from km_toolkit.parts import Part
from km_toolkit.poster import poster_pdf
from km_toolkit.thanks import legacy_of
from km_toolkit.views.entering import enter


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{slugify(name)[:80]}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """A poster with a QR code, while the team is asked: before, it would tell what nobody knows."""
    room = enter(request, pk, parts=OpenQuestions.parts | {Part.KNOWLEDGE_MANAGER})
    if not room.handover.questions_are_open:
        messages.warning(request, _("Ask the team first. Then there is something to put up."))
        return room.back("questions")
    return _pdf(poster_pdf(room.handover), f"poster {room.handover.post.title}")


@login_required
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The six steps on paper, filled with what the reader may read."""
    room = enter(request, pk)
    content = workbook_pdf(room.handover, reads_areas=room.reads_areas)
    return _pdf(content, f"workbook {room.handover.post.title}")


@login_required
def thanks(request: HttpRequest, pk: int) -> HttpResponse:
    """How often the leaver's notes were opened. For the leaver, and only if they asked for it."""
    room = enter(request, pk, parts=frozenset({Part.LEAVER}))
    if not room.handover.thank_you or request.user.pk != room.handover.leaver_id:
        raise Http404
    legacy = legacy_of(room.handover)
    return room.show("thanks", {"legacy": legacy, "counts": conf().count_use})
