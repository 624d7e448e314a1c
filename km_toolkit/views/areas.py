"""Step 1: what the leaver knows that matters."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_pages.models import KnowledgeAssetPage, Post, Team, TeamSpacePage, Topic
from km_pages.prepared import Given, ask, fetch
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
from km_toolkit.models import Handover, KnowledgeArea, TeamRequest
from km_toolkit.views.entering import Room, enter, found_in
from km_toolkit.views.meanwhile import saved_meanwhile


def areas_of(room: Room) -> list[KnowledgeArea]:
    """The areas, highest score first, each with what is ``asked`` about it. Two queries."""
    found = fetch(_areas, handover=room.handover.pk)
    asked: dict[int, list[TeamRequest]] = defaultdict(list)
    for each in fetch(_asked, handover=room.handover.pk):
        asked[each.area_id].append(each)
    for area in found:
        area.handover, area.asked = room.handover, asked[area.pk]
    return sorted(found, key=lambda each: -each.score)


def _areas() -> QuerySet[KnowledgeArea]:
    found = KnowledgeArea.objects.filter(handover=Given("handover", Handover._meta.pk))
    return found.select_related("typed_by")


def _asked() -> QuerySet[TeamRequest]:
    asked = TeamRequest.objects.released().filter(area__isnull=False)
    return asked.filter(handover=Given("handover", Handover._meta.pk))


def topics_for(room: Room, named: set[str]) -> list[str]:
    """Topics that the team's pages have, as far as the reader may see them; not those ``named``.

    At most four queries.
    """
    spaces = fetch(_space, team=room.handover.post.team_id)
    if not spaces:
        return []
    pages = KnowledgeAssetPage.objects.live().descendant_of(spaces[0])
    seen = visible_to(pages, reader_for(room.request)).values("topics")
    names = Topic.objects.filter(pk__in=seen).values_list("name", flat=True)[:30]
    return [each for each in names if each.lower() not in named][:8]


def _space() -> QuerySet[TeamSpacePage]:
    found = TeamSpacePage.objects.filter(team=Given("team", Team._meta.pk))
    return found.only("path", "depth").order_by("pk")[:1]


def suggestions_for(room: Room, named: set[str]) -> list[str]:
    """Titles of areas that earlier handovers of the same post had, without those ``named`` here.

    One query.
    """
    rows = ask(_earlier, handover=room.handover.pk, post=room.handover.post_id)
    titles = dict.fromkeys(title for (title,) in rows)
    return [each for each in titles if each.lower() not in named][:8]


def _earlier() -> QuerySet[Any, Any]:
    found = KnowledgeArea.objects.filter(handover__post=Given("post", Post._meta.pk))
    found = found.exclude(handover=Given("handover", Handover._meta.pk))
    shown = found.exclude(handover__state="draft").exclude(handover__areas_shared_at=None)
    return shown.order_by("-pk").values_list("title")


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
    rows = areas_of(room)
    named = {each.title.lower() for each in rows}
    context = {
        "areas": rows,
        "may_write": room.may(AddArea),
        "may_share": room.may(ShareAreas) and room.handover.areas_shared_at is None,
        "suggestions": suggestions_for(room, named) if room.may(AddArea) else [],
        "topics": topics_for(room, named) if room.may(AddArea) else [],
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
