"""Where the learning record is offered: beside techniques, on one's own page, before a last day."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from km_pages.models import TechniquePage
from km_pages.navigation import MyPart, WayOn
from km_toolkit.models import (
    ActivityPage,
    Handover,
    HandoverState,
    LearningActivity,
    LearningEntry,
)
from km_toolkit.record_totals import counted, sum_of

LAST_DAYS = 14
RECORDABLE = (TechniquePage, ActivityPage)
KNOWN = frozenset({HandoverState.DRAFT, HandoverState.OPEN, HandoverState.PROVISIONAL})


def record_ways(page: Any, _request: HttpRequest) -> list[WayOn]:
    """The links from a technique or an activity into the form. Nobody is logged unasked."""
    if not isinstance(page, RECORDABLE):
        return []
    form = f"{reverse('km_record:add')}?page={page.pk}&as="
    return [
        WayOn(_("I took part: put it in my record"), f"{form}{LearningActivity.TOOK_PART}"),
        WayOn(_("I ran it: put it in my record"), f"{form}{LearningActivity.FACILITATED}"),
        WayOn(_("I read about it: put it in my record"), f"{form}{LearningActivity.READ}"),
    ]


def record_on_my_page(request: HttpRequest) -> list[MyPart]:
    """My record on my page: this year's sum; near a last day, all of it to take along."""
    links = [(_("Open my learning record"), reverse("km_record:record"))]
    parts = []
    handover = next((each for each in _leaving(request.user)), None)
    if handover is not None:
        day = date_format(handover.last_day, "j F Y")
        text = _("Your last day is %(day)s. Your account may end with it: take what is yours.")
        take = [(_("Take my record, as one file"), reverse("km_record:everything"))]
        title = _("Take your learning record with you")
        parts.append(MyPart(title, text % {"day": day}, tuple(take), urgent=True))
    year = timezone.localdate().year
    total = sum_of(
        counted(LearningEntry.objects.of(request.user).current().filter(date__year=year))
    )
    if total.entries:
        text = _("This year: %(time)s.") % {"time": total.words}
    else:
        text = _("Nothing is recorded this year. A title, a day and the minutes are enough.")
        links.append((_("Add what you learned"), reverse("km_record:add")))
    return [*parts, MyPart(_("My learning"), text, tuple(links))]


def _leaving(user: Any) -> Any:
    """Handovers of ``user``'s own post whose last day is at most two weeks away."""
    today = timezone.localdate()
    mine = Handover.objects.filter(leaver=user, holder_away=False, state__in=KNOWN)
    near = mine.filter(last_day__gte=today).order_by("last_day")
    return [each for each in near if takes_record_along(each, user)]


def takes_record_along(handover: Handover, user: Any) -> bool:
    """Whether ``user`` hands over and has two weeks or less until the last day."""
    own = handover.leaver_id == user.pk and not handover.holder_away
    return own and handover.state in KNOWN and 0 <= handover.days_left <= LAST_DAYS
