"""Which mails about handovers the reader gets; dates for their own calendar."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from km_pages.notifications import site_address
from km_toolkit.actions.keep_calendar import (
    EndCalendarAddress,
    MakeCalendarAddress,
    whose_calendar,
)
from km_toolkit.actions.stop_letters import StopLetters, handover_of_letter
from km_toolkit.calendars import calendar_for, calendar_of
from km_toolkit.forms.mails import MailChoiceForm
from km_toolkit.models import CalendarAddress, MailChoice
from km_toolkit.thanks import legacy_of
from km_toolkit.views.entering import enter

logger = logging.getLogger(__name__)

SHOWN_ONCE = "km_toolkit.calendar"


@login_required
def mails(request: HttpRequest) -> HttpResponse:
    """Choose which mails one gets, and whether a calendar may fetch one's dates."""
    choice = MailChoice.objects.filter(person=request.user).first() or MailChoice(
        person=request.user
    )
    wanted = request.POST.get("do", "")
    if request.method == "POST" and wanted in ("calendar", "no-calendar"):
        return _change_calendar(request, wanted)
    form = MailChoiceForm(request.POST if request.method == "POST" else None, instance=choice)
    if request.method == "POST" and form.is_valid():
        MailChoice.objects.update_or_create(person=request.user, defaults=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("km_toolkit:handovers")
    secret = request.session.pop(SHOWN_ONCE, "")
    context = {
        "form": form,
        "has_calendar": CalendarAddress.objects.filter(person=request.user).exists(),
        "address": site_address(reverse("km_toolkit:calendar", args=[secret])) if secret else "",
    }
    return render(request, "km_toolkit/handover/mails.html", context)


def _change_calendar(request: HttpRequest, wanted: str) -> HttpResponse:
    if wanted == "calendar":
        request.session[SHOWN_ONCE] = MakeCalendarAddress(by=request.user).execute()
    else:
        EndCalendarAddress(by=request.user).execute()
        messages.success(request, _("The address has ended."))
    return redirect("km_toolkit:mails")


def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The dates of somebody's handovers, for a calendar that cannot sign in."""
    person = whose_calendar(secret)
    if person is None:
        logger.info("address for a calendar refused: unknown or ended")
        raise Http404
    return _as_calendar(calendar_for(person))


def _as_calendar(text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="handover.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a letter after the last day, for people whose account may be closed.

    Looking does nothing. What was stopped, changed or tampered with looks the same.
    """
    handover = handover_of_letter(token)
    if handover is not None and request.method == "POST":
        StopLetters(handover=handover).execute()
        return redirect("km_toolkit:letter", token)
    context: dict[str, Any] = {"stopped": handover is None, "handover": handover}
    if handover is not None and handover.thank_you:
        context["opened"] = legacy_of(handover).opened
    response = render(request, "km_toolkit/handover/letter.html", context)
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
def dates(request: HttpRequest, pk: int) -> HttpResponse:
    """The dates of a handover as an iCalendar file."""
    room = enter(request, pk)
    return _as_calendar(calendar_of(room.handover, with_plan=room.reads_areas))
