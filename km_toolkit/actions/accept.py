"""The end: the successor says back what they understood, gaps are closed, it is accepted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.errors import Conflict, NotAllowed
from km_toolkit.actions.ask_team import close_questions
from km_toolkit.actions.base import UNDER_WAY, UNTIL_ACCEPTED, HandoverAction, mine, save
from km_toolkit.models import (
    Gap,
    Handover,
    HandoverState,
    KnowledgeArea,
    Priority,
    SayBack,
)
from km_toolkit.parts import Part, parts_of


def check_receiver(handover: Handover, by: Any) -> None:
    """Raise ``NotAllowed`` for the team where a successor is there to do it."""
    if handover.successor_id is not None and Part.SUCCESSOR not in parts_of(handover, by):
        raise NotAllowed(_("This is for the successor to say."))


@dataclass(frozen=True, kw_only=True)
class SayBackArea(HandoverAction):
    """Say in one's own words what one understood of an area."""

    area: Any
    text: str

    name = "say_back"
    words = gettext_lazy("Say back what I understood")
    parts = frozenset({Part.SUCCESSOR, Part.MANAGER})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without words."""
        check_receiver(handover, self.by)
        if not self.text.strip():
            raise Conflict(_("Say it in a sentence or two of your own."))

    def change(self, handover: Handover) -> None:
        """Keep it; saying it again replaces it."""
        area = mine(KnowledgeArea.objects, handover, self.area.pk)
        SayBack.objects.update_or_create(
            area=area,
            by=self.by,
            defaults={"text": self.text.strip(), "said_at": timezone.now()},
        )


@dataclass(frozen=True, kw_only=True)
class RaiseGap(HandoverAction):
    """Say what is still missing: a question to the leaver, or to the manager."""

    text: str
    area: Any = None
    to_manager: bool = False
    key: uuid.UUID | None = None

    name = "raise_gap"
    words = gettext_lazy("Say what is still missing")
    parts = frozenset({Part.SUCCESSOR, Part.MANAGER})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without words."""
        check_receiver(handover, self.by)
        if not self.text.strip():
            raise Conflict(_("Write what is missing."))
        if self.area is not None:
            mine(KnowledgeArea.objects, handover, self.area.pk)

    def change(self, handover: Handover) -> Gap:
        """Ask. Where the leaver can be asked no more, the manager is."""
        gap, gap_is_new = Gap.objects.get_or_create(
            key=self.key or uuid.uuid4(),
            handover=handover,
            defaults={
                "text": self.text.strip(),
                "area": self.area,
                "raised_by": self.by,
                "to_manager": self.to_manager or handover.holder_away or handover.days_left < 0,
            },
        )
        gap.is_new = gap_is_new
        return gap


@dataclass(frozen=True, kw_only=True)
class AnswerGap(HandoverAction):
    """Answer what is missing."""

    gap: Any
    answer: str

    name = "answer_gap"
    words = gettext_lazy("Answer what is missing")
    parts = frozenset({Part.LEAVER, Part.MANAGER})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without words, or where it is settled."""
        gap = mine(Gap.objects, handover, self.gap.pk)
        if not self.answer.strip():
            raise Conflict(_("Write an answer first."))
        if gap.waived_at is not None:
            raise Conflict(_("The line manager has let this stay open."))
        if gap.answered_at is not None and gap.answer != self.answer.strip():
            raise Conflict(_("It has been answered meanwhile."))

    def change(self, handover: Handover) -> None:
        """Keep the answer."""
        gap = mine(Gap.objects, handover, self.gap.pk)
        save(gap, answer=self.answer.strip(), answered_at=timezone.now())


@dataclass(frozen=True, kw_only=True)
class WaiveGap(HandoverAction):
    """The line manager lets a gap stay open, for a reason."""

    gap: Any
    reason: str

    name = "waive_gap"
    words = gettext_lazy("Let something stay open")
    parts = frozenset({Part.MANAGER})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without a reason, or where it is answered."""
        gap = mine(Gap.objects, handover, self.gap.pk)
        if not self.reason.strip():
            raise Conflict(_("Say in a few words why it may stay open."))
        if gap.answered_at is not None:
            raise Conflict(_("It has been answered meanwhile."))
        if gap.waived_at is not None and gap.waive_reason != self.reason.strip():
            raise Conflict(_("The line manager has let this stay open."))

    def change(self, handover: Handover) -> None:
        """Let it stay open."""
        gap = mine(Gap.objects, handover, self.gap.pk)
        save(gap, waived_at=timezone.now(), waive_reason=self.reason.strip())

    def noted(self) -> dict[str, Any]:
        """Why."""
        return {"reason": self.reason.strip()}


def high_areas_not_said_back(handover: Handover) -> list[KnowledgeArea]:
    """Areas of high priority of which nobody has said what they understood."""
    high = handover.areas.filter(priority=Priority.HIGH)
    return list(high.exclude(pk__in=SayBack.objects.values("area")))


def check_acceptable(handover: Handover) -> None:
    """Raise ``Conflict`` naming what is missing before the handover can be accepted."""
    missing = high_areas_not_said_back(handover)
    if missing:
        names = ", ".join(area.title for area in missing)
        raise Conflict(_("Say first what you understood of: %(areas)s.") % {"areas": names})
    if handover.gaps.open().exists():
        raise Conflict(_("Something is still missing. It must be answered, or may stay open."))


@dataclass(frozen=True, kw_only=True)
class Accept(HandoverAction):
    """The successor accepts: every high area is said back, no gap is open."""

    name = "accept"
    words = gettext_lazy("Accept the handover")
    parts = frozenset({Part.SUCCESSOR})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` naming what is missing."""
        check_acceptable(handover)

    def change(self, handover: Handover) -> None:
        """Accept it; what the team has asked and is held back comes out with it."""
        if handover.questions_opened_at is not None:
            close_questions(handover)
        save(
            handover,
            state=HandoverState.ACCEPTED,
            accepted_at=timezone.now(),
            accepted_by=self.by,
        )


@dataclass(frozen=True, kw_only=True)
class AcceptForNow(HandoverAction):
    """No successor yet: the line manager accepts for the team, until one arrives."""

    name = "accept_for_now"
    words = gettext_lazy("Accept for now, for the team")
    parts = frozenset({Part.MANAGER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where a successor is named, or something is missing."""
        if handover.successor_id is not None:
            raise Conflict(_("A successor is named: it is for them to accept."))
        check_acceptable(handover)

    def change(self, handover: Handover) -> None:
        """Accept it for now."""
        save(handover, state=HandoverState.PROVISIONAL)
