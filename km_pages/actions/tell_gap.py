"""Tell the knowledge team that something is missing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from km_pages.actions.errors import Conflict
from km_pages.conf import conf
from km_pages.models import GapReport, SearchGap
from km_pages.outlets.counting import digest_of, normalised

OF_A_DAY = "gaps of a day"


@dataclass(frozen=True, kw_only=True)
class TellGap:
    """``who`` (see :func:`km_pages.outlets.counting.who_asks`) misses what ``query`` asks for.

    Counts once for each person, query and day. Nothing is kept that says who it was.
    """

    who: str
    query: str

    def check(self) -> str:
        """The words that are kept. Raises ``Conflict`` where none can be."""
        words = normalised(self.query)
        if not words:
            raise Conflict(
                _(
                    "We did not keep this: it is empty, very long, or looks as if it had private "
                    "details in it. Try again with a few plain words."
                )
            )
        return words

    def execute(self) -> bool:
        """Write it down; ``False`` if the same person told the same today. Opens it again."""
        words = self.check()
        day, now = timezone.localdate(), timezone.now()
        digest = digest_of(self.who, OF_A_DAY, day)
        with transaction.atomic():
            gap, _made = SearchGap.objects.get_or_create(query=words)
            gap = SearchGap.objects.select_for_update().get(pk=gap.pk)
            if GapReport.objects.filter(gap=gap, day=day, digest=digest).exists():
                return False
            if GapReport.objects.filter(day=day, digest=digest).count() >= conf().gap_reports_limit:
                raise Conflict(
                    _("That is a lot for one day. We kept what you told us; go on tomorrow.")
                )
            GapReport.objects.create(gap=gap, day=day, digest=digest)
            changes = {"times": F("times") + 1, "last_told": now}
            if gap.state == SearchGap.State.ANSWERED:
                changes |= {"state": SearchGap.State.OPEN, "mailed_at": None}
            SearchGap.objects.filter(pk=gap.pk).update(**changes)
        return True
