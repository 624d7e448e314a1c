"""Step 2: the question page of the team, the guest's link, and the leaver's list."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from km_pages.actions.errors import ActionError
from km_pages.numbers import whole
from km_pages.views.uploads import REFUSED
from km_toolkit import notifications
from km_toolkit.actions.ask_team import (
    AnswerQuestion,
    AskByLink,
    AskQuestion,
    CloseQuestions,
    FileQuestion,
    InviteToAsk,
    OpenQuestions,
    RevokeLink,
    SupportQuestion,
    digest_of,
)
from km_toolkit.actions.helping import OfferToHelp
from km_toolkit.forms.parts import (
    AnswerForm,
    FileQuestionForm,
    InviteForm,
    OpenQuestionsForm,
    QuestionForm,
)
from km_toolkit.models import QuestionLink, TeamRequest
from km_toolkit.parts import INSIDE, Part
from km_toolkit.views.entering import Room, enter, found_in

logger = logging.getLogger(__name__)


def shown_questions(room: Room) -> Any:
    """Released questions, those that most people ask first. The order tells no times."""
    found = room.handover.requests.released().select_related("area")
    return found.annotate(wanted=Count("supports")).order_by("-wanted", "key")


@login_required
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """What the team wants to know; opening and closing, guests."""
    room = enter(request, pk)
    form = OpenQuestionsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        opened = room.do(OpenQuestions, _("Your team is asked now."), **form.cleaned_data)
        if opened:
            notifications.tell_team_to_ask(room.handover, room.by)
            return room.back("questions")
    return _list(room, form, InviteForm())


def _list(room: Room, form: OpenQuestionsForm, inviting: InviteForm) -> HttpResponse:
    context = {
        "questions": shown_questions(room),
        "may_open": room.may(OpenQuestions) and not room.handover.questions_are_open,
        "may_close": room.may(CloseQuestions) and room.handover.questions_are_open,
        "may_answer": room.may(AnswerQuestion),
        "may_invite": room.may(InviteToAsk) and room.handover.questions_are_open,
        "links": room.handover.links.filter(revoked_at=None),
        "invite": inviting,
    }
    return room.show("questions", context, form=inviting if inviting.is_bound else form)


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the questions."""
    room = enter(request, pk)
    room.do(CloseQuestions, _("Closed. Unnamed questions are shown now."))
    return room.back("questions")


@login_required
def question(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Answer one question, or put it to an area."""
    room = enter(request, pk, parts=AnswerQuestion.parts | FileQuestion.parts)
    row = found_in(TeamRequest.objects.released(), handover=room.handover, pk=key)
    file = request.method == "POST" and request.POST.get("do") == "file"
    filing = FileQuestionForm(
        request.POST if file else None, handover=room.handover, initial={"area": row.area_id}
    )
    if file and filing.is_valid():
        area, title = filing.cleaned_data["area"], filing.cleaned_data["title"] or row.text[:160]
        if room.do(FileQuestion, _("Put there."), request=row, area=area, title=title):
            return room.back("questions")
    typed = request.POST if request.method == "POST" and "answer" in request.POST else None
    form = AnswerForm(typed, initial={"answer": row.answer})
    if (
        typed is not None
        and form.is_valid()
        and room.do(AnswerQuestion, _("Answered."), request=row, **form.cleaned_data)
    ):
        return room.back("questions")
    context = {"question": row, "filing": filing, "answering": form}
    return room.show("question", context, form=filing if file else form)


@login_required
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a guest their link, or end one."""
    room = enter(request, pk)
    ended = whole(request.POST.get("end"))
    if ended is not None:
        link = found_in(QuestionLink.objects, handover=room.handover, pk=ended)
        room.do(RevokeLink, _("This link has ended."), link=link)
        return room.back("questions")
    form = InviteForm(request.POST)
    made = None
    if form.is_valid():
        made = room.do(InviteToAsk, _("We have sent them a link."), **form.cleaned_data)
    if made is None:
        return _list(room, OpenQuestionsForm(), form)
    notifications.tell_guest(*made)
    return room.back("questions")


TEAM_PARTS = INSIDE | {Part.TEAM, Part.ASKED_TO_HELP}


@login_required
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The team's page: ask, and say "me too". All that the team sees of a handover."""
    room = enter(request, pk, parts=TEAM_PARTS)
    if request.method == "POST" and request.POST.get("support"):
        row = found_in(
            TeamRequest.objects.released(), handover=room.handover, pk=request.POST["support"]
        )
        room.do(SupportQuestion, request=row, support=request.POST.get("on", "yes") == "yes")
        return room.back("ask")
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        named = form.cleaned_data["named"] == "yes"
        given = {"text": form.cleaned_data["text"], "key": form.cleaned_data["key"]}
        if room.do(AskQuestion, _said(named=named), named=named, **given):
            return room.back("ask")
    mine = room.handover.requests.filter(supports__person=room.by).values_list("pk", flat=True)
    context = {
        "questions": shown_questions(room),
        "supported": set(mine),
        "may_ask": room.may(AskQuestion) and room.handover.questions_are_open,
        "may_offer": room.may(OfferToHelp),
    }
    return room.show("ask", context, form=form)


def _said(*, named: bool) -> str:
    if named:
        return _("Thank you. Your question has reached them.")
    return _("Thank you. Your question is shown later, together with the others.")


def _why_refused(link: QuestionLink | None) -> str:
    if link is None:
        return "unknown"
    why = "ended" if link.revoked_at is not None else "questions closed"
    return f"{why}, handover {link.handover_id}"


@require_http_methods(["GET", "HEAD", "POST"])
def ask_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The question page of a guest. Looking does nothing: mail scanners look first."""
    link = (
        QuestionLink.objects.select_related("handover__post__team")
        .filter(digest=digest_of(secret))
        .first()
    )
    if link is None or not link.works:
        # The page is the same for each of these; whoever looks after the site can tell them apart.
        logger.info("link to the question page refused: %s", _why_refused(link))
        return render(request, "km_toolkit/handover/link_ended.html", status=404)
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {"text": form.cleaned_data["text"], "key": form.cleaned_data["key"]}
        try:
            AskByLink(link=link, named=form.cleaned_data["named"] == "yes", **given).execute()
        except ActionError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _said(named=form.cleaned_data["named"] == "yes"))
            return redirect("km_toolkit:ask_by_link", secret)
    context = {"form": form, "handover": link.handover, "link": link}
    status = REFUSED if form.is_bound and form.errors else 200
    response = render(request, "km_toolkit/handover/ask_by_link.html", context, status=status)
    # The address is a secret: it must not travel to another site with a click. Without any referrer
    # the browser would send no origin either, and the form would be refused.
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
