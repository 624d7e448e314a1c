"""Start a handover, confirm it, change its facts, withdraw it, shorten it, leave steps out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.models import Post
from km_toolkit.actions.base import (
    CHANGED_MEANWHILE,
    PREPARING,
    UNDER_WAY,
    UNTIL_ACCEPTED,
    HandoverAction,
    marked,
    save,
)
from km_toolkit.models import (
    HOLDER_AWAY,
    MANAGE_HANDOVERS,
    Handover,
    HandoverState,
    Reason,
    SkippedStep,
    StepNumber,
    working_days,
)
from km_toolkit.parts import Part
from km_toolkit.posts import posts_to_hand_over
from km_toolkit.signals import handover_changed

EXPRESS_WORKING_DAYS = 10


@dataclass(frozen=True, kw_only=True)
class StartHandover:
    """Start the handover of ``post``: post, last day and manager are all it takes.

    ``leaver`` is whoever holds the post unless said, and where nobody is known to, whoever starts
    it without being its manager. A leaver names their manager; a manager, or a
    knowledge manager, starts it for the leaver, who is told first. Where the reason is one for
    which the holder cannot take part, ``away_reason`` says so in words and only a manager starts.
    """

    post: Post
    by: Any
    last_day: datetime.date
    line_manager: Any
    leaver: Any = None
    reason: str = Reason.LEAVING
    notice_date: datetime.date | None = None
    away_reason: str = ""
    deputy: Any = None

    @property
    def who_leaves(self) -> Any:
        """Whose handover it is."""
        known = self.leaver or self.post.holder
        return known or (self.by if self.by != self.line_manager else None)

    def check(self) -> None:
        """Raise ``NotAllowed`` or ``Conflict``."""
        leaver = self.who_leaves
        is_manager = self.by == self.line_manager or self.by.has_perm(MANAGE_HANDOVERS)
        if leaver is None:
            raise Conflict(_("Say who hands over: nobody is known to hold this post."))
        if self.by != leaver and not is_manager:
            raise NotAllowed(
                _("A handover is started by the person who leaves or by their line manager.")
            )
        if not posts_to_hand_over(self.by).filter(pk=self.post.pk).exists():
            raise NotAllowed(_("This post belongs to a team that you are not in."))
        if self.line_manager == leaver:
            raise Conflict(_("The line manager must be somebody else than the leaver."))
        if self.reason in HOLDER_AWAY:
            if not is_manager:
                raise NotAllowed(_("Only a manager can start a handover for somebody who is away."))
            if not self.away_reason.strip():
                raise Conflict(_("Say in a few words why the holder cannot take part."))

    def execute(self) -> Handover:
        """Start it, as a draft that only leaver and managers see."""
        self.check()
        leaver = self.who_leaves
        away = self.reason in HOLDER_AWAY
        try:
            with transaction.atomic():
                handover = Handover.objects.create(
                    post=self.post,
                    leaver=leaver,
                    leaver_name=leaver.get_full_name() or leaver.get_username(),
                    line_manager=self.line_manager,
                    deputy=self.deputy,
                    reason=self.reason,
                    notice_date=self.notice_date,
                    last_day=self.last_day,
                    started_by=self.by,
                    holder_away=away,
                    away_reason=self.away_reason.strip() if away else "",
                    express=not away
                    and working_days(timezone.localdate(), self.last_day) <= EXPRESS_WORKING_DAYS,
                )
                data = {"reason": self.reason, "last_day": self.last_day.isoformat()}
                log(handover, "km_toolkit.start", user=self.by, data=data)
        except IntegrityError as problem:
            raise Conflict(_("A handover of this post is under way already.")) from problem
        handover_changed.send(StartHandover, handover=handover, action="start", by=self.by)
        return handover


@dataclass(frozen=True, kw_only=True)
class Confirm(HandoverAction):
    """The leaver says that the team may know. Until then nothing reaches it."""

    name = "confirm"
    words = gettext_lazy("Let the team know")
    parts = frozenset({Part.LEAVER})
    states = frozenset({HandoverState.DRAFT})

    def change(self, handover: Handover) -> None:
        """Open it."""
        save(handover, state=HandoverState.OPEN, confirmed_at=timezone.now())


@dataclass(frozen=True, kw_only=True)
class Withdraw(HandoverAction):
    """It does not take place. What was written is kept for the leaver."""

    reason: str = ""

    name = "withdraw"
    words = gettext_lazy("Withdraw the handover")
    parts = frozenset({Part.LEAVER, Part.MANAGER, Part.KNOWLEDGE_MANAGER})
    states = PREPARING

    def change(self, handover: Handover) -> None:
        """Withdraw it."""
        save(handover, state=HandoverState.WITHDRAWN)

    def noted(self) -> dict[str, Any]:
        """Why."""
        return {"reason": self.reason}


FACTS = frozenset(
    {"last_day", "notice_date", "reason", "line_manager", "deputy", "successor", "holder_away"}
    | {"away_reason"}
)


def mark_of_facts(handover: Handover) -> str:
    """The mark of dates and people."""
    return marked(handover, FACTS)


@dataclass(frozen=True, kw_only=True)
class ChangeFacts(HandoverAction):
    """Change dates and people. ``facts`` names fields of the handover and their new values.

    ``seen`` is the mark of the facts (:func:`mark_of_facts`) as ``by`` was shown them.
    """

    facts: dict[str, Any]
    seen: str = ""

    name = "change_facts"
    words = gettext_lazy("Change dates and people")
    parts = frozenset({Part.LEAVER, Part.MANAGER, Part.KNOWLEDGE_MANAGER})
    states = frozenset({HandoverState.DRAFT, HandoverState.OPEN, HandoverState.PROVISIONAL})

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where people or reasons do not go together."""
        unknown = set(self.facts) - FACTS
        if unknown:
            raise ValueError(f"not a fact of a handover: {sorted(unknown)}")
        if self.seen and self.seen != mark_of_facts(handover):
            raise Conflict(CHANGED_MEANWHILE)
        for role in ("line_manager", "deputy", "successor"):
            person = self.facts.get(role)
            if person is not None and person.pk == handover.leaver_id:
                raise Conflict(_("This must be somebody else than the leaver."))
        reason = self.facts.get("reason", handover.reason)
        away = self.facts.get("holder_away", handover.holder_away)
        why = self.facts.get("away_reason", handover.away_reason)
        if reason in HOLDER_AWAY and not away:
            raise Conflict(_("For this reason the holder cannot take part. Say so as well."))
        if away and not why.strip():
            raise Conflict(_("Say in a few words why the holder cannot take part."))

    def change(self, handover: Handover) -> None:
        """Change them; a successor who arrives reopens what the team accepted for now."""
        values = dict(self.facts)
        if "line_manager" in values and values["line_manager"] != handover.line_manager:
            values["deputy_asked_at"] = None
        if handover.state == HandoverState.PROVISIONAL and values.get("successor"):
            values["state"] = HandoverState.OPEN
        save(handover, **values)

    def noted(self) -> dict[str, Any]:
        """What became what, people by their keys."""
        return {
            name: getattr(value, "pk", value) and str(getattr(value, "pk", value))
            for name, value in self.facts.items()
            if name != "away_reason"
        }


