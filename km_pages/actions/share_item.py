"""Share a knowledge item: the holder's word first, then to the team, or to moderation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import log
from wagtail.models import Page, TaskState

from km_pages import notifications
from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.actions.write_draft import may_change
from km_pages.models import ApprovalState, HolderApproval, KnowledgeAssetPage, TeamApprovalTask
from km_pages.models.knowledge_form import audience_problem
from km_pages.signals import item_shared
from km_pages.visibility import Visibility

WIDER = (Visibility.ORGANISATION, Visibility.OPEN)


class Outcome(Enum):
    """What became of sharing an item."""

    PUBLISHED = "published"
    ASKED_HOLDER = "asked_holder"
    SUBMITTED = "submitted"


def is_approved(page: Any) -> bool:
    """Whether the holder has agreed to an audience as wide as ``page`` now names."""
    reach = Visibility(page.visibility).reach
    given = HolderApproval.objects.approved().filter(page_id=page.pk)
    return any(
        Visibility(each).reach >= reach for each in given.values_list("visibility", flat=True)
    )


def publication_problem(page: Any, user: Any) -> str:
    """Why ``user`` may not publish ``page`` yet, in words, or nothing. Asked by the admin too."""
    if page.holder_id is None or page.holder_id == user.pk or is_approved(page):
        return ""
    return _(
        "%(who)s has not agreed to this being shared with “%(audience)s”. Your draft is kept. "
        "Ask them to open it on their page and approve it."
    ) % {"who": page.holder.get_full_name(), "audience": page.get_visibility_display()}


def locked(page: Any) -> KnowledgeAssetPage:
    """The newest draft of ``page``, with its row locked until the transaction ends."""
    Page.objects.select_for_update().get(pk=page.pk)
    return KnowledgeAssetPage.objects.get(pk=page.pk).get_latest_revision_as_object()


def is_steward(page: Any, user: Any) -> bool:
    """Whether ``user`` stewards the item's home team."""
    team = page.home_team
    return team is not None and user.groups.filter(pk=team.stewards_group_id).exists()


@dataclass(frozen=True, kw_only=True)
class ShareItem:
    """Share the newest draft of ``page``: publish, ask the holder, or hand to moderation."""

    page: KnowledgeAssetPage
    by: Any

    def check(self, latest: KnowledgeAssetPage) -> None:
        """Raise ``NotAllowed`` for others' items, ``Conflict`` where something is missing."""
        if not may_change(latest, self.by):
            raise NotAllowed(_("Only the people it belongs to can share this."))
        problem = audience_problem(latest.visibility, len(latest.named_people.all()))
        if problem:
            raise Conflict(problem)
        if latest.live and not latest.has_unpublished_changes:
            raise Conflict(_("It is shared already. Nothing has changed since."))
        if latest.workflow_in_progress:
            raise Conflict(_("It is waiting for approval already."))

    def execute(self) -> Outcome:
        """Share it and say what became of it."""
        with transaction.atomic():
            latest = locked(self.page)
            self.check(latest)
            if not self._has_word(latest):
                return ask_holder(latest, self.by)
            return go_public(latest, self.by)

    def _has_word(self, latest: KnowledgeAssetPage) -> bool:
        if is_approved(latest):
            return True
        own = latest.holder_id == self.by.pk
        if own or (latest.holder_id is None and is_steward(latest, self.by)):
            record(latest, self.by, self.by)
            return True
        return False


def record(page: KnowledgeAssetPage, holder: Any, by: Any) -> HolderApproval:
    """Write down that ``holder`` agreed by sharing it themselves."""
    HolderApproval.objects.filter(page_id=page.pk).waiting().update(
        state=ApprovalState.APPROVED, decided_at=timezone.now()
    )
    return HolderApproval.objects.create(
        page_id=page.pk,
        revision=page.latest_revision,
        holder=holder,
        requested_by=by,
        visibility=page.visibility,
        state=ApprovalState.APPROVED,
        decided_at=timezone.now(),
    )


