"""Step 1: what the leaver knows that matters."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_pages.models import KnowledgeAssetPage, TeamSpacePage, Topic
from km_pages.visibility import reader_for, visible_to
from km_toolkit.actions.name_areas import (
    AddArea,
    ChangeArea,
    RemoveArea,
    ShareAreas,
    TellInPerson,
    mark_of,
)
from km_toolkit.forms.parts import AreaForm
from km_toolkit.models import KnowledgeArea, TeamRequest
from km_toolkit.views.entering import Room, enter, found_in
from km_toolkit.views.meanwhile import saved_meanwhile


def areas_of(room: Room) -> list[KnowledgeArea]:
    """The areas, highest score first, each with what is ``asked`` about it. Two queries."""
    asked = Prefetch("requests", TeamRequest.objects.released(), to_attr="asked")
    found = room.handover.areas.select_related("typed_by").prefetch_related(asked)
    return sorted(found, key=lambda each: -each.score)


def topics_for(room: Room) -> list[str]:
    """Topics that the team's pages have, as far as the reader may see them; not those named here.

    Three queries.
    """
    space = TeamSpacePage.objects.filter(team=room.handover.post.team).first()
    if space is None:
        return []
    here = {each.lower() for each in room.handover.areas.values_list("title", flat=True)}
    pages = KnowledgeAssetPage.objects.live().descendant_of(space)
    seen = visible_to(pages, reader_for(room.request)).values("topics")
    names = Topic.objects.filter(pk__in=seen).values_list("name", flat=True)[:30]
    return [each for each in names if each.lower() not in here][:8]


def suggestions_for(room: Room) -> list[str]:
    """Titles of areas that earlier handovers of the same post had and this one has not."""
    here = {each.lower() for each in room.handover.areas.values_list("title", flat=True)}
    earlier = KnowledgeArea.objects.filter(handover__post=room.handover.post)
    earlier = earlier.exclude(handover=room.handover).exclude(handover__state="draft")
    earlier = earlier.exclude(handover__areas_shared_at=None)
    titles = dict.fromkeys(earlier.order_by("-pk").values_list("title", flat=True))
    return [each for each in titles if each.lower() not in here][:8]


@login_required
def areas(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of areas, with a form for one more."""
    room = enter(request, pk)
    if not room.reads_areas:
        return room.show("areas_not_shared")
    adding = request.method == "POST"
    initial = {"title": request.GET.get("title", "")[:160]}
    form = AreaForm(request.POST if adding else None, initial=initial)
    if adding and form.is_valid():
        details = form.details()
        given: dict[str, Any] = {"title": details.pop("title"), "details": details}
        if room.do(AddArea, _("Added."), key=form.cleaned_data["key"], **given):
            return room.back("areas")
    context = {
        "areas": areas_of(room),
        "may_write": room.may(AddArea),
        "may_share": room.may(ShareAreas) and room.handover.areas_shared_at is None,
        "suggestions": suggestions_for(room) if room.may(AddArea) else [],
        "topics": topics_for(room) if room.may(AddArea) else [],
    }
    return room.show("areas", context, form=form)


@login_required
def area(request: HttpRequest, pk: int, area_pk: int) -> HttpResponse:
    """Change or remove one area."""
    room = enter(request, pk, parts=ChangeArea.parts)
    row = found_in(KnowledgeArea.objects, handover=room.handover, pk=area_pk)
    if request.method == "POST" and request.POST.get("do") == "remove":
        room.do(RemoveArea, _("Removed."), area=row)
        return room.back("areas")
    form = AreaForm(request.POST if request.method == "POST" else None, instance=row)
    if (
        request.method == "POST"
        and form.is_valid()
        and room.do(
            ChangeArea,
            _("Changed."),
            area=row,
            details=form.details(),
            seen=request.POST.get("seen", ""),
        )
    ):
        return room.back("areas")
    # As it is now: what somebody else saved meanwhile is shown beside what was typed.
    row = found_in(KnowledgeArea.objects, handover=room.handover, pk=area_pk)
    mark = mark_of(row)
    theirs = saved_meanwhile(form, row) if request.POST.get("seen", mark) != mark else []
    return room.show("area", {"area": row, "mark": mark, "theirs": theirs}, form=form)


@login_required
@require_POST
def share_areas(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the list to the line manager."""
    room = enter(request, pk, parts=ShareAreas.parts)
    room.do(ShareAreas, _("Your line manager can see the list now."))
    return room.back()


@login_required
def told(request: HttpRequest, pk: int, area_pk: int) -> HttpResponse:
    """Note that something was told in person and nothing is stored."""
    room = enter(request, pk, parts=TellInPerson.parts)
    row = found_in(KnowledgeArea.objects, handover=room.handover, pk=area_pk)
    if request.method == "POST":
        room.do(
            TellInPerson,
            _("Noted. Nothing of it is stored."),
            area=row,
            told_to=request.POST.get("told_to", "").replace("\x00", "")[:160],
            told=request.POST.get("told", "yes") == "yes",
        )
    return room.back("areas")
