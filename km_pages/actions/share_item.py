"""Share a knowledge item: the holder's word first, then to the team, or to moderation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import log
from wagtail.models import WorkflowState

from km_pages import notifications
from km_pages.actions.agreement import (
    WIDER,
    approvers_for_any,
    ask_holder,
    has_agreement,
    locked,
    may_answer,
    may_change,
    record_agreement,
)
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import HolderApproval, KnowledgeAssetPage, Team
from km_pages.models.knowledge_form import audience_problem
from km_pages.signals import item_shared


class Outcome(Enum):
    """What became of sharing an item."""

    PUBLISHED = "published"
    ASKED_HOLDER = "asked_holder"
    SUBMITTED = "submitted"
    DRAFT = "draft"


def standing_of(page: KnowledgeAssetPage) -> Outcome:
    """How far the newest version of ``page`` has come. At most two queries."""
    if page.workflow_in_progress:
        return Outcome.SUBMITTED
    if HolderApproval.objects.waiting().filter(page_id=page.pk).exists():
        return Outcome.ASKED_HOLDER
    return Outcome.PUBLISHED if page.live and not page.has_unpublished_changes else Outcome.DRAFT


@dataclass(frozen=True, kw_only=True)
class ShareItem:
    """Share the newest draft of ``page``: publish, ask the holder, or hand to moderation.

    ``looked_at`` is how many signs of private data ``by`` was shown and says to have looked at;
    that they did is logged, the signs are not.
    """

    page: KnowledgeAssetPage
    by: Any
    looked_at: int = 0

    def check(self, latest: KnowledgeAssetPage) -> None:
        """Raise ``NotAllowed`` for others' items, ``Conflict`` where something is missing."""
        if not may_change(latest, self.by):
            raise NotAllowed(_("Only the people it belongs to can share this."))
        team = latest.home_team
        if team is None or not Team.objects.with_member(self.by).filter(pk=team.pk).exists():
            raise NotAllowed(_("You are not in this team any more. Your draft is kept."))
        problem = audience_problem(latest.visibility, len(latest.named_people.all()))
        if problem:
            raise Conflict(problem)
        standing = standing_of(latest)
        if standing is Outcome.PUBLISHED:
            raise Conflict(_("It is shared already. Nothing has changed since."))
        if standing is Outcome.SUBMITTED:
            raise Conflict(_("It is waiting for approval already."))

    def execute(self) -> Outcome:
        """Share it and say what became of it."""
        with transaction.atomic():
            latest = locked(self.page.pk)
            self.check(latest)
            if self.looked_at:
                log(latest, "km_pages.looked", user=self.by, data={"signs": self.looked_at})
            if not has_agreement(latest):
                if not may_answer(latest, self.by, holder_id=latest.holder_id):
                    ask_holder(latest, self.by)
                    return Outcome.ASKED_HOLDER
                record_agreement(latest, self.by)
            return go_public(latest, self.by)


def go_public(page: KnowledgeAssetPage, by: Any) -> Outcome:
    """Publish to the team or the named people at once; hand wider audiences to moderation.

    The holder has agreed. Raises ``Conflict`` where nobody can approve a wider audience.
    """
    if page.visibility in WIDER:
        submit(page, by)
        return Outcome.SUBMITTED
    PublishPageRevisionAction(page.latest_revision, user=by).execute(skip_permission_checks=True)
    notifications.tell_stewards(page, by)
    item_shared.send(KnowledgeAssetPage, page=page, by=by)
    return Outcome.PUBLISHED


def submit(page: KnowledgeAssetPage, by: Any) -> None:
    """Hand ``page`` to moderation, again where it came back. Raises ``Conflict``."""
    workflow = page.get_workflow()
    # A workflow without a task approves at once, and nobody would have looked.
    if workflow is None or not workflow.tasks.filter(active=True).exists():
        raise Conflict(
            _(
                "Nobody is set up to approve a wider audience. Your draft is kept. "
                "Ask the knowledge team."
            )
        )
    state = page.current_workflow_state
    if state is not None and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=by)
    else:
        workflow.start(page, by)
    stewards = page.home_team.stewards if page.home_team else []
    notifications.tell_approvers(page, by, [*stewards, *approvers_for_any()])
