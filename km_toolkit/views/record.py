"""My learning record: the list with its totals, one entry with its history, targets.

Every row is looked for among the reader's own; for everything else there is one answer, which is
that of an address that does not exist. No right of any kind widens this.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from km_pages.actions.errors import ActionError
from km_pages.listings.cards import page_of
from km_pages.numbers import whole
from km_pages.views.uploads import REFUSED
from km_toolkit.actions.keep_record_draft import ForgetDraft
from km_toolkit.actions.record_learning import BringBackEntry, WithdrawEntry
from km_toolkit.forms.record import PeriodForm, TargetForm
from km_toolkit.models import LearningEntry, LearningScheme, LearningTarget
from km_toolkit.record_totals import chart_of, counted, gap_of, sum_of, totals_of

ON_A_PAGE = 20
MOST_TARGETS = 30


@login_required
def record(request: HttpRequest) -> HttpResponse:
    """All that I learned: totals, targets, and the entries. A constant number of queries."""
    current = LearningEntry.objects.of(request.user).current()
    rows = counted(current)
    totals = totals_of(rows)
    year = chosen_year(request, totals.years)
    listed = current.filter(date__year=year) if year else current
    part = page_of(listed.select_related("page").prefetch_related("evidence"), request, ON_A_PAGE)
    targets = LearningTarget.objects.filter(owner=request.user).select_related("scheme")
    names = LearningScheme.objects.in_bulk(totals.schemes) if totals.schemes else {}
    today = timezone.localdate()
    context = {
        "totals": totals,
        "shown": sum_of([each for each in rows if not year or each.date.year == year]),
        "chart": chart_of(totals.years),
        "schemes": [(names[pk], total) for pk, total in totals.schemes.items() if pk in names],
        "gaps": [gap_of(each, rows) for each in targets[:MOST_TARGETS]],
        "drafts": list(request.user.km_learning_drafts.select_related("corrects")),
        "year": year,
        "part": part,
        "taken_out": LearningEntry.objects.of(request.user).exclude(withdrawn_at=None).exists(),
        "period": PeriodForm(
            initial={"starts": datetime.date(year or today.year, 1, 1), "ends": _end(year, today)}
        ),
    }
    return render(request, "km_toolkit/record/record.html", context)


def _end(year: int, today: datetime.date) -> datetime.date:
    return datetime.date(year, 12, 31) if year and year < today.year else today


def chosen_year(request: HttpRequest, years: Any) -> int:
    """The year that ``?year=`` names, where there is something in it; 0 for all."""
    year = whole(request.GET.get("year"), 4)
    return year if year and year in years else 0


def own_entry(request: HttpRequest, key: uuid.UUID) -> LearningEntry:
    """The reader's entry ``key``, or 404."""
    rows = LearningEntry.objects.of(request.user).select_related("page")
    found = rows.prefetch_related("evidence__stored_file").filter(key=key).first()
    if found is None:
        raise Http404
    return found


@login_required
def entry(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One entry with all it says, and what it said before."""
    found = own_entry(request, key)
    context = {
        "entry": found,
        "newest": newest_of(found) if not found.is_newest else found,
        "before": earlier(found),
    }
    return render(request, "km_toolkit/record/entry.html", context)


def newest_of(entry: LearningEntry) -> LearningEntry:
    """The entry that stands in the place of ``entry`` now."""
    return _chain(entry)[-1]


def earlier(entry: LearningEntry) -> list[LearningEntry]:
    """What ``entry`` corrected, the latest first. Two queries, however often it was corrected."""
    chain = _chain(entry)
    place = next(i for i, each in enumerate(chain) if each.pk == entry.pk)
    return chain[:place][::-1]


def _chain(entry: LearningEntry) -> list[LearningEntry]:
    """All versions of what ``entry`` is one of, the first at the beginning."""
    rows = LearningEntry.objects.filter(owner=entry.owner_id, begun_at=entry.begun_at)
    together = list(rows.prefetch_related("evidence__stored_file"))
    after = {each.supersedes_id: each for each in together if each.supersedes_id}
    by_key = {each.pk: each for each in together}
    first = by_key[entry.pk]
    while first.supersedes_id in by_key:
        first = by_key[first.supersedes_id]
    chain = [first]
    while chain[-1].pk in after:
        chain.append(after[chain[-1].pk])
    return chain


@login_required
def withdraw(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Ask, then take the entry out; or bring it back."""
    found = own_entry(request, key)
    if request.method != "POST":
        return render(request, "km_toolkit/record/withdraw.html", {"entry": found})
    back = request.POST.get("do") == "back"
    try:
        if back:
            BringBackEntry(owner=request.user, entry=found).execute()
            messages.success(request, _("It counts again."))
        else:
            WithdrawEntry(owner=request.user, entry=found).execute()
            messages.success(request, _("Taken out. It stays here for you, and counts no more."))
    except ActionError as problem:
        messages.warning(request, str(problem))
    return redirect("km_record:entry", found.key)


@login_required
def taken_out(request: HttpRequest) -> HttpResponse:
    """Entries that were taken out, to be looked at or brought back."""
    rows = LearningEntry.objects.of(request.user).filter(is_newest=True)
    part = page_of(rows.exclude(withdrawn_at=None), request, ON_A_PAGE)
    return render(request, "km_toolkit/record/taken_out.html", {"part": part})


@login_required
@require_POST
def forget_draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Throw an entry away that was never finished."""
    ForgetDraft(owner=request.user, key=key).execute()
    messages.success(request, _("Thrown away."))
    return redirect("km_record:record")


@login_required
def targets(request: HttpRequest) -> HttpResponse:
    """Set how much to do in which time; remove a target."""
    mine = LearningTarget.objects.filter(owner=request.user).select_related("scheme")
    removed = whole(request.POST.get("remove"))
    if removed is not None:
        mine.filter(pk=removed).delete()
        messages.success(request, _("The target is removed. Your entries stay."))
        return redirect("km_record:targets")
    bound = LearningTarget(owner=request.user)
    form = TargetForm(request.POST if request.method == "POST" else None, instance=bound)
    if request.method == "POST" and form.is_valid():
        if mine.count() < MOST_TARGETS:
            form.save()
            messages.success(request, _("Saved."))
            return redirect("km_record:record")
        form.add_error(None, _("You have many targets. Remove one first."))
    rows = counted(LearningEntry.objects.of(request.user).current())
    context = {"form": form, "gaps": [gap_of(each, rows) for each in mine[:MOST_TARGETS]]}
    status = REFUSED if form.is_bound and form.errors else 200
    return render(request, "km_toolkit/record/targets.html", context, status=status)
