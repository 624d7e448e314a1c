"""Take an item back from those who were asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import WorkflowState

from km_pages.actions.agreement import locked, may_change
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import HolderApproval, KnowledgeAssetPage


@dataclass(frozen=True, kw_only=True)
class TakeBack:
    """Ask nobody any more about the newest draft of ``page``; the draft stays."""

    page: KnowledgeAssetPage
    by: Any

    def execute(self) -> None:
        """Take it back. Raises ``NotAllowed`` for others' items, ``Conflict`` if none is asked."""
        with transaction.atomic():
            latest = locked(self.page.pk)
            if not may_change(latest, self.by):
                raise NotAllowed(_("Only the people it belongs to can take this back."))
            waiting = HolderApproval.objects.waiting().filter(page_id=latest.pk)
            asked = bool(waiting.delete()[0])
            state = latest.current_workflow_state
            if state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS:
                state.cancel(user=self.by)
                asked = True
            if not asked:
                raise Conflict(
                    _("Nobody is being asked about it. It may have been decided just now.")
                )
            log(latest, "km_pages.taken_back", user=self.by)
