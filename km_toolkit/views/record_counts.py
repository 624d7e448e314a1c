"""What teams learn: numbers of a quarter, never what anybody wrote."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from km_pages.models import Team, TechniquePage
from km_pages.visibility import reader_for, visible_to
from km_toolkit.models import MANAGE_HANDOVERS, LearningQuarter
from km_toolkit.record_counts import FEWEST, table_of


@login_required
def counts(request: HttpRequest) -> HttpResponse:
    """My teams and everybody together; for knowledge managers, every team."""
    quarters = list(LearningQuarter.objects.all()[:12])
    wanted = request.GET.get("quarter", "")
    chosen = next((each for each in quarters if each.starts.isoformat() == wanted), None)
    chosen = chosen or (quarters[0] if quarters else None)
    context: dict[str, Any] = {"quarters": quarters, "chosen": chosen, "fewest": FEWEST}
    if chosen is not None:
        seen = visible_to(TechniquePage.objects.live(), reader_for(request))
        context["table"] = table_of(chosen, _teams(request.user), seen)
    return render(request, "km_toolkit/record/counts.html", context)


def _teams(user: Any) -> Any:
    if user.has_perm(MANAGE_HANDOVERS):
        return Team.objects.all()
    return Team.objects.with_member(user).distinct()
