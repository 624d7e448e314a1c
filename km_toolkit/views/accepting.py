"""The end: saying back, gaps, acceptance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
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
from km_toolkit.forms.parts import AnswerForm, GapForm, SayBackForm, WaiveForm
from km_toolkit.models import Gap, KnowledgeArea, KnowledgeOutput, Priority, SayBack
from km_toolkit.views.entering import Room, enter, found_in


@dataclass(frozen=True)
class Settling:
    """One gap, with the two forms that settle it, one of which may have been sent.

    Their fields carry the gap in their ids, because a page shows many.
    """

    gap: Gap
    answer: AnswerForm
    waive: WaiveForm

    @classmethod
    def of(cls, gap: Gap, sent: Any = None, *, waives: bool = False) -> Settling:
        """Empty, or with ``sent`` in the form for waiving or the one for answering."""
        ids = f"gap-{gap.pk}-%s"
        answer = AnswerForm(None if waives else sent, auto_id=ids)
        return cls(gap, answer, WaiveForm(sent if waives else None, auto_id=ids))

    @property
    def form(self) -> AnswerForm | WaiveForm:
        """The one that was sent, else the one for answering."""
        return self.waive if self.waive.is_bound else self.answer

    @property
    def typed(self) -> str:
        """What was typed, which is shown also where somebody else has settled the gap."""
        name = next(iter(self.form.fields))
        return str(self.form.data.get(name, "")) if self.form.is_bound else ""


def _receives(room: Room) -> bool:
    """Whether the reader says back: the successor, or the manager while there is none."""
    return room.is_successor or (room.is_manager and room.handover.successor_id is None)


def _accept(room: Room) -> HttpResponse:
    if not room.do(Accept, _("Accepted. Thank you.")):
        return room.back("accept")
    notifications.tell_accepted(room.handover, room.by)
    return room.back()


@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Say back each area of high priority, name what is missing, accept."""
    room = enter(request, pk)
    if request.method == "POST" and request.POST.get("do") == "accept":
        return _accept(room)
    if request.method == "POST" and request.POST.get("do") == "for-now":
        if room.do(AcceptForNow, _("Accepted for now.")):
            notifications.tell_accepted(room.handover, room.by)
        return room.back("accept")
    return _page(room)


def _high_areas(room: Room) -> Any:
    """Areas of high priority, each with what is ``shared`` about it. Two queries."""
    published = KnowledgeOutput.objects.filter(page__live=True).select_related("page")
    shared = Prefetch("outputs", published, to_attr="shared")
    return room.handover.areas.filter(priority=Priority.HIGH).prefetch_related(shared)


def _page(
    room: Room,
    *,
    said_now: SayBackForm | None = None,
    missing_now: GapForm | None = None,
    settling: Settling | None = None,
) -> HttpResponse:
    """The page, with a form that was refused as it was typed, at its place."""
    high = _high_areas(room) if room.reads_areas else []
    said = {each.area_id: each for each in SayBack.objects.filter(area__handover=room.handover)}
    forms = {said_now.prefix: said_now} if said_now is not None else {}
    rows = [
        (
            area,
            said.get(area.pk),
            forms.get(f"area-{area.pk}")
            or SayBackForm(
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
        "gaps": [
            settling if settling is not None and settling.gap == each else Settling.of(each)
            for each in room.handover.gaps.select_related("area", "raised_by")
        ],
        "receives": _receives(room),
        "may_answer": room.may(AnswerGap),
        "may_waive": room.may(WaiveGap),
        "may_accept": room.may(Accept),
        "may_accept_for_now": room.may(AcceptForNow) and room.handover.successor_id is None,
        "missing": missing,
        "open_gaps": open_gaps,
        "ready": not missing and not open_gaps,
        "gap_form": missing_now or GapForm(handover=room.handover),
    }
    refused = said_now or missing_now or (settling.form if settling is not None else None)
    return room.show("accept", context, form=refused)


@login_required
@require_POST
def say_back(request: HttpRequest, pk: int, area_pk: int) -> HttpResponse:
    """Keep what somebody understood of an area."""
    room = enter(request, pk, parts=SayBackArea.parts)
    area = found_in(KnowledgeArea.objects, handover=room.handover, pk=area_pk)
    form = SayBackForm(request.POST, prefix=f"area-{area.pk}")
    if form.is_valid() and room.do(SayBackArea, _("Saved."), area=area, **form.cleaned_data):
        return room.back("accept")
    return _page(room, said_now=form)


@login_required
@require_POST
def gap(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is still missing."""
    room = enter(request, pk, parts=RaiseGap.parts)
    form = GapForm(request.POST, handover=room.handover)
    made = room.do(RaiseGap, _("Asked."), **form.cleaned_data) if form.is_valid() else None
    if not made:
        return _page(room, missing_now=form)
    if made.is_new:
        notifications.tell_gap(room.handover, made)
    return room.back("accept")


@login_required
@require_POST
def settle_gap(request: HttpRequest, pk: int, gap_pk: int) -> HttpResponse:
    """Answer what is missing, or let it stay open."""
    room = enter(request, pk, parts=AnswerGap.parts)
    row = found_in(Gap.objects, handover=room.handover, pk=gap_pk)
    waives = request.POST.get("do") == "waive"
    settling = Settling.of(row, request.POST, waives=waives)
    form = settling.form
    action, words = (WaiveGap, _("It may stay open.")) if waives else (AnswerGap, _("Answered."))
    settled = row.answered_at is not None or row.waived_at is not None
    if form.is_valid() and room.do(action, words, gap=row, **form.cleaned_data):
        if not settled:
            notifications.tell_gap_settled(room.handover, row)
        return room.back("accept")
    return _page(room, settling=settling)
