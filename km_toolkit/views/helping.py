"""Step 5: somebody who helps; interviews."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_pages.numbers import whole
from km_pages.views.uploads import store_uploads, takes_files
from km_toolkit import notifications
from km_toolkit.actions.helping import (
    AnswerHelping,
    ApproveWriteUp,
    AskToHelp,
    GiveConsent,
    OfferToHelp,
    StartInterview,
    WriteUp,
)
from km_toolkit.forms.parts import HelperForm
from km_toolkit.merging import seen_mark
from km_toolkit.models import (
    HelpingState,
    Interview,
    InterviewAnswer,
    InterviewState,
    KnowledgeArea,
    KnowledgeOutput,
    TeamRequest,
)
from km_toolkit.parts import INSIDE, Part
from km_toolkit.views.entering import Room, enter, found_in

HELP_PARTS = INSIDE | {Part.ASKED_TO_HELP}


def guide(room: Room, area: KnowledgeArea | None) -> list[tuple[str, TeamRequest | None]]:
    """The questions of an interview in order: opening ones, the team's about the area, the last."""
    requests = TeamRequest.objects.released().filter(handover=room.handover, area=area, answer="")
    return [
        (_("What would you like your successor to know first?"), None),
        (_("Tell me about the last time this went wrong. What did you do?"), None),
        *((each.text, each) for each in requests),
        (_("What do you watch out for that is written nowhere?"), None),
        (_("Whom do you call, and for what?"), None),
        (_("What would you do differently if you began again?"), None),
        (_("What have I not asked?"), None),
    ]


@login_required
def help_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who helps, who was asked, the interviews."""
    room = enter(request, pk, parts=HELP_PARTS)
    form = HelperForm(request.POST if request.method == "POST" else None, handover=room.handover)
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        helping = room.do(AskToHelp, person=person)
        if helping:
            if helping.state == HelpingState.ASKED:
                notifications.ask_helper(room.handover, person)
                messages.success(request, _("They have been asked."))
            if person.pk == room.handover.line_manager_id:
                messages.warning(
                    request,
                    _(
                        "This is the line manager. People often speak more freely with somebody "
                        "else; it is up to you."
                    ),
                )
            return room.back("help")
    context = {
        "helping": room.handover.helping.select_related("person"),
        "may_name": room.may(AskToHelp),
        "may_answer": room.may(AnswerHelping) and not room.is_helper,
        "may_step_back": room.is_helper,
        "may_interview": room.may(StartInterview),
        "interviews": _interviews(room),
        "areas": room.handover.areas.all() if room.reads_areas else [],
    }
    return room.show("help", context, form=form)


def _interviews(room: Room) -> Any:
    """What the reader may read: all for the two who talk, else what was approved: nothing here."""
    if not room.parts & {Part.LEAVER, Part.HELPER}:
        return []
    return room.handover.interviews.select_related("area", "interviewer")


@login_required
@require_POST
def answer_help(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes or no, or step back."""
    room = enter(request, pk, parts=HELP_PARTS)
    accept = request.POST.get("do") == "yes"
    words = _("Thank you for helping.") if accept else _("Thank you for saying so.")
    helping = room.do(AnswerHelping, words, accept=accept)
    if helping and helping.is_new:
        notifications.tell_helper_answered(room.handover, helping)
    if helping and accept:
        return room.back()
    return room.back("help") if room.parts & INSIDE else redirect("km_toolkit:handovers")


@login_required
@require_POST
def offer_help(request: HttpRequest, pk: int) -> HttpResponse:
    """A member of the team offers to help."""
    room = enter(request, pk, parts=OfferToHelp.parts)
    helping = room.do(OfferToHelp, _("Thank you. They will see that you offered."))
    if helping and helping.is_new:
        notifications.tell_helper_answered(room.handover, helping)
    return room.back("ask")


