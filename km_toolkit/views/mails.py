"""Which mails about handovers the reader gets; dates for their own calendar."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from km_toolkit.calendars import calendar_of
from km_toolkit.forms.mails import MailChoiceForm
from km_toolkit.models import MailChoice
from km_toolkit.views.entering import enter


@login_required
def mails(request: HttpRequest) -> HttpResponse:
    """Choose which mails one gets."""
    choice = MailChoice.objects.filter(person=request.user).first() or MailChoice(
        person=request.user
    )
    form = MailChoiceForm(request.POST if request.method == "POST" else None, instance=choice)
    if request.method == "POST" and form.is_valid():
        MailChoice.objects.update_or_create(person=request.user, defaults=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("km_toolkit:handovers")
    return render(request, "km_toolkit/handover/mails.html", {"form": form})


@login_required
def dates(request: HttpRequest, pk: int) -> HttpResponse:
    """The dates of a handover as an iCalendar file."""
    room = enter(request, pk)
    text = calendar_of(room.handover, with_plan=room.reads_areas)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="handover.ics"'
    return response
