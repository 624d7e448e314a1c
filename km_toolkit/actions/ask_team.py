"""Step 2: what the team wants to know."""

from __future__ import annotations

import datetime
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from km_pages.actions.errors import Conflict, NotAllowed
from km_toolkit.actions.agree import reopen
from km_toolkit.actions.base import UNDER_WAY, UNTIL_ACCEPTED, HandoverAction, locked, mine, save
from km_toolkit.models import (
    Handover,
    KnowledgeArea,
    QuestionLink,
    RequestSupport,
    TeamRequest,
)
from km_toolkit.parts import Part

ASKERS = frozenset({Part.TEAM, Part.MANAGER, Part.SUCCESSOR, Part.HELPER})
KEEPERS = frozenset({Part.LEAVER, Part.MANAGER, Part.HELPER})
MOST_QUESTIONS = 500
LONGEST = 4000


@dataclass(frozen=True, kw_only=True)
class OpenQuestions(HandoverAction):
    """Let the team ask, until a day or until somebody closes it."""

    until: datetime.date | None = None

    name = "open_questions"
    words = gettext_lazy("Ask the team what they want to know")
    parts = KEEPERS
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for a day in the past, or where the team is asked already."""
        if handover.questions_are_open:
            raise Conflict(_("Your team is asked already."))
        if self.until and self.until < timezone.localdate():
            raise Conflict(_("This day has passed."))

    def change(self, handover: Handover) -> None:
        """Open them, again where they were closed."""
        save(
            handover,
            questions_opened_at=handover.questions_opened_at or timezone.now(),
            questions_until=self.until,
            questions_closed_at=None,
        )


@dataclass(frozen=True, kw_only=True)
class CloseQuestions(HandoverAction):
    """Take no more questions, and release the unnamed ones together."""

    name = "close_questions"
    words = gettext_lazy("Close the questions")
    parts = KEEPERS
    states = UNTIL_ACCEPTED
    by_clock = True

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where they were never open."""
        if handover.questions_opened_at is None:
            raise Conflict(_("The team has not been asked yet."))

    def change(self, handover: Handover) -> None:
        """Close them."""
        close_questions(handover)


def close_questions(handover: Handover) -> None:
    """Close the questions of a locked handover and release what was held back.

    The unnamed are written anew, shuffled and with other keys: a database keeps rows in the order
    in which they came, and a key was in the form of whoever asked.
    """
    if handover.questions_closed_at is None:
        save(handover, questions_closed_at=timezone.now())
    held_back = handover.requests.filter(released=False)
    texts = list(held_back.values_list("text", flat=True))
    held_back.delete()
    secrets.SystemRandom().shuffle(texts)
    TeamRequest.objects.bulk_create(
        TeamRequest(handover=handover, text=text, named=False, released=True) for text in texts
    )


def check_may_ask(handover: Handover, text: str) -> None:
    """Raise ``Conflict`` where no question is taken, or this is none."""
    if not handover.questions_are_open:
        raise Conflict(_("Questions are closed. Ask the leaver or the line manager directly."))
    if not text.strip():
        raise Conflict(_("Write your question first."))
    if len(text) > LONGEST:
        raise Conflict(_("This is very long. Please ask in fewer words."))
    if handover.requests.count() >= MOST_QUESTIONS:
        raise Conflict(_("There are very many questions already. Talk to the line manager."))


def put_question(
    handover: Handover, *, text: str, author: Any, name: str, named: bool, key: uuid.UUID | None
) -> TeamRequest:
    """Keep a question. Of an unnamed one nothing but its text; sent twice it is kept once."""
    known: dict[str, Any] = {"named": False, "released": False}
    if named:
        known = {
            "named": True,
            "released": True,
            "author": author,
            "author_name": name[:300],
            "asked_at": timezone.now(),
        }
    question, _made = TeamRequest.objects.get_or_create(
        key=key or uuid.uuid4(), handover=handover, defaults={"text": text.strip(), **known}
    )
    return question


