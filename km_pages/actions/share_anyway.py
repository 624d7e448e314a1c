"""Publish an item in spite of signs of private data, with a reason that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import log

from km_pages.actions.agreement import locked, publication_problem, record_agreement
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import KnowledgeAssetPage, TeamApprovalTask

LOOKED = "km_pages.looked"


@dataclass(frozen=True, kw_only=True)
class ShareAnyway:
    """Publish the newest version of ``page``; ``by`` has looked at ``signs`` signs and says why.

    ``digest`` tells which signs these were, so that the same ones are not asked about again. What
    they were is not logged. ``seen`` is the key of the revision that ``by`` had before them.
    """

    page: KnowledgeAssetPage
    by: Any
    reason: str
    signs: int
    digest: str
    seen: int | None

    def check(self, latest: KnowledgeAssetPage) -> None:
        """Raise ``NotAllowed`` without the right, ``Conflict`` where something is missing."""
        allowed = latest.permissions_for_user(self.by).can_publish()
        if not allowed or not TeamApprovalTask.may_approve(latest, self.by):
            raise NotAllowed(_("Only stewards of the team and knowledge editors can decide this."))
        if not self.reason.strip():
            raise Conflict(_("Say in a few words why it is right to share this."))
        if self.seen != latest.latest_revision_id:
            raise Conflict(
                _("Somebody has changed it since you looked. Nothing was published. Look again.")
            )
        problem = publication_problem(latest, self.by)
        if problem:
            raise Conflict(problem)

    def execute(self) -> KnowledgeAssetPage:
        """Publish it, or schedule it where it names a time, and return the version."""
        with transaction.atomic():
            latest = locked(self.page.pk)
            self.check(latest)
            data = {"signs": self.signs, "digest": self.digest, "reason": self.reason.strip()}
            log(latest, LOOKED, user=self.by, data=data)
            record_agreement(latest, self.by)
            revision = latest.latest_revision
            PublishPageRevisionAction(revision, user=self.by).execute(skip_permission_checks=True)
        return latest
