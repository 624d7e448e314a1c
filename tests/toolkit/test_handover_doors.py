"""Every change x every person x every state, through its page and past the admin.

Each state is built once; every attempt is undone again.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Max
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from km_pages.models import KnowledgeAssetPage
from km_toolkit.actions.every import all_actions
from km_toolkit.models import Handover, HandoverState
from km_toolkit.parts import parts_of
from tests.toolkit.handovers import Cast, cast

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

AREA = {"title": "Rota", "why": "Changed", "criticality": 5, "uniqueness": 5, "urgency": 4}
NOT_OURS = {"LearningRecord", "Reminder"}
# One of each kind: the deputy and the steward are members, a superuser is a knowledge manager.
WHO = ("leaver", "manager", "helper", "asked", "successor", "member", "other", "knowledge_manager")
# The manager does these where nobody is known to come next; here somebody is.
FOR_THE_SUCCESSOR = {("raise_gap", "manager"), ("say_back", "manager")}


@dataclass
class World:
    """A handover in which everything could be done next, if person and state allow it."""

    ward: Cast
    area: Any
    high: Any
    asked: Any
    row: Any
    output: Any
    draft: Any
    gap: Any
    link: Any
    talk: Any

    @property
    def day(self) -> str:
        """The last day."""
        return str(self.ward.handover.last_day.isoformat())


def world(state: str) -> World:
    """Everything at hand, the handover in ``state``."""
    ward = cast()
    handover, now = ward.handover, timezone.now()
    # So long ago that nobody has answered.
    asked = now - datetime.timedelta(days=10)
    Handover.objects.update(
        areas_shared_at=now, questions_opened_at=now, priorities_asked_at=asked, plan_asked_at=now
    )
    area = handover.areas.create(title="Rota", priority="low")
    made = World(
        ward=ward,
        area=area,
        high=handover.areas.create(title="Keys", priority="low", sort_order=1),
        asked=handover.requests.create(
            text="Who has keys?", author_name="Member", released=True, asked_at=now
        ),
        row=handover.actions.create(
            area=area, title="Walk", recipient="Sam", due=handover.last_day, minutes=30
        ),
        output=handover.outputs.create(title="Night calls", summary="Whom to call."),
        draft=handover.outputs.create(title="Draft"),
        gap=handover.gaps.create(text="The bleep?"),
        link=handover.links.create(email="bank@example.org", digest="0" * 64),
        talk=handover.interviews.create(interviewer=ward.helper, state="ready"),
    )
    made.talk.answers.create(question="Why?", answer="So.")
    handover.skipped.create(step=2, reason="No time")
    Handover.objects.update(state=state, confirmed_at=now, accepted_at=now)
    handover.refresh_from_db()
    return made


@dataclass(frozen=True)
class Attempt:
    """A form as somebody who knows its address would send it; ``first`` clears the way."""

    page: str
    fields: Callable[[World], dict[str, Any]] = lambda _w: {}
    row: str = ""
    first: Callable[[World], Any] = lambda _w: None


def fixed(**fields: Any) -> Callable[[World], dict[str, Any]]:
    return lambda _w: fields


def no_gaps(w: World) -> None:
    w.ward.handover.gaps.all().delete()


def nobody_next(w: World) -> None:
    no_gaps(w)
    Handover.objects.update(successor=None)


def not_open(_w: World) -> None:
    Handover.objects.update(questions_opened_at=None)


def plan_fields(w: World) -> dict[str, Any]:
    return {"area": w.area.pk, "title": "Show it", "recipient": "Sam", "due": w.day}


def proposed(w: World, do: str, **more: Any) -> dict[str, Any]:
    keys = [w.area.pk, w.high.pk]
    return {**{f"area-{pk}-priority": "low" for pk in keys}, "do": do, **more}


ATTEMPTS = {
    "accept": Attempt("accept", fixed(do="accept"), first=no_gaps),
    "accept_for_now": Attempt("accept", fixed(do="for-now"), first=nobody_next),
    "add_action": Attempt("add_action", plan_fields),
    "add_area": Attempt("areas", fixed(**{**AREA, "title": "Pumps"})),
    "afterwards": Attempt("afterwards", fixed(email="me@example.net")),
    "agree_plan": Attempt("plan", fixed(do="agree", hours="1")),
    "agree_priorities": Attempt("priorities", lambda w: proposed(w, "agree")),
    "answer_gap": Attempt("settle_gap", fixed(do="answer", answer="2400"), row="gap"),
    "answer_helping": Attempt("answer_help", fixed(do="no")),
    "answer_question": Attempt("question", fixed(answer="The porter"), row="asked"),
    "approve_write_up": Attempt("interview", fixed(do="approve"), row="talk"),
    "ask_deputy": Attempt("ask_deputy"),
    "ask_question": Attempt("ask", fixed(text="And nights?", named="yes")),
    "ask_to_help": Attempt("help", lambda w: {"person": w.ward.steward.pk}),
    "capture": Attempt("output", fixed(title="Better", visibility="team"), row="output"),
    "change_action": Attempt("action", plan_fields, row="row"),
    "change_area": Attempt("area", fixed(**AREA), row="area"),
    "change_facts": Attempt(
        "facts",
        lambda w: {
            "last_day": "2031-05-02",
            "reason": "moving",
            "line_manager": w.ward.manager.pk,
            "successor": w.ward.successor.pk,
        },
    ),
    "choose_express": Attempt("express_or_full", fixed(express="yes")),
    "close_questions": Attempt("close_questions"),
    "confirm": Attempt("confirm"),
    "file_question": Attempt("question", lambda w: {"do": "file", "area": w.area.pk}, row="asked"),
    "finish_action": Attempt("action", fixed(do="done"), row="row"),
    "give_consent": Attempt("interview", fixed(do="consent"), row="talk"),
    "invite_to_ask": Attempt("invite_to_ask", fixed(email="new@example.org")),
    "offer_to_help": Attempt("offer_help"),
    "open_questions": Attempt("questions", fixed(until=""), first=not_open),
    "proceed_unagreed": Attempt("priorities", lambda w: proposed(w, "proceed")),
    "propose_plan": Attempt("plan", fixed(do="propose")),
    "propose_priorities": Attempt("priorities", lambda w: proposed(w, "propose")),
    "raise_gap": Attempt("gap", fixed(text="And keys?")),
    "remove_area": Attempt("area", fixed(do="remove"), row="high"),
    "remove_output": Attempt("remove_output", row="draft"),
    "revoke_link": Attempt("invite_to_ask", lambda w: {"end": w.link.pk}),
    "say_back": Attempt("say_back", lambda w: {f"area-{w.area.pk}-text": "I call Ana."}, "area"),
    "set_priority": Attempt(
        "priorities", lambda w: proposed(w, "save", **{f"area-{w.area.pk}-priority": "high"})
    ),
    "share_areas": Attempt("share_areas", first=lambda w: Handover.objects.update(express=True)),
    "share_output": Attempt("share_output", row="output"),
    "skip_step": Attempt("skip", fixed(reason="Not now"), row="3"),
    "start_interview": Attempt("start_interview"),
    "support_question": Attempt("ask", lambda w: {"support": str(w.asked.pk)}),
    "take_up_step": Attempt("skip", fixed(do="take-up"), row="2"),
    "tell_in_person": Attempt("told", fixed(told_to="Helen"), row="area"),
    "waive_gap": Attempt("settle_gap", fixed(do="waive", reason="New locks"), row="gap"),
    "withdraw": Attempt("withdraw", fixed(reason="They stay")),
    "write_up": Attempt(
        "interview",
        lambda w: {f"answer-{w.talk.answers.get().pk}": "Because", "do": "save"},
        row="talk",
    ),
}


def test_every_change_has_a_page_here() -> None:
    assert set(ATTEMPTS) == {each.name for each in all_actions()}


def everything() -> list[Any]:
    """All rows there are of the service, and what the log says."""
    ours = [
        each for each in apps.get_app_config("km_toolkit").get_models()
        if each.__name__ not in NOT_OURS and any(f.name == "handover" for f in each._meta.fields)
    ]  # fmt: skip
    known = [sorted(map(str, each._default_manager.values_list())) for each in [Handover, *ours]]
    logged = list(ModelLogEntry.objects.order_by("pk").values_list("action", "user"))
    return [known, logged, KnowledgeAssetPage.objects.count()]


def address(made: World, attempt: Attempt) -> str:
    key = getattr(made, attempt.row).pk if attempt.row.isalpha() else attempt.row
    args = [made.ward.handover.pk, *([key] if attempt.row else [])]
    return reverse(f"km_toolkit:{attempt.page}", args=args)


class Undone(Exception):
    """Raised to undo an attempt."""


class Writes:
    """Notes what is written into tables of the service, or of the pages, while it listens."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        words = sql.lstrip().split()
        if words[0] in ("INSERT", "UPDATE", "DELETE") and any(
            each.strip('"').startswith(("km_toolkit_", "km_pages_knowledge", "wagtailcore_"))
            for each in words[1:3]
        ):
            self.seen.append(sql[:80])
        return execute(sql, *rest)


