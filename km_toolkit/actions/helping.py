"""Step 5: somebody who helps, and the interview they lead."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.errors import Conflict, NotAllowed
from km_toolkit.actions.base import UNDER_WAY, UNTIL_ACCEPTED, HandoverAction, mine, save
from km_toolkit.merging import merged, seen_mark
from km_toolkit.models import (
    Handover,
    Helping,
    HelpingState,
    Interview,
    InterviewAnswer,
    InterviewState,
    KnowledgeArea,
    KnowledgeOutput,
)
from km_toolkit.parts import Part

# So that approving twice makes one output.
INTERVIEWS = uuid.UUID("5f0f6c0e-9d0c-4a55-9b61-6f6b6b1b1c1a")
TELLER_AND_ASKER = frozenset({Part.LEAVER, Part.HELPER})


@dataclass(frozen=True, kw_only=True)
class AskToHelp(HandoverAction):
    """Ask somebody to help. Who is the manager may help as well; the page warns of it."""

    person: Any

    name = "ask_to_help"
    words = gettext_lazy("Ask somebody to help")
    parts = frozenset({Part.LEAVER, Part.MANAGER, Part.KNOWLEDGE_MANAGER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for the leaver, a closed account, or somebody asked already."""
        if self.person.pk == handover.leaver_id:
            raise Conflict(_("You can do the interview with yourself: leave this step out."))
        if not self.person.is_active:
            raise Conflict(_("This account is closed."))
        known = handover.helping.filter(person=self.person).values_list("state", flat=True).first()
        if known == HelpingState.ASKED:
            raise Conflict(_("They have been asked already."))
        if known == HelpingState.ACCEPTED:
            raise Conflict(_("They help already."))

    def change(self, handover: Handover) -> Helping:
        """Ask; whoever has offered already is taken at their word."""
        helping, made = Helping.objects.get_or_create(handover=handover, person=self.person)
        if not made and helping.state == HelpingState.VOLUNTEERED:
            save(helping, state=HelpingState.ACCEPTED, answered_at=timezone.now())
        elif not made and helping.state == HelpingState.DECLINED:
            save(helping, state=HelpingState.ASKED, answered_at=None)
        return helping


@dataclass(frozen=True, kw_only=True)
class OfferToHelp(HandoverAction):
    """A member of the team offers to help."""

    name = "offer_to_help"
    words = gettext_lazy("Offer to help")
    parts = frozenset({Part.TEAM})
    states = UNDER_WAY

    def change(self, handover: Handover) -> Helping:
        """Note it; offering twice is once."""
        helping, made = Helping.objects.get_or_create(
            handover=handover, person=self.by, defaults={"state": HelpingState.VOLUNTEERED}
        )
        helping.is_new = made
        return helping


@dataclass(frozen=True, kw_only=True)
class AnswerHelping(HandoverAction):
    """Whoever was asked says yes or no; a helper may step back later."""

    accept: bool

    name = "answer_helping"
    words = gettext_lazy("Say whether I can help")
    parts = frozenset({Part.ASKED_TO_HELP, Part.HELPER})
    states = UNDER_WAY

    def change(self, handover: Handover) -> Helping:
        """Note the answer."""
        helping = handover.helping.select_related("person").get(person=self.by)
        state = HelpingState.ACCEPTED if self.accept else HelpingState.DECLINED
        helping.is_new = helping.state != state
        save(helping, state=state, answered_at=timezone.now())
        return helping