@login_required
@require_POST
def start_interview(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an interview about an area, with its guide."""
    room = enter(request, pk, parts=StartInterview.parts)
    area = room.handover.areas.filter(pk=whole(request.POST.get("area"))).first()
    interview = room.do(StartInterview, questions=guide(room, area), area=area)
    return room.back("interview", interview.pk) if interview else room.back("help")


@login_required
@takes_files
def interview(request: HttpRequest, pk: int, interview_pk: int) -> HttpResponse:
    """Ask in order, write up, attach a recording once consent is given, approve."""
    room = enter(request, pk, parts=StartInterview.parts)
    row = found_in(
        Interview.objects.select_related("area", "recording"),
        handover=room.handover,
        pk=interview_pk,
    )
    if request.method == "POST":
        done = _change(room, row)
        if isinstance(done, KnowledgeOutput):
            # Approved: the next thing is to look who will see it.
            return room.back("share_output", done.pk)
        if done:
            return room.back("interview", row.pk)
        row.refresh_from_db()
    context = {
        "interview": row,
        "answers": [_shown(room, each) for each in row.answers.all()],
        "may_consent": room.by.pk == room.handover.leaver_id,
        "may_approve": room.is_leaver and row.state != InterviewState.APPROVED,
    }
    return room.show("interview", context, form=forms.Form())


def _shown(room: Room, answer: InterviewAnswer) -> InterviewAnswer:
    """``answer`` with the mark of what is shown; after a refusal what was typed stands in it."""
    answer.seen = room.request.POST.get(f"seen-{answer.pk}") or seen_mark(answer.answer)  # type: ignore[attr-defined]
    answer.answer = room.request.POST.get(f"answer-{answer.pk}", answer.answer)
    return answer


def _typed(room: Room, row: Interview) -> dict[str, Any]:
    """The answers that came with the form, and the marks of what was shown beside them."""
    posted = room.request.POST
    answers = {
        # NUL is no text for PostgreSQL, and nobody types it.
        each.pk: posted[f"answer-{each.pk}"].replace("\x00", "")[:50_000]
        for each in row.answers.all()
        if f"answer-{each.pk}" in posted
    }
    seen = {pk: posted[f"seen-{pk}"] for pk in answers if f"seen-{pk}" in posted}
    return {"answers": answers, "seen": seen}


def _say_what_was_merged(room: Room, row: Interview, answers: dict[int, str]) -> None:
    """Tell the reader where the other has written in the same answer meanwhile."""
    kept = dict(row.answers.values_list("pk", "answer"))
    both = [pk for pk, typed in answers.items() if seen_mark(kept[pk]) != seen_mark(typed)]
    if both:
        messages.info(
            room.request,
            _(
                "Somebody else has written here since you opened the page. Nothing was "
                "overwritten: where you both wrote, both texts stand below each other."
            ),
        )


def _change(room: Room, row: Interview) -> Any:
    """Keep the answers typed, whatever was pressed, and carry it out; what came of it."""
    wanted = room.request.POST.get("do", "save")
    typed = _typed(room, row)
    if wanted in ("consent", "no-consent", "approve"):
        return _keep_then(room, row, typed, wanted)
    stored, problems = store_uploads(room.request, "recording", room=1)
    for problem in problems:
        messages.warning(room.request, problem)
    ready = wanted == "ready"
    said = _("Sent to the holder.") if ready and not room.is_leaver else _("Saved.")
    recording = stored[0] if stored else None
    done = room.do(WriteUp, said, interview=row, ready=ready, recording=recording, **typed)
    if done is None:
        # The recording was refused, the words were not: nothing typed is lost.
        done = room.do(WriteUp, interview=row, ready=ready, **typed)
    elif done.newly_ready and not room.is_leaver:
        notifications.tell_write_up_ready(room.handover)
    if done is None:
        return False
    _say_what_was_merged(room, row, typed["answers"])
    return True


def _keep_then(room: Room, row: Interview, typed: dict[str, Any], wanted: str) -> Any:
    """Keep what was typed, then agree to a recording, take that back, or approve: the output."""
    # Words that the holder changes while approving are part of what is approved.
    ready = True if wanted == "approve" and row.state != InterviewState.DRAFT else None
    if typed["answers"] and room.do(WriteUp, interview=row, ready=ready, **typed) is None:
        return False
    _say_what_was_merged(room, row, typed["answers"])
    if wanted == "approve":
        words = _("Approved. You can share it with your team now.")
        return room.do(ApproveWriteUp, words, interview=row)
    agreed_to = room.request.POST.get("agreed_to", "").replace("\x00", "")[:2000]
    consent = wanted == "consent"
    return bool(room.do(GiveConsent, interview=row, agreed_to=agreed_to, consent=consent))