def ask_holder(page: KnowledgeAssetPage, by: Any) -> Outcome:
    """Ask the holder (without one: the stewards) for their word. Asking twice asks once."""
    approval, _made = HolderApproval.objects.update_or_create(
        page_id=page.pk,
        state=ApprovalState.WAITING,
        defaults={
            "revision": page.latest_revision,
            "holder": page.holder,
            "requested_by": by,
            "visibility": page.visibility,
        },
    )
    log(page, "km_pages.ask_holder", user=by, data={"approval": approval.pk})
    notifications.tell_holder(approval, page)
    return Outcome.ASKED_HOLDER


def go_public(page: KnowledgeAssetPage, by: Any) -> Outcome:
    """Publish to the team or the named people at once; hand wider audiences to moderation."""
    if page.visibility in WIDER:
        workflow = page.get_workflow()
        if workflow is None:
            raise Conflict(_("Nobody is set up to approve a wider audience. Ask IT."))
        workflow.start(page, by)
        notifications.tell_approvers(page, by)
        return Outcome.SUBMITTED
    PublishPageRevisionAction(page.latest_revision, user=by).execute(skip_permission_checks=True)
    notifications.tell_stewards(page, by)
    item_shared.send(KnowledgeAssetPage, page=page, by=by)
    return Outcome.PUBLISHED


def may_decide(approval: HolderApproval, page: Any, user: Any) -> bool:
    """Whether it is ``user`` who is asked: the holder, or without one a steward of the team."""
    if approval.holder_id is not None:
        return bool(approval.holder_id == user.pk)
    return is_steward(page, user)


@dataclass(frozen=True, kw_only=True)
class DecideAsHolder:
    """The holder's word on an item that somebody else prepared."""

    approval: HolderApproval
    by: Any
    approve: bool
    comment: str = ""

    def execute(self) -> Outcome | None:
        """Write the word down and act on it. ``None`` when it was sent back.

        Raises ``NotAllowed`` for anybody else, ``Conflict`` if it was decided or changed since.
        """
        with transaction.atomic():
            latest = locked(self.approval.page)
            waiting = HolderApproval.objects.filter(pk=self.approval.pk).waiting()
            if not may_decide(self.approval, latest, self.by):
                raise NotAllowed(_("Only the person whose knowledge it is can decide this."))
            if latest.visibility != self.approval.visibility:
                raise Conflict(_("Who should see it has changed since. Look at it again."))
            state = ApprovalState.APPROVED if self.approve else ApprovalState.DECLINED
            if not waiting.update(state=state, comment=self.comment, decided_at=timezone.now()):
                raise Conflict(_("This was decided already. Nothing was changed."))
            log(latest, f"km_pages.holder_{state}", user=self.by, data={"comment": self.comment})
            if not self.approve:
                notifications.tell_sent_back(latest, self.approval.requested_by, self.comment)
                return None
            return go_public(latest, self.by)


@dataclass(frozen=True, kw_only=True)
class DecideModeration:
    """A steward's or knowledge editor's word on a wider audience, given on the public side."""

    task_state: TaskState
    by: Any
    approve: bool
    comment: str = ""

    def execute(self) -> None:
        """Approve, which publishes, or send back. Raises ``NotAllowed`` or ``Conflict``."""
        with transaction.atomic():
            item = locked(self.task_state.workflow_state.content_object)
            state = TaskState.objects.select_for_update().get(pk=self.task_state.pk)
            task = state.task.specific
            if not isinstance(task, TeamApprovalTask) or not task.may_approve(item, self.by):
                raise NotAllowed(_("Only stewards of the team and knowledge editors can decide."))
            if state.status != TaskState.STATUS_IN_PROGRESS:
                raise Conflict(_("This was decided already. Nothing was changed."))
            action = "approve" if self.approve else "reject"
            task.on_action(state.specific, self.by, action, comment=self.comment)
