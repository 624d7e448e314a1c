"""Say of a knowledge item that it is still right, so that readers go on relying on it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page

from km_pages.actions.agreement import may_change
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.conf import conf
from km_pages.models import KnowledgeAssetPage, TeamApprovalTask

FIELDS = ("last_reviewed", "reviewed_by", "review_due")


def may_check(page: Any, user: Any) -> bool:
    """Whether ``user``'s word on ``page`` counts: owner, holder, steward or knowledge editor."""
    return may_change(page, user) or TeamApprovalTask.may_approve(page, user)


def months_after(day: date, months: int) -> date:
    """The same day so many ``months`` later; the last of a month that has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, kw_only=True)
class StillRight:
    """Note that ``by`` checked ``page`` today; it is due again after ``KM_REVIEW_MONTHS``.

    Who may see the item is asked before. Nothing else changes: a draft that is being written stays
    a draft, and carries the same dates.
    """

    page: KnowledgeAssetPage
    by: Any

    def execute(self) -> date:
        """Do it; returns when it is due again. Raises ``NotAllowed``, or ``Conflict``."""
        with transaction.atomic():
            Page.objects.select_for_update(no_key=True).filter(pk=self.page.pk).first()
            page: Any = KnowledgeAssetPage.objects.filter(pk=self.page.pk).first()
            if page is None or not page.live:
                raise Conflict(_("It is not shared any more."))
            if not may_check(page, self.by):
                raise NotAllowed(_("Only the people who keep this right can say so."))
            today = timezone.localdate()
            page.last_reviewed, page.reviewed_by = today, self.by
            page.review_due = months_after(today, conf().review_months)
            page.save(update_fields=FIELDS, clean=False)
            self._keep_in_draft(page)
            log(page, "km_pages.still_right", user=self.by, data={"due": str(page.review_due)})
        due: date = page.review_due
        return due

    def _keep_in_draft(self, page: Any) -> None:
        """Published later, the newest version would bring the old dates back."""
        revision = page.latest_revision
        if revision is None:
            return
        revision.content |= {
            "last_reviewed": page.last_reviewed.isoformat(),
            "reviewed_by": self.by.pk,
            "review_due": page.review_due.isoformat(),
        }
        revision.save(update_fields=["content"])
