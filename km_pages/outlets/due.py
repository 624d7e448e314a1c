"""What the outlets have to do in the background, asked for by the worker every minute."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from km_pages.models import Job, JobState, SavedSearch, SearchEvent, SearchGap

FOLLOW, COUNT_SEARCHES = "follow", "count_searches"
PRUNE_SEARCHES, TELL_GAPS = "prune_searches", "tell_gaps"
AT_ONCE = 500


def note_due() -> None:
    """Ask for what is due. Twice asks once."""
    due = SavedSearch.objects.filter(next_at__lte=timezone.now()).order_by("next_at", "pk")
    given_up = _given_up()
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        if (FOLLOW, str(pk)) not in given_up:
            Job.objects.enqueue(FOLLOW, pk)
    if (COUNT_SEARCHES, "") not in given_up and SearchEvent.objects.exists():
        Job.objects.enqueue(COUNT_SEARCHES, "")
    _once_a_day(PRUNE_SEARCHES)
    if SearchGap.objects.filter(mailed_at=None, state=SearchGap.State.OPEN).exists():
        _once_a_day(TELL_GAPS)


def _given_up() -> set[tuple[str, str]]:
    """What failed each time it was tried today: asking again every minute would help nobody."""
    since = timezone.now() - timedelta(days=1)
    dead = Job.objects.filter(state=JobState.DEAD, finished_at__gt=since)
    rows = dead.filter(kind__in=[FOLLOW, COUNT_SEARCHES]).values_list("kind", "target")
    return set(rows)


def _once_a_day(kind: str) -> None:
    """Ask for ``kind``, unless that was done or asked for today."""
    today = timezone.localdate().isoformat()
    if not Job.objects.filter(kind=kind, target=today).exists():
        Job.objects.enqueue(kind, today)
