"""Who has agreed to what being shared: the holder, and for wider audiences a steward."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Revision, Task, TaskState

from km_pages.models.teams import Team
from km_pages.visibility import Visibility

APPROVE_ANY = "km_pages.approve_any"


class ApprovalState(models.TextChoices):
    """Where the holder's approval stands."""

    WAITING = "waiting", _("Waiting for the holder")
    APPROVED = "approved", _("Approved by the holder")
    DECLINED = "declined", _("Sent back by the holder")


class HolderApprovalQuerySet(models.QuerySet["HolderApproval"]):
    """Approvals by state."""

    def waiting(self) -> HolderApprovalQuerySet:
        """Those nobody has decided yet."""
        return self.filter(state=ApprovalState.WAITING)

    def approved(self) -> HolderApprovalQuerySet:
        """Those that were given."""
        return self.filter(state=ApprovalState.APPROVED)


class HolderApproval(models.Model):
    """The holder's word on one item: this may be shared with this audience."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="km_approvals")
    revision = models.ForeignKey(
        Revision, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="km_approvals"
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    visibility = models.CharField(max_length=12, choices=Visibility.choices)
    state = models.CharField(
        max_length=10, choices=ApprovalState.choices, default=ApprovalState.WAITING
    )
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = HolderApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("holder's approval")
        verbose_name_plural = _("holders' approvals")
        constraints = [
            models.UniqueConstraint(
                fields=["page"], condition=Q(state="waiting"), name="km_one_waiting_approval"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(decided_at__isnull=False),
                name="km_decided_approval_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page}: {self.get_state_display()}"


class TeamApprovalTask(Task):
    """Approval by a steward of the item's own team, or by a knowledge editor.

    A plain group task would let the steward of any team approve the drafts of every team.
    """

    task_ptr = models.OneToOneField(
        Task,
        on_delete=models.CASCADE,
        parent_link=True,
        auto_created=True,
        related_name="km_team_approval",
    )

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        """Whoever may approve may open the editor while the item is on this task."""
        return self.may_approve(obj, user)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """While the item waits, only those who may approve it change it."""
        return not self.may_approve(obj, user)

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Approve, or send back with a comment."""
        if not self.may_approve(obj, user):
            return []
        return [
            ("reject", _("Send back"), True),
            ("approve", _("Approve"), False),
            ("approve", _("Approve with a comment"), True),
        ]

    def get_task_states_user_can_moderate(self, user: Any, **_kwargs: Any) -> Any:
        """The waiting states of items that ``user`` may approve. At most three queries."""
        states = TaskState.objects.filter(task=self.task_ptr, status=TaskState.STATUS_IN_PROGRESS)
        if user.is_superuser or user.has_perm(APPROVE_ANY):
            return states
        paths = Team.objects.with_steward(user).values_list("space__path", flat=True)
        inside = Q(pk__in=[])
        for path in filter(None, paths):
            inside |= Q(path__startswith=path)
        pages = [str(pk) for pk in Page.objects.filter(inside).values_list("pk", flat=True)]
        return states.filter(workflow_state__object_id__in=pages)

    @staticmethod
    def may_approve(item: Any, user: Any) -> bool:
        """Whether ``user`` is a steward of the item's home team or approves for every team."""
        if user.is_superuser or user.has_perm(APPROVE_ANY):
            return True
        # Wagtail hands over plain pages here and there.
        team = getattr(getattr(item, "specific", item), "home_team", None)
        return team is not None and user.groups.filter(pk=team.stewards_group_id).exists()

    @classmethod
    def get_description(cls) -> Any:
        """What an administrator reads when choosing the kind of task."""
        return _("Stewards of the item's own team, or knowledge editors, can approve it")

    class Meta:
        verbose_name = _("approval by the team's stewards")
        verbose_name_plural = _("approvals by the team's stewards")
