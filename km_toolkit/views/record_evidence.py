"""My learning record to hand in: on screen to print, as PDF, as CSV, and all of it at once."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from km_pages.models.files import knowledge_storage
from km_pages.views.files import or_away
from km_toolkit.forms.record import PeriodForm
from km_toolkit.models import LearningEntry, LearningEvidence, PaperKind, PaperState, RecordPaper
from km_toolkit.record_archive import everything_of
from km_toolkit.record_evidence import (
    Period,
    name_of,
    record_csv,
    record_of,
    record_pdf,
    shown_entries,
)
from km_toolkit.record_papers import ask_for

# Measured: 300 entries take about a second. What takes longer than two is made by the worker.
MOST_AT_ONCE = 300
MOST_BYTES_AT_ONCE = 30 * 2**20
TYPES = {PaperKind.PDF: "application/pdf", PaperKind.ALL: "application/zip"}


def period_of(request: HttpRequest) -> Period:
    """The days that the address names; nonsense is left out."""
    form = PeriodForm(request.GET)
    form.is_valid()
    given = getattr(form, "cleaned_data", {})
    if "ends" in form.errors:
        return Period(given.get("starts"))
    return Period(given.get("starts"), given.get("ends"))


@login_required
def to_print(request: HttpRequest) -> HttpResponse:
    """The record of a period as a page to print, with the ways to take it along."""
    period = period_of(request)
    context = {
        "record": record_of(request.user, period),
        "query": request.GET.urlencode(),
        "period": PeriodForm(initial={"starts": period.starts, "ends": period.ends}),
    }
    return render(request, "km_toolkit/record/print.html", context)


@login_required
def as_pdf(request: HttpRequest) -> HttpResponse:
    """The record of a period as a tagged PDF; a long one is made by the worker."""
    period = period_of(request)
    if shown_entries(request.user, period).count() > MOST_AT_ONCE:
        return redirect("km_record:paper", ask_for(request.user, PaperKind.PDF, period).key)
    response = HttpResponse(record_pdf(request.user, period), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_name(request.user)}.pdf"'
    return response


@login_required
def as_csv(request: HttpRequest) -> HttpResponse:
    """The record of a period as CSV."""
    text = record_csv(request.user, period_of(request))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(request.user)}.csv"'
    return response


@login_required
@or_away
def everything(request: HttpRequest) -> HttpResponseBase:
    """All of mine as one archive; a large one is made by the worker."""
    if _is_large(request.user):
        return redirect("km_record:paper", ask_for(request.user, PaperKind.ALL, Period()).key)
    archive = everything_of(request.user)
    name = f"{_name(request.user)}.zip"
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")


def _is_large(owner: Any) -> bool:
    entries = LearningEntry.objects.of(owner)
    files = LearningEvidence.objects.filter(entry__in=entries.values("pk"))
    weight = files.aggregate(number=Count("pk"), size=Sum("stored_file__size"))
    return entries.count() > MOST_AT_ONCE or (weight["size"] or 0) > MOST_BYTES_AT_ONCE


def _name(owner: Any) -> str:
    day = timezone.localdate().isoformat()
    return f"learning-record-{slugify(name_of(owner)) or 'mine'}-{day}"


def _own_paper(request: HttpRequest, key: uuid.UUID) -> RecordPaper:
    found = RecordPaper.objects.filter(owner=request.user, key=key).first()
    if found is None:
        raise Http404
    return found


@login_required
def paper(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """How far a print is; looks again by itself until it is ready, without any script."""
    found = _own_paper(request, key)
    response = render(request, "km_toolkit/record/paper.html", {"paper": found})
    if found.state == PaperState.WAITING:
        response["Refresh"] = "3"
    return response


@login_required
@or_away
def paper_file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The print itself."""
    found = _own_paper(request, key)
    if found.state != PaperState.READY:
        raise Http404
    try:
        content = knowledge_storage().open(str(found.blob.name), "rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    kind = PaperKind(found.kind)
    name = f"{_name(request.user)}.{kind.value}"
    return FileResponse(content, as_attachment=True, filename=name, content_type=TYPES[kind])


@login_required
@require_POST
def make_again(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask once more for a print that could not be made."""
    found = _own_paper(request, key)
    made = ask_for(request.user, found.kind, Period(found.starts, found.ends))
    return redirect("km_record:paper", made.key)
