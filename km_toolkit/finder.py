"""What the finder offers of the toolbox to those who are losing someone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from km_pages.blocks.links import LINK_FIELDS
from km_pages.finder.rule import LEAVING, Candidate, Format, Wish
from km_pages.listings.finder import Source
from km_pages.visibility import reader_for, visible_to
from km_pages.wording import minutes_in_words
from km_toolkit.listings import weeks_in_words
from km_toolkit.models import ActivityPage

FIELDS = (
    "strapline",
    "weeks_earliest",
    "weeks_latest",
    "minutes_min",
    "minutes_max",
    "quick_minutes",
)


def activity_source(wish: Wish, request: HttpRequest) -> Source | None:
    """The activities, where somebody leaves. Goals and settings are not said of them. Two queries.

    Like the toolbox it asks for the fewest minutes only: one can take longer over any of them.
    """
    if wish.moment != LEAVING and wish.weeks is None:
        return None
    rows = visible_to(ActivityPage.objects.only(*LINK_FIELDS, *FIELDS), reader_for(request))
    return Source(
        _("From the toolkit, for someone who leaves"),
        [_candidate(each, wish, request) for each in rows.order_by("title")],
    )


def _candidate(activity: Any, wish: Wish, request: HttpRequest) -> Candidate:
    # What nobody has said about an activity cannot speak against it.
    goals = (wish.goal,) if wish.goal else ()
    moments = tuple(each for each in dict.fromkeys((LEAVING, wish.moment)) if each)
    return Candidate(
        key=activity.pk,
        title=activity.title,
        formats=_formats(activity, wish),
        moments=moments,
        goals=goals,
        weeks_earliest=activity.weeks_earliest,
        weeks_latest=activity.weeks_latest,
        when=weeks_in_words(activity.weeks_earliest, activity.weeks_latest),
        url=activity.get_url(request) or "",
        strapline=activity.strapline,
    )


def _formats(activity: Any, wish: Wish) -> tuple[Format, ...]:
    least, most = activity.minutes_min, activity.minutes_max
    ways = [(_("In full"), least or 1, minutes_in_words(least, most))]
    if quick := activity.quick_minutes:
        ways.append((_("Short version"), quick, minutes_in_words(quick, quick)))
    return tuple(
        Format(key="", name=label, length=length, setting=wish.setting, minutes_min=minutes)
        for label, minutes, length in ways
    )