@dataclass(frozen=True, kw_only=True)
class ChooseExpress(HandoverAction):
    """Five questions first, or the six steps."""

    express: bool

    name = "choose_express"
    words = gettext_lazy("Choose Express or the six steps")
    parts = frozenset({Part.LEAVER})
    states = PREPARING

    def change(self, handover: Handover) -> None:
        """Choose; nothing that was done is lost either way."""
        save(handover, express=self.express)


@dataclass(frozen=True, kw_only=True)
class SkipStep(HandoverAction):
    """Leave a step out, for a reason."""

    step: int
    reason: str

    name = "skip_step"
    words = gettext_lazy("Leave a step out")
    parts = frozenset({Part.LEAVER, Part.MANAGER})
    states = PREPARING

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without a reason."""
        if self.step not in StepNumber.values:
            raise ValueError(f"no such step: {self.step}")
        if not self.reason.strip():
            raise Conflict(_("Say in a few words why this step is left out."))
        other = handover.skipped.filter(step=self.step).exclude(reason=self.reason.strip()).first()
        if other is not None:
            raise Conflict(_("It is left out already: %(why)s") % {"why": other.reason})

    def change(self, handover: Handover) -> None:
        """Note it, once."""
        SkippedStep.objects.update_or_create(
            handover=handover,
            step=self.step,
            defaults={"reason": self.reason.strip(), "by": self.by},
        )

    def noted(self) -> dict[str, Any]:
        """Which, and why."""
        return {"step": self.step, "reason": self.reason.strip()}


@dataclass(frozen=True, kw_only=True)
class TakeUpStep(HandoverAction):
    """Do a step after all."""

    step: int

    name = "take_up_step"
    words = gettext_lazy("Take a step up again")
    parts = frozenset({Part.LEAVER, Part.MANAGER})
    states = PREPARING

    def change(self, handover: Handover) -> None:
        """Forget that it was left out; the log remembers."""
        handover.skipped.filter(step=self.step).delete()

    def noted(self) -> dict[str, Any]:
        """Which."""
        return {"step": self.step}


@dataclass(frozen=True, kw_only=True)
class AskDeputy(HandoverAction):
    """The line manager does not answer: whoever stands in for them is asked as well."""

    name = "ask_deputy"
    words = gettext_lazy("Ask whoever stands in for the line manager")
    parts = frozenset({Part.LEAVER, Part.MANAGER, Part.KNOWLEDGE_MANAGER})
    states = UNDER_WAY
    by_clock = True

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without a deputy."""
        if handover.deputy_id is None:
            raise Conflict(_("Nobody is named to stand in for the line manager."))

    def change(self, handover: Handover) -> None:
        """Let them in."""
        if handover.deputy_asked_at is None:
            save(handover, deputy_asked_at=timezone.now())


@dataclass(frozen=True, kw_only=True)
class VolunteerAfterwards(HandoverAction):
    """An address for two letters after the last day, or none; and the page of thanks."""

    email: str = ""
    thank_you: bool = False

    name = "afterwards"
    words = gettext_lazy("Say whether we may write after the last day")
    parts = frozenset({Part.LEAVER})
    states = UNTIL_ACCEPTED | {HandoverState.DRAFT, HandoverState.ACCEPTED}

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where somebody else speaks for the leaver: only they can offer it."""
        if self.by.pk != handover.leaver_id:
            raise Conflict(_("Only the leaver can offer this."))

    def change(self, handover: Handover) -> None:
        """Keep it."""
        save(handover, email_afterwards=self.email, thank_you=self.thank_you)
