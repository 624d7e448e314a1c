"""Steps 3 and 4: priorities and the plan."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.numbers import whole
from km_pages.wording import person_name
from km_toolkit import notifications
from km_toolkit.actions.agree import (
    AddAction,
    AgreePlan,
    AgreePriorities,
    AskForPlan,
    ChangeAction,
    FinishAction,
    ProceedUnagreed,
    ProposePriorities,
    SetPriority,
    high_areas_without_action,
    mark_of_action,
)
from km_toolkit.fitting import activities_that_fit
from km_toolkit.forms.parts import ActionForm, PriorityForm, RosterForm
from km_toolkit.models import ActionState, Agreed, KnowledgeArea, TransferAction
from km_toolkit.silence import is_silent, silent_days
from km_toolkit.views.areas import areas_of
from km_toolkit.views.entering import Room, enter, found_in
from km_toolkit.views.meanwhile import saved_meanwhile


def _forms(room: Room, areas: list[KnowledgeArea]) -> list[tuple[KnowledgeArea, PriorityForm]]:
    posted = room.request.POST if room.request.method == "POST" else None
    made = []
    for area in areas:
        initial: dict[str, Any] = {
            "priority": area.priority or area.suggested_priority,
            "reason": area.priority_reason,
        }
        made.append((area, PriorityForm(posted, prefix=f"area-{area.pk}", initial=initial)))
    return made


@login_required
def priorities(request: HttpRequest, pk: int) -> HttpResponse:
    """What comes first: one list for leaver and manager, agreed by the manager."""
    room = enter(request, pk)
    if not room.reads_areas:
        return room.show("areas_not_shared")
    areas = areas_of(room)
    pairs = _forms(room, areas)
    # Every form is looked at, so that every mistake is shown at once.
    valid = request.method == "POST" and not [1 for _area, form in pairs if not form.is_valid()]
    if valid and _carry_out(room, pairs):
        return room.back("priorities") if request.POST.get("do") == "save" else room.back()
    context = {
        "pairs": pairs,
        "asked": _moment(room.handover.priorities_asked_at),
        "failed": any(form.is_bound and form.errors for _area, form in pairs),
        "may_set": room.may(SetPriority),
        "may_propose": room.may(ProposePriorities) and not room.is_manager,
        "may_agree": room.may(AgreePriorities) and room.handover.priorities != Agreed.YES,
        "may_proceed": room.may(ProceedUnagreed)
        and is_silent(room.handover)
        and room.handover.priorities in (Agreed.NO, Agreed.REOPENED),
        "silent_days": silent_days(room.handover, timezone.localdate()),
    }
    return room.show("priorities", context)


def _asked_since(room: Room, asked_at: Any) -> bool:
    """Whether the manager was asked after the form was opened: it was sent twice.

    The reader is told. Looked at before anything is kept, as a change starts the clock anew.
    """
    known = room.request.POST.get("asked")
    if known is None or known == _moment(asked_at):
        return False
    messages.warning(room.request, _("Your line manager has been asked already."))
    return True


def _moment(asked_at: Any) -> str:
    return asked_at.isoformat() if asked_at else ""


def _carry_out(room: Room, pairs: list[tuple[KnowledgeArea, PriorityForm]]) -> bool:
    """Set what changed, then propose or agree what the reader has before them."""
    wanted = room.request.POST.get("do", "save")
    if wanted == "propose" and _asked_since(room, room.handover.priorities_asked_at):
        return False
    if wanted == "proceed":
        return bool(room.do(ProceedUnagreed, _("Go on. Your manager can still agree later.")))
    for area, form in pairs:
        chosen = form.cleaned_data
        if (area.priority, area.priority_reason) == (chosen["priority"], chosen["reason"].strip()):
            continue
        shown = room.request.POST.get(f"{form.prefix}-seen")
        if shown is not None and chosen["priority"] == shown != area.priority:
            # Somebody else has changed this one, the reader has not: theirs stands.
            continue
        if not room.do(SetPriority, area=area, seen=shown, **chosen):
            return False
    if wanted == "propose":
        asked = room.handover.priorities_asked_at
        done = room.do(ProposePriorities, _("Your line manager is asked to agree."), asked=asked)
        if done:
            notifications.ask_manager(room.handover, "priorities")
        return bool(done)
    if wanted == "agree":
        seen = {area.pk: form.cleaned_data["priority"] for area, form in pairs}
        return bool(room.do(AgreePriorities, _("Agreed. Thank you."), seen=seen))
    return True


@login_required
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan: what is done for which area, by when; agreed by the manager."""
    room = enter(request, pk)
    if not room.reads_areas:
        return room.show("areas_not_shared")
    roster = RosterForm()
    if request.method == "POST":
        roster = RosterForm(request.POST)
        if request.POST.get("do") == "propose":
            asked = room.handover.plan_asked_at
            if _asked_since(room, asked):
                return room.back()
            if room.do(AskForPlan, _("Your line manager is asked to agree."), asked=asked):
                notifications.ask_manager(room.handover, "plan")
                return room.back()
        elif roster.is_valid():
            done = _("Agreed. Thank you.")
            if room.do(AgreePlan, done, rostered_minutes=roster.minutes()):
                return room.back()
    planned = room.handover.actions.exclude(state=ActionState.DROPPED)
    actions = list(planned.select_related("area", "activity", "handover"))
    context: dict[str, Any] = {
        "actions": actions,
        "asked": _moment(room.handover.plan_asked_at),
        "minutes": sum(each.minutes or 0 for each in actions),
        "unmeasured": sum(each.minutes is None for each in actions),
        "missing": high_areas_without_action(room.handover),
        "may_plan": room.may(AddAction),
        "may_finish": room.may(FinishAction),
        "may_propose": room.may(AskForPlan) and not room.is_manager,
        "may_agree": room.may(AgreePlan) and room.handover.plan != Agreed.YES,
        "suggested": activities_that_fit(room.handover) if room.may(AddAction) else [],
        "recipient": _recipient(room),
    }
    return room.show("plan", context, form=roster)


