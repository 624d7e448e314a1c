"""What the outlets have to do in the background, asked for by the worker every minute."""

from __future__ import annotations

from django.utils import timezone

from km_pages.models import Job, SavedSearch, SearchEvent, SearchGap

FOLLOW, COUNT_SEARCHES = "follow", "count_searches"
PRUNE_SEARCHES, TELL_GAPS = "prune_searches", "tell_gaps"
AT_ONCE = 500


def note_due() -> None:
    """Ask for what is due. Twice asks once."""
    due = SavedSearch.objects.filter(next_at__lte=timezone.now()).order_by("next_at", "pk")
    for pk in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        Job.objects.enqueue(FOLLOW, pk)
    if SearchEvent.objects.exists():
        Job.objects.enqueue(COUNT_SEARCHES, "")
    _once_a_day(PRUNE_SEARCHES)
    if SearchGap.objects.filter(mailed_at=None, state=SearchGap.State.OPEN).exists():
        _once_a_day(TELL_GAPS)


def _once_a_day(kind: str) -> None:
    """Ask for ``kind``, unless that was done or asked for today."""
    today = timezone.localdate().isoformat()
    if not Job.objects.filter(kind=kind, target=today).exists():
        Job.objects.enqueue(kind, today)