@dataclass(frozen=True, kw_only=True)
class AskQuestion(HandoverAction):
    """A member of the team asks, with their name or without."""

    text: str
    named: bool = True
    key: uuid.UUID | None = None

    name = "ask_question"
    words = gettext_lazy("Ask a question")
    parts = ASKERS
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` where no question is taken."""
        check_may_ask(handover, self.text)

    def change(self, handover: Handover) -> TeamRequest:
        """Keep it."""
        name = self.by.get_full_name() or self.by.get_username()
        return put_question(
            handover, text=self.text, author=self.by, name=name, named=self.named, key=self.key
        )

    def logged_as(self) -> Any:
        """Nobody, where the question is unnamed: a log would name its author."""
        return self.by if self.named else None

    def execute(self) -> Any:
        """Ask. The log of an unnamed question would tell its time, so it has none."""
        if self.named:
            return super().execute()
        with transaction.atomic():
            handover = locked(self.handover.pk)
            self.check_part(handover)
            self.check(handover)
            return self.change(handover)


@dataclass(frozen=True, kw_only=True)
class SupportQuestion(HandoverAction):
    """Somebody wants to know the same, or not any more."""

    request: Any
    support: bool = True

    name = "support_question"
    words = gettext_lazy("Support a question")
    parts = ASKERS
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for questions that are not shown, or after the end."""
        if not handover.questions_are_open:
            raise Conflict(_("Questions are closed."))
        mine(TeamRequest.objects.released(), handover, self.request.pk)

    def change(self, handover: Handover) -> None:
        """Count them in, once, or out."""
        if self.support:
            RequestSupport.objects.get_or_create(request=self.request, person=self.by)
        else:
            RequestSupport.objects.filter(request=self.request, person=self.by).delete()


@dataclass(frozen=True, kw_only=True)
class AnswerQuestion(HandoverAction):
    """The leaver answers at once."""

    request: Any
    answer: str

    name = "answer_question"
    words = gettext_lazy("Answer a question")
    parts = frozenset({Part.LEAVER})
    states = UNTIL_ACCEPTED

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for a question that is not there."""
        mine(TeamRequest.objects.released(), handover, self.request.pk)

    def change(self, handover: Handover) -> None:
        """Keep the answer; an empty one takes it back."""
        text = self.answer.strip()
        question = mine(TeamRequest.objects.released(), handover, self.request.pk)
        save(question, answer=text, answered_at=timezone.now() if text else None)


@dataclass(frozen=True, kw_only=True)
class FileQuestion(HandoverAction):
    """Put a question to an area, or make a new area of it (``area=None`` with a ``title``)."""

    request: Any
    area: Any = None
    title: str = ""

    name = "file_question"
    words = gettext_lazy("Put a question to an area")
    parts = frozenset({Part.LEAVER, Part.HELPER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` for what belongs elsewhere, or without a title."""
        mine(TeamRequest.objects.released(), handover, self.request.pk)
        if self.area is not None:
            mine(KnowledgeArea.objects, handover, self.area.pk)
        elif not self.title.strip():
            raise Conflict(_("Give the new area a title."))

    def change(self, handover: Handover) -> KnowledgeArea:
        """File it. An area that only the team asked for is open to be agreed like the others."""
        question = mine(TeamRequest.objects.released(), handover, self.request.pk)
        area = self.area
        if area is None:
            area = KnowledgeArea.objects.create(
                handover=handover,
                title=self.title.strip()[:160],
                listed=False,
                sort_order=handover.areas.count(),
            )
            reopen(handover)
        save(question, area=area)
        return area


def digest_of(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class InviteToAsk(HandoverAction):
    """Let somebody without an account ask, by a link sent to their address.

    ``execute`` returns the link's row and its secret, which is kept nowhere.
    """

    email: str

    name = "invite_to_ask"
    words = gettext_lazy("Invite somebody to ask")
    parts = frozenset({Part.LEAVER, Part.MANAGER})
    states = UNDER_WAY

    def check(self, handover: Handover) -> None:
        """Raise ``Conflict`` while no questions are taken, or for a second link at a time."""
        if not handover.questions_are_open:
            raise Conflict(_("Open the questions first."))
        if handover.links.filter(email=self.email.strip().lower(), revoked_at=None).exists():
            raise Conflict(_("They have a link already. End it first to send them a new one."))

    def change(self, handover: Handover) -> tuple[QuestionLink, str]:
        """Make the link."""
        secret = secrets.token_urlsafe(32)
        email = self.email.strip().lower()
        link = QuestionLink.objects.create(
            handover=handover, email=email, digest=digest_of(secret), invited_by=self.by
        )
        return link, secret


@dataclass(frozen=True, kw_only=True)
class RevokeLink(HandoverAction):
    """End a link to the question page."""

    link: Any

    name = "revoke_link"
    words = gettext_lazy("End a link to the question page")
    parts = frozenset({Part.LEAVER, Part.MANAGER, Part.KNOWLEDGE_MANAGER})
    states = UNTIL_ACCEPTED

    def change(self, handover: Handover) -> None:
        """End it, once."""
        handover.links.filter(pk=self.link.pk, revoked_at=None).update(revoked_at=timezone.now())


@dataclass(frozen=True, kw_only=True)
class AskByLink:
    """Somebody without an account asks. The link must work at the moment of asking."""

    link: QuestionLink
    text: str
    named: bool = True
    key: uuid.UUID | None = None

    def execute(self) -> TeamRequest:
        """Keep the question. Raises ``NotAllowed`` for a link that works no more, ``Conflict``."""
        with transaction.atomic():
            handover = locked(self.link.handover_id)
            link = QuestionLink.objects.filter(pk=self.link.pk, revoked_at=None).first()
            if link is None:
                raise NotAllowed(_("This link has ended."))
            check_may_ask(handover, self.text)
            if self.named:
                log(handover, "km_toolkit.ask_question", data={"by_link": True})
            return put_question(
                handover,
                text=self.text,
                author=None,
                name=link.email,
                named=self.named,
                key=self.key,
            )
