"""Steps 3 and 4: priorities and the plan, agreed with the line manager."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.errors import Conflict, NotAllowed
from km_toolkit.actions.base import (
    CHANGED_MEANWHILE,
    CLOCK,
    UNDER_WAY,
    UNTIL_ACCEPTED,
    HandoverAction,
    marked,
    mine,
    save,
)
from km_toolkit.models import (
    ActionState,
    Agreed,
    Handover,
    KnowledgeArea,
    Priority,
    TransferAction,
)
from km_toolkit.parts import Part, may_read_areas, parts_of
from km_toolkit.silence import is_silent

BOTH = frozenset({Part.LEAVER, Part.MANAGER})
UNKNOWN = object()


def reopen(handover: Handover, *, priorities: bool = True, plan: bool = True) -> None:
    """What was agreed, or proposed, is not any more what there is now."""
    if priorities and handover.priorities == Agreed.YES:
        save(handover, priorities=Agreed.REOPENED, priorities_asked_at=timezone.now())
    if plan and handover.plan == Agreed.YES:
        save(handover, plan=Agreed.REOPENED, plan_asked_at=timezone.now())


class _ReadsAreas(HandoverAction):
    """A change for which one must have been shown the areas."""

    def check_part(self, handover: Handover) -> None:
        super().check_part(handover)
        if not may_read_areas(handover, parts_of(handover, self.by)):
            raise NotAllowed(_("The leaver has not shared the areas yet."))


@dataclass(frozen=True, kw_only=True)
class SetPriority(_ReadsAreas):
    """Say what comes first. "Not now" needs a reason. It counts once the manager agrees.

    ``seen`` is the priority that ``by`` was shown; ``None``: not known.
    """

    area: Any
    priority: str
    reason: str = ""
    seen: str | None = None

    name = "set_priority"
    words = gettext_lazy("Set a priority")
    parts = BOTH
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for "not now" without a reason."""
        if self.priority not in Priority.values:
            raise ValueError(f"no such priority: {self.priority}")
        if self.priority == Priority.NOT_NOW and not self.reason.strip():
            raise Conflict(_("Say in a few words why not now."))
        area = mine(KnowledgeArea.objects, handover, self.area.pk)
        if self.seen is not None and area.priority not in (self.seen, self.priority):
            raise Conflict(
                _("Somebody has set “%(area)s” to “%(priority)s” meanwhile. Look again.")
                % {"area": area.title, "priority": area.get_priority_display()}
            )

    def change(self, handover: Handover) -> None:
        """Set it; what was agreed is open again if that differs."""
        area = mine(KnowledgeArea.objects, handover, self.area.pk)
        reason = self.reason.strip() if self.priority == Priority.NOT_NOW else ""
        if (area.priority, area.priority_reason) != (self.priority, reason):
            save(area, priority=self.priority, priority_reason=reason)
            reopen(handover)

    def noted(self) -> dict[str, Any]:
        """Which area, and what it became."""
        return {"area": self.area.title, "priority": self.priority, "reason": self.reason.strip()}


