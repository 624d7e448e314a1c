"""The word of somebody who was asked: the holder, a steward, a knowledge editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import TaskState

from km_pages import notifications
from km_pages.actions.agreement import has_agreement, holder_in_words, locked, may_answer
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.actions.share_item import Outcome, go_public
from km_pages.models import ApprovalState, HolderApproval, KnowledgeAssetPage, TeamApprovalTask


def check_seen(page: KnowledgeAssetPage, seen: int | None) -> None:
    """Raise ``Conflict`` if ``seen``, the revision that was read, is not the newest any more."""
    if seen is not None and seen != page.latest_revision_id:
        raise Conflict(_("It has changed since you opened it. Read it again, then decide."))


def note_looked(page: KnowledgeAssetPage, by: Any, signs: int) -> None:
    """Log that ``by`` looked at ``signs`` signs of private data, without what they were."""
    if signs:
        log(page, "km_pages.looked", user=by, data={"signs": signs})


@dataclass(frozen=True, kw_only=True)
class DecideAsHolder:
    """The holder's word on an item that somebody else prepared.

    ``seen`` is the revision that the holder has read; ``looked_at`` as for ``ShareItem``.
    """

    approval: HolderApproval
    by: Any
    approve: bool
    comment: str = ""
    seen: int | None = None
    looked_at: int = 0

    def check(self, latest: KnowledgeAssetPage) -> None:
        """Raise ``NotAllowed`` for anybody else, ``Conflict`` if it was decided or changed."""
        if not may_answer(latest, self.by, holder_id=self.approval.holder_id):
            raise NotAllowed(_("Only the person whose knowledge it is can decide this."))
        if not HolderApproval.objects.waiting().filter(pk=self.approval.pk).exists():
            raise Conflict(_("This was decided already. Nothing was changed."))
        if latest.holder_id != self.approval.holder_id:
            raise Conflict(_("It names somebody else as its source by now. They will be asked."))
        check_seen(latest, self.seen)

    def execute(self) -> Outcome | None:
        """Write the word down and act on it. ``None`` when it was sent back."""
        with transaction.atomic():
            latest = locked(self.approval.page_id)
            self.check(latest)
            state = ApprovalState.APPROVED if self.approve else ApprovalState.DECLINED
            decided = (
                HolderApproval.objects.filter(pk=self.approval.pk)
                .waiting()
                .update(
                    state=state,
                    comment=self.comment,
                    decided_at=timezone.now(),
                    revision=latest.latest_revision,
                    visibility=latest.visibility,
                )
            )
            if not decided:
                raise Conflict(_("This was decided already. Nothing was changed."))
            data = {"comment": self.comment, "audience": latest.visibility}
            log(latest, f"km_pages.holder_{state}", user=self.by, data=data)
            if not self.approve:
                notifications.tell_sent_back(latest, self.approval.requested_by, self.comment)
                return None
            note_looked(latest, self.by, self.looked_at)
            outcome = go_public(latest, self.approval.requested_by or self.by)
            if outcome is Outcome.PUBLISHED:
                notifications.tell_approved(latest, self.approval.requested_by)
            return outcome


@dataclass(frozen=True, kw_only=True)
class DecideModeration:
    """A steward's or knowledge editor's word on a wider audience, given on the public side."""

    task_state: TaskState
    by: Any
    approve: bool
    comment: str = ""
    seen: int | None = None
    looked_at: int = 0

    def check(self, latest: KnowledgeAssetPage, state: TaskState) -> None:
        """Raise ``NotAllowed`` without the right, ``Conflict`` if it was decided or changed."""
        task = state.task.specific
        if not isinstance(task, TeamApprovalTask) or not task.may_approve(latest, self.by):
            raise NotAllowed(_("Only stewards of the team and knowledge editors can decide."))
        if state.status != TaskState.STATUS_IN_PROGRESS:
            raise Conflict(_("This was decided already. Nothing was changed."))
        check_seen(latest, self.seen)
        if self.approve and not has_agreement(latest):
            raise Conflict(
                _("%(who)s has not agreed to this audience. Send it back, so that they are asked.")
                % {"who": holder_in_words(latest)}
            )

    def execute(self) -> None:
        """Approve, which publishes, or send back."""
        with transaction.atomic():
            # The page first, as everywhere: two orders of locking would block each other.
            latest = locked(int(self.task_state.workflow_state.object_id))
            state = TaskState.objects.select_for_update(no_key=True).get(pk=self.task_state.pk)
            self.check(latest, state)
            if self.approve:
                note_looked(latest, self.by, self.looked_at)
            action = "approve" if self.approve else "reject"
            state.task.specific.on_action(state.specific, self.by, action, comment=self.comment)