def what_happens(made: World, client: Client, attempt: Attempt, name: str) -> tuple[bool, int]:
    """Whether that action was done, and the status; what it did is undone.

    A refused attempt must not have written a row.
    """
    writes, done, status = Writes(), False, 0
    last = ModelLogEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    try:
        with transaction.atomic():
            attempt.first(made)
            fields = attempt.fields(made)
            with connection.execute_wrapper(writes):
                status = client.post(address(made, attempt), fields).status_code
            logged = ModelLogEntry.objects.filter(pk__gt=last)
            done = logged.filter(action=f"km_toolkit.{name}").exists()
            assert logged.exists() or not writes.seen, (name, writes.seen)
            raise Undone
    except Undone:
        return done, status


@pytest.mark.parametrize("state", HandoverState.values)
def test_only_what_is_allowed_succeeds_through_its_page(state: str) -> None:
    made = world(state)
    kinds = {each.name: each for each in all_actions()}
    wrong = []
    for who in WHO:
        person = getattr(made.ward, who)
        client = Client()
        client.force_login(person)
        have = parts_of(made.ward.handover, person)
        for name, attempt in ATTEMPTS.items():
            kind = kinds[name]
            allowed = bool(have & kind.parts) and state in kind.states
            allowed = allowed and (name, who) not in FOR_THE_SUCCESSOR
            done, status = what_happens(made, client, attempt, name)
            if done is not allowed or status >= 500 or (not have and status != 404):
                wrong.append(f"{name} by {who}: {'done' if done else 'refused'} ({status})")
    assert not wrong, "\n".join(wrong)