@dataclass(frozen=True, kw_only=True)
class ProposePriorities(_ReadsAreas):
    """The leaver asks the line manager to agree. From then on the clock runs.

    ``asked`` is when they were asked last as far as ``by`` knows.
    """

    asked: Any = UNKNOWN

    name = "propose_priorities"
    words = gettext_lazy("Ask the line manager to agree the priorities")
    parts = frozenset({Part.LEAVER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without areas, while one has no priority, or where it is asked."""
        _need_priorities(handover)
        _need_not_asked(self.asked, handover.priorities_asked_at)

    def change(self, handover: Handover) -> None:
        """Ask: it is shared with the manager too."""
        if handover.priorities in (Agreed.NO, Agreed.REOPENED):
            save(
                handover,
                priorities_asked_at=timezone.now(),
                areas_shared_at=handover.areas_shared_at or timezone.now(),
            )


def _need_not_asked(known: Any, asked_at: Any) -> None:
    if known is not UNKNOWN and known != asked_at:
        raise Conflict(_("Your line manager has been asked already."))


def _need_priorities(handover: Handover) -> None:
    if not handover.areas.exists():
        raise Conflict(_("There is no area to agree on yet."))
    if handover.areas.filter(priority="").exists():
        raise Conflict(_("Some areas have no priority yet."))


@dataclass(frozen=True, kw_only=True)
class AgreePriorities(_ReadsAreas):
    """The line manager's word. The leaver alone cannot give it.

    ``seen`` are the priorities that the manager had before them, by the areas' keys: what somebody
    changed meanwhile is not agreed unseen.
    """

    seen: dict[int, str] | None = None

    name = "agree_priorities"
    words = gettext_lazy("Agree the priorities")
    parts = frozenset({Part.MANAGER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` while one has none, or where they changed meanwhile."""
        _need_priorities(handover)
        now = dict(handover.areas.values_list("pk", "priority"))
        if self.seen is not None and self.seen != now:
            raise Conflict(_("Somebody has changed the list since you opened it. Look again."))
        if handover.priorities == Agreed.YES:
            raise Conflict(_("This is agreed already."))

    def change(self, handover: Handover) -> None:
        """Agree."""
        save(
            handover,
            priorities=Agreed.YES,
            priorities_agreed_at=timezone.now(),
            priorities_agreed_by=self.by,
        )


@dataclass(frozen=True, kw_only=True)
class ProceedUnagreed(HandoverAction):
    """Nobody answered: work goes on as proposed, not agreed. Done by the clock, or the leaver."""

    name = "proceed_unagreed"
    words = gettext_lazy("Go on as proposed, not agreed")
    parts = frozenset({Part.LEAVER, Part.KNOWLEDGE_MANAGER})
    states = UNDER_WAY
    by_clock = True

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` before anybody was asked, and had the time to answer."""
        if handover.priorities_asked_at is None:
            raise Conflict(_("Ask the line manager first."))
        if handover.priorities == Agreed.YES:
            raise Conflict(_("This is agreed already."))
        # The clock counts days of its own: it waits for the deputy too.
        if self.by is not CLOCK and not is_silent(handover):
            raise Conflict(_("Your line manager may still answer. Capturing need not wait."))

    def change(self, handover: Handover) -> None:
        """Go on."""
        save(handover, priorities=Agreed.PROPOSED)


ACTION_FIELDS = frozenset({"area", "activity", "title", "recipient", "due", "minutes", "place"})


@dataclass(frozen=True, kw_only=True)
class AddAction(_ReadsAreas):
    """Put an activity for an area into the plan. ``key`` as for areas."""

    details: dict[str, Any]
    key: Any = None

    name = "add_action"
    words = gettext_lazy("Add an action to the plan")
    parts = BOTH | {Part.HELPER}
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for an area of another handover, or without whom and what."""
        mine(KnowledgeArea.objects, handover, self.details["area"].pk)
        for name, problem in (
            ("title", _("Say what you will do.")),
            ("recipient", _("Say for whom.")),
        ):
            if not str(self.details.get(name, "")).strip():
                raise Conflict(problem)

    def change(self, handover: Handover) -> TransferAction:
        """Add it; a plan that was agreed is open again."""
        given = {name: value for name, value in self.details.items() if name in ACTION_FIELDS}
        again = {"key": self.key} if self.key else {}
        if again and (same := handover.actions.filter(key=self.key).first()):
            return same
        action = TransferAction.objects.create(handover=handover, **again, **given)
        reopen(handover, priorities=False)
        return action


def mark_of_action(action: TransferAction) -> str:
    """The mark of what an action says; its state is part of it."""
    return marked(action, ACTION_FIELDS | {"state"})


@dataclass(frozen=True, kw_only=True)
class ChangeAction(_ReadsAreas):
    """Change an action of the plan, or drop it (``dropped``).

    ``seen`` is the mark of the action (:func:`mark_of_action`) as ``by`` was shown it.
    """

    action: Any
    details: dict[str, Any] = field(default_factory=dict)
    dropped: bool = False
    seen: str = ""

    name = "change_action"
    words = gettext_lazy("Change an action of the plan")
    parts = BOTH | {Part.HELPER}
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where it is gone, or somebody else saved meanwhile."""
        action = mine(TransferAction.objects, handover, self.action.pk)
        if self.seen and self.seen != mark_of_action(action):
            raise Conflict(CHANGED_MEANWHILE)

    def change(self, handover: Handover) -> TransferAction:
        """Change it; a plan that was agreed is open again."""
        action = mine(TransferAction.objects, handover, self.action.pk)
        values = {name: value for name, value in self.details.items() if name in ACTION_FIELDS}
        if "area" in values:
            mine(KnowledgeArea.objects, handover, values["area"].pk)
        if self.dropped:
            values["state"] = ActionState.DROPPED
        save(action, **values)
        reopen(handover, priorities=False)
        return action


@dataclass(frozen=True, kw_only=True)
class FinishAction(HandoverAction):
    """Say that an action was done, or not after all."""

    action: Any
    done: bool = True

    name = "finish_action"
    words = gettext_lazy("Mark an action as done")
    parts = BOTH | {Part.HELPER}
    states = UNTIL_ACCEPTED

    def change(self, handover: Handover) -> None:
        """Mark it."""
        action = mine(TransferAction.objects, handover, self.action.pk)
        state = ActionState.DONE if self.done else ActionState.PLANNED
        save(action, state=state, done_at=timezone.now() if self.done else None)


def high_areas_without_action(handover: Handover) -> list[KnowledgeArea]:
    """Areas of high priority for which nothing is planned and nothing was told in person."""
    planned = handover.actions.exclude(state=ActionState.DROPPED).values("area")
    high = handover.areas.filter(priority=Priority.HIGH, told_in_person=False)
    return list(high.exclude(pk__in=planned))


@dataclass(frozen=True, kw_only=True)
class AskForPlan(_ReadsAreas):
    """Ask the line manager to agree the plan. ``asked`` as for the priorities."""

    asked: Any = UNKNOWN

    name = "propose_plan"
    words = gettext_lazy("Ask the line manager to agree the plan")
    parts = frozenset({Part.LEAVER})
    states = UNDER_WAY

    def change(self, handover: Handover) -> None:
        """Ask."""
        save(handover, plan=Agreed.PROPOSED, plan_asked_at=timezone.now())

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where there is nothing to agree, or it is asked."""
        _need_not_asked(self.asked, handover.plan_asked_at)
        if not handover.actions.exclude(state=ActionState.DROPPED).exists():
            raise Conflict(_("There is nothing in the plan yet."))


@dataclass(frozen=True, kw_only=True)
class AgreePlan(_ReadsAreas):
    """The line manager agrees the plan and says how much time is rostered for it."""

    rostered_minutes: int | None = None

    name = "agree_plan"
    words = gettext_lazy("Agree the plan")
    parts = frozenset({Part.MANAGER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` while an area of high priority has no action."""
        missing = high_areas_without_action(handover)
        if missing:
            names = ", ".join(area.title for area in missing)
            raise Conflict(_("Nothing is planned yet for: %(areas)s.") % {"areas": names})
        if handover.plan == Agreed.YES:
            raise Conflict(_("This is agreed already."))
        if not handover.actions.exclude(state=ActionState.DROPPED).exists():
            raise Conflict(_("There is nothing in the plan yet."))

    def change(self, handover: Handover) -> None:
        """Agree."""
        save(
            handover,
            plan=Agreed.YES,
            plan_agreed_at=timezone.now(),
            plan_agreed_by=self.by,
            rostered_minutes=self.rostered_minutes,
        )

    def noted(self) -> dict[str, Any]:
        """The minutes."""
        return {"rostered_minutes": self.rostered_minutes}