def _recipient(room: Room) -> str:
    """For whom something is done, unless somebody says otherwise."""
    return person_name(room.handover.successor) or str(room.handover.post.team)


@login_required
def add_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Put something into the plan; ``?area=`` and ``?activity=`` fill it in."""
    room = enter(request, pk, parts=AddAction.parts)
    if not room.reads_areas:
        return room.show("areas_not_shared")
    initial: dict[str, Any] = {name: whole(request.GET.get(name)) for name in ("area", "activity")}
    initial["recipient"] = _recipient(room)
    form = ActionForm(
        request.POST if request.method == "POST" else None, handover=room.handover, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        made = room.do(
            AddAction,
            _("In the plan."),
            details=form.details(),
            key=form.cleaned_data["key"],
        )
        if made:
            return room.back("plan")
    return room.show("action", form=form)


@login_required
def action(request: HttpRequest, pk: int, action_pk: int) -> HttpResponse:
    """Change, drop or finish an action of the plan."""
    room = enter(request, pk, parts=ChangeAction.parts)
    row = found_in(TransferAction.objects, handover=room.handover, pk=action_pk)
    wanted = request.POST.get("do", "")
    if wanted in ("done", "undone"):
        room.do(FinishAction, action=row, done=wanted == "done")
        return room.back("plan")
    if wanted == "drop":
        room.do(ChangeAction, _("Taken out of the plan."), action=row, dropped=True)
        return room.back("plan")
    initial = {name: getattr(row, name) for name in ("title", "recipient", "due", "minutes")}
    initial |= {"area": row.area_id, "activity": row.activity_id, "place": row.place}
    form = ActionForm(
        request.POST if request.method == "POST" else None, handover=room.handover, initial=initial
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and room.do(
            ChangeAction,
            _("Changed."),
            action=row,
            details=form.details(),
            seen=request.POST.get("seen", ""),
        )
    ):
        return room.back("plan")
    # As it is now: what somebody else saved meanwhile is shown beside what was typed.
    row = found_in(TransferAction.objects, handover=room.handover, pk=action_pk)
    mark = mark_of_action(row)
    theirs = saved_meanwhile(form, row) if request.POST.get("seen", mark) != mark else []
    return room.show("action", {"action": row, "mark": mark, "theirs": theirs}, form=form)