REGISTERS = ("handovers", "handover-questions", "handover-actions", "handover-outputs")


@pytest.mark.parametrize("who", ["leaver", "steward", "knowledge_manager", "superuser"])
def test_the_admin_changes_nothing(who: str) -> None:
    made = world("open")
    client = Client()
    client.force_login(getattr(made.ward, who))
    before = everything()
    rows = (made.ward.handover, made.asked, made.row, made.output)
    for register, row in zip(REGISTERS, rows, strict=True):
        for ending in ("create/", f"edit/{row.pk}/", f"delete/{row.pk}/"):
            answer = client.post(f"/admin/{register}/{ending}", {"title": "Mine", "state": "open"})
            assert answer.status_code in (302, 403, 404), (register, ending)
    assert everything() == before


def test_nobody_without_an_account_changes_anything() -> None:
    made = world("open")
    before = everything()
    for attempt in ATTEMPTS.values():
        answer = Client().post(address(made, attempt), attempt.fields(made))
        assert answer.status_code in (302, 405)
    assert everything() == before


def test_the_database_itself_refuses_states_that_do_not_go_together() -> None:
    made = world("open")
    key = made.ward.handover.pk
    for wrong in (
        {"state": "accepted", "accepted_at": None},
        {"state": "open", "confirmed_at": None},
        {"priorities": "yes", "priorities_agreed_at": None},
        {"plan": "yes", "plan_agreed_at": None},
        {"line_manager": made.ward.leaver},
        {"holder_away": True, "away_reason": ""},
    ):
        with pytest.raises(Exception, match="km_"), transaction.atomic():
            Handover.objects.filter(pk=key).update(**wrong)
