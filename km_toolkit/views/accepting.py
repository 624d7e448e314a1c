"""The end: saying back, gaps, acceptance."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_toolkit import notifications
from km_toolkit.actions.accept import (
    Accept,
    AcceptForNow,
    AnswerGap,
    RaiseGap,
    SayBackArea,
    WaiveGap,
    high_areas_not_said_back,
)
from km_toolkit.forms.handovers import ReasonForm
from km_toolkit.forms.parts import AnswerForm, GapForm, SayBackForm
from km_toolkit.models import Gap, KnowledgeArea, Priority, SayBack
from km_toolkit.views.entering import Room, enter, found_in


def _receives(room: Room) -> bool:
    """Whether the reader says back: the successor, or the manager while there is none."""
    return room.is_successor or (room.is_manager and room.handover.successor_id is None)


def _accept(room: Room) -> HttpResponse:
    if not room.do(Accept, _("Accepted. Thank you.")):
        return room.back("accept")
    notifications.tell_accepted(room.handover)
    return room.back()


@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Say back each area of high priority, name what is missing, accept."""
    room = enter(request, pk)
    if request.method == "POST" and request.POST.get("do") == "accept":
        return _accept(room)
    if request.method == "POST" and request.POST.get("do") == "for-now":
        room.do(AcceptForNow, _("Accepted for now."))
        return room.back("accept")
    high = room.handover.areas.filter(priority=Priority.HIGH) if room.reads_areas else []
    said = {each.area_id: each for each in SayBack.objects.filter(area__handover=room.handover)}
    rows = [
        (
            area,
            said.get(area.pk),
            SayBackForm(
                prefix=f"area-{area.pk}",
                initial={"text": said[area.pk].text if area.pk in said else ""},
            ),
        )
        for area in high
    ]
    missing = high_areas_not_said_back(room.handover)
    open_gaps = room.handover.gaps.open().count()
    context = {
        "rows": rows,
        "gaps": room.handover.gaps.select_related("area", "raised_by"),
        "receives": _receives(room),
        "may_answer": room.may(AnswerGap),
        "may_waive": room.may(WaiveGap),
        "may_accept": room.may(Accept),
        "may_accept_for_now": room.may(AcceptForNow) and room.handover.successor_id is None,
        "missing": missing,
        "open_gaps": open_gaps,
        "ready": not missing and not open_gaps,
        "gap_form": GapForm(handover=room.handover),
        "answer_form": AnswerForm(),
    }
    return room.show("accept", context)


@login_required
@require_POST
def say_back(request: HttpRequest, pk: int, area_pk: int) -> HttpResponse:
    """Keep what somebody understood of an area."""
    room = enter(request, pk, parts=SayBackArea.parts)
    area = found_in(KnowledgeArea.objects, handover=room.handover, pk=area_pk)
    form = SayBackForm(request.POST, prefix=f"area-{area.pk}")
    if not form.is_valid():
        messages.warning(request, _("Say it in a sentence or two of your own."))
    else:
        room.do(SayBackArea, _("Saved."), area=area, **form.cleaned_data)
    return room.back("accept")


@login_required
@require_POST
def gap(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is still missing."""
    room = enter(request, pk, parts=RaiseGap.parts)
    form = GapForm(request.POST, handover=room.handover)
    if not form.is_valid():
        messages.warning(request, _("Write what is missing."))
        return room.back("accept")
    made = room.do(RaiseGap, _("Asked."), **form.cleaned_data)
    if made:
        notifications.tell_gap(room.handover, made)
    return room.back("accept")


@login_required
@require_POST
def settle_gap(request: HttpRequest, pk: int, gap_pk: int) -> HttpResponse:
    """Answer what is missing, or let it stay open."""
    room = enter(request, pk, parts=AnswerGap.parts)
    row = found_in(Gap.objects, handover=room.handover, pk=gap_pk)
    if request.POST.get("do") == "waive":
        reason = ReasonForm(request.POST)
        if reason.is_valid():
            room.do(WaiveGap, _("It may stay open."), gap=row, **reason.cleaned_data)
        else:
            messages.warning(request, _("Say in a few words why it may stay open."))
        return room.back("accept")
    answer = AnswerForm(request.POST)
    if answer.is_valid():
        room.do(AnswerGap, _("Answered."), gap=row, **answer.cleaned_data)
    else:
        messages.warning(request, _("Write an answer first."))
    return room.back("accept")