@dataclass(frozen=True, kw_only=True)
class StartInterview(HandoverAction):
    """Begin an interview, with its questions in order: (question, request or ``None``) pairs."""

    questions: list[tuple[str, Any]]
    area: Any = None
    held_on: datetime.date | None = None

    name = "start_interview"
    words = gettext_lazy("Begin an interview")
    parts = TELLER_AND_ASKER
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` without a question, or for an area from elsewhere."""
        if not self.questions:
            raise Conflict(_("Choose at least one question."))
        if self.area is not None:
            mine(KnowledgeArea.objects, handover, self.area.pk)

    def change(self, handover: Handover) -> Interview:
        """Begin it; where the same was begun today and nothing is in it yet, go on with that."""
        about = {
            "area": self.area,
            "interviewer": self.by,
            "held_on": self.held_on or timezone.localdate(),
        }
        same = handover.interviews.filter(**about, consent_at=None, recording=None)
        begun = same.exclude(answers__answer__gt="").first()
        if begun is not None:
            return begun
        interview = Interview.objects.create(handover=handover, **about)
        InterviewAnswer.objects.bulk_create(
            InterviewAnswer(interview=interview, question=text, request=request, sort_order=n)
            for n, (text, request) in enumerate(self.questions)
        )
        return interview


@dataclass(frozen=True, kw_only=True)
class GiveConsent(HandoverAction):
    """The holder agrees to a recording, or takes it back; ``words`` is what was agreed to."""

    interview: Any
    agreed_to: str = ""
    consent: bool = True

    name = "give_consent"
    words = gettext_lazy("Agree to a recording")
    parts = frozenset({Part.LEAVER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``NotAllowed`` for anybody but the person who is recorded."""
        if self.by.pk != handover.leaver_id:
            raise NotAllowed(_("Only the person who is recorded can agree to it."))

    def change(self, handover: Handover) -> None:
        """Note it. Taken back, the recording is taken away as well."""
        interview = mine(Interview.objects, handover, self.interview.pk)
        if self.consent:
            save(interview, consent_at=timezone.now(), consent_words=self.agreed_to.strip())
        else:
            save(interview, consent_at=None, consent_words="", recording=None)


@dataclass(frozen=True, kw_only=True)
class WriteUp(HandoverAction):
    """Write down what was said: ``answers`` by the keys of the interview's answers.

    ``seen`` are the marks of the answers as ``by`` was shown them: where the other has written
    meanwhile, both texts are kept. ``ready`` None leaves the write-up in the state it has;
    True hands it to the holder. A change after approval needs a new approval.
    """

    interview: Any
    answers: dict[int, str] = field(default_factory=dict)
    recording: Any = None
    ready: bool | None = False
    seen: dict[int, str] = field(default_factory=dict)

    name = "write_up"
    words = gettext_lazy("Write an interview up")
    parts = TELLER_AND_ASKER
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for a recording without consent."""
        interview = mine(Interview.objects, handover, self.interview.pk)
        if self.recording is not None:
            if interview.consent_at is None:
                raise Conflict(_("Nobody has agreed to a recording. Ask first, then attach it."))
            if self.recording.uploader_id != self.by.pk:
                raise NotAllowed(_("You can only attach files that you have uploaded."))

    def change(self, handover: Handover) -> Interview:
        """Keep it."""
        interview = mine(Interview.objects, handover, self.interview.pk)
        changed = False
        for answer in interview.answers.filter(pk__in=self.answers):
            text = merged(self.answers[answer.pk], answer.answer, self.seen.get(answer.pk))
            if seen_mark(text) != seen_mark(answer.answer):
                save(answer, answer=text)
                changed = True
        values: dict[str, Any] = {}
        if self.ready is not None or changed:
            state = InterviewState.READY if self.ready else InterviewState.DRAFT
            interview.newly_ready = bool(self.ready) and interview.state != state
            values = {"state": state, "approved_at": None}
        if self.recording is not None:
            values["recording"] = self.recording
        if values:
            save(interview, **values)
        return interview


@dataclass(frozen=True, kw_only=True)
class ApproveWriteUp(HandoverAction):
    """The holder approves the write-up. Before that it does not leave the room.

    What was said becomes an output of its own, which the leaver shares like any other.
    """

    interview: Any

    name = "approve_write_up"
    words = gettext_lazy("Approve a write-up")
    parts = frozenset({Part.LEAVER})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` while it is being written."""
        interview = mine(Interview.objects, handover, self.interview.pk)
        if interview.state == InterviewState.DRAFT:
            raise Conflict(_("It is still being written."))

    def change(self, handover: Handover) -> KnowledgeOutput:
        """Approve it, and return the output."""
        interview = mine(Interview.objects, handover, self.interview.pk)
        save(interview, state=InterviewState.APPROVED, approved_at=timezone.now())
        answered = [each for each in interview.answers.all() if each.answer.strip()]
        questions = [{"question": each.question, "answer": each.answer} for each in answered]
        output, _made = KnowledgeOutput.objects.update_or_create(
            handover=handover,
            key=uuid.uuid5(INTERVIEWS, str(interview.pk)),
            defaults={
                "title": _("Questions and answers: %(about)s")
                % {"about": str(interview.area or handover.post.title)[:120]},
                "body": [("questions", {"entries": questions})],
                "area": interview.area,
                "created_by": interview.interviewer,
                "changed_at": timezone.now(),
            },
        )
        return output
