"""Who may do what in a handover, and when: every action x person x state, through Python."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from km_pages.actions.errors import ActionError, Conflict, NotAllowed
from km_pages.models import KnowledgeAssetPage
from km_pages.visibility import visible_to
from km_toolkit.actions.accept import (
    Accept,
    AcceptForNow,
    AnswerGap,
    RaiseGap,
    SayBackArea,
    WaiveGap,
)
from km_toolkit.actions.agree import (
    AddAction,
    AgreePlan,
    AgreePriorities,
    ProceedUnagreed,
    ProposePriorities,
    SetPriority,
)
from km_toolkit.actions.ask_team import (
    AnswerQuestion,
    AskByLink,
    AskQuestion,
    CloseQuestions,
    FileQuestion,
    InviteToAsk,
    OpenQuestions,
    RevokeLink,
    SupportQuestion,
)
from km_toolkit.actions.base import HandoverAction, NotFound
from km_toolkit.actions.capture import CaptureOutput, ShareOutput
from km_toolkit.actions.every import all_actions
from km_toolkit.actions.helping import ApproveWriteUp, GiveConsent, StartInterview, WriteUp
from km_toolkit.actions.name_areas import AddArea, RemoveArea, ShareAreas, TellInPerson
from km_toolkit.actions.start_handover import (
    AskDeputy,
    ChangeFacts,
    Confirm,
    StartHandover,
    Withdraw,
)
from km_toolkit.models import Agreed, Handover, HandoverState, SayBack, TeamRequest
from km_toolkit.parts import parts_of
from km_toolkit.standing import Standing, steps_of
from tests.factories import StoredFileFactory
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db

ACTIONS = list(all_actions())
# What may be done though the handover is not in a state for it, by whom: nothing.
EXPECTED = {
    "leaver": {"leaver"},
    "manager": {"manager", "team"},
    "deputy": {"team"},
    "helper": {"helper", "team"},
    "asked": {"asked_to_help", "team"},
    "successor": {"successor", "team"},
    "member": {"team"},
    "steward": {"team"},
    "other": set(),
    "knowledge_manager": {"knowledge_manager"},
    "superuser": {"knowledge_manager"},
}


@pytest.fixture
def ward() -> Cast:
    return cast()


def area(ward: Cast, title: str = "Whom to call at night", **details: Any) -> Any:
    return AddArea(handover=ward.handover, by=ward.leaver, title=title, details=details).execute()


def agreed(ward: Cast, priority: str = "high") -> Any:
    """One area with a priority that the manager has agreed."""
    one = area(ward)
    SetPriority(handover=ward.handover, by=ward.leaver, area=one, priority=priority).execute()
    ProposePriorities(handover=ward.handover, by=ward.leaver).execute()
    AgreePriorities(handover=ward.handover, by=ward.manager).execute()
    return one


def test_everybody_has_the_part_they_should(ward: Cast) -> None:
    for name, who in ward.everybody.items():
        assert set(parts_of(ward.handover, who)) == EXPECTED[name], name


def test_a_draft_is_known_to_leaver_managers_and_knowledge_managers_only() -> None:
    ward = cast(confirmed=False)
    Handover.objects.update(successor=ward.successor)
    seen = {name for name, who in ward.everybody.items() if Handover.objects.seen_by(who).exists()}
    assert seen == {"leaver", "manager", "knowledge_manager", "superuser"}


def test_an_open_one_is_seen_by_those_with_a_part_and_not_by_the_team(ward: Cast) -> None:
    seen = {name for name, who in ward.everybody.items() if Handover.objects.seen_by(who).exists()}
    inside = {"leaver", "manager", "helper", "successor", "knowledge_manager", "superuser"}
    assert seen == inside


@pytest.mark.parametrize("state", HandoverState.values)
@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.name)
def test_only_the_parts_and_states_it_names_may_do_it(
    ward: Cast, action: type[HandoverAction], state: str
) -> None:
    Handover.objects.update(
        state=state,
        confirmed_at=timezone.now(),
        accepted_at=timezone.now(),
        areas_shared_at=timezone.now(),
    )
    ward.handover.refresh_from_db()
    for name, who in ward.everybody.items():
        have = parts_of(ward.handover, who)
        allowed = bool(have & action.parts) and state in action.states
        # Only the common half of the check is asked, which knows nothing of the details.
        one = action.__new__(action)
        object.__setattr__(one, "handover", ward.handover)
        object.__setattr__(one, "by", who)
        assert one.may() is allowed, (action.name, name, state)


def refused(ward: Cast) -> Iterator[tuple[str, HandoverAction, type[ActionError]]]:
    """Attempts that must fail, each with how."""
    handover = ward.handover
    yield "a stranger", Withdraw(handover=handover, by=ward.other), NotFound
    yield "a steward", Withdraw(handover=handover, by=ward.steward), NotAllowed
    yield "twice", Confirm(handover=handover, by=ward.leaver), Conflict
    yield "nothing to share", ShareAreas(handover=handover, by=ward.leaver), Conflict
    yield "nothing named", ProposePriorities(handover=handover, by=ward.leaver), Conflict
    yield "the leaver agrees", AgreePriorities(handover=handover, by=ward.leaver), NotAllowed
    yield "no words", AddArea(handover=handover, by=ward.leaver, title=" "), Conflict
    yield "not asked", CloseQuestions(handover=handover, by=ward.leaver), Conflict
    yield "too early", AskQuestion(handover=handover, by=ward.member, text="Why?"), Conflict
    yield "nobody asked", ProceedUnagreed(handover=handover, by=ward.leaver), Conflict
    yield "a successor is there", AcceptForNow(handover=handover, by=ward.manager), Conflict


def test_what_is_refused_changes_nothing(ward: Cast) -> None:
    before = Handover.objects.values().get()
    for why, attempt, error in refused(ward):
        with pytest.raises(error):
            attempt.execute()
        assert Handover.objects.values().get() == before, why


def test_starting_takes_post_day_and_manager_and_happens_once() -> None:
    ward = cast(confirmed=False)
    assert ward.handover.state == HandoverState.DRAFT
    with pytest.raises(Conflict):
        StartHandover(
            post=ward.handover.post,
            by=ward.manager,
            last_day=timezone.localdate(),
            line_manager=ward.manager,
        ).execute()
    with pytest.raises(NotAllowed):
        StartHandover(
            post=ward.handover.post,
            by=ward.member,
            last_day=timezone.localdate(),
            line_manager=ward.manager,
        ).execute()


def test_with_ten_working_days_left_it_begins_as_express() -> None:
    assert cast(weeks=2).handover.express
    Handover.objects.all().delete()


def test_the_manager_sees_areas_once_the_leaver_shares_them(ward: Cast) -> None:
    one = area(ward)
    attempt = SetPriority(handover=ward.handover, by=ward.manager, area=one, priority="high")
    with pytest.raises(NotAllowed, match="not shared"):
        attempt.execute()
    ShareAreas(handover=ward.handover, by=ward.leaver).execute()
    attempt.execute()
    one.refresh_from_db()
    assert one.priority == "high"


def test_scores_multiply_three_scales_and_suggest(ward: Cast) -> None:
    one = area(ward, criticality=5, uniqueness=5, urgency=4)
    assert (one.score, one.suggested_priority) == (100, "high")
    assert area(ward, "Rota", criticality=1, uniqueness=2, urgency=3).suggested_priority == "low"


def test_not_now_needs_a_reason_and_a_later_change_reopens_the_agreement(ward: Cast) -> None:
    one = agreed(ward)
    assert ward.handover.priorities == Agreed.YES
    assert ward.handover.priorities_agreed_by == ward.manager
    with pytest.raises(Conflict):
        SetPriority(handover=ward.handover, by=ward.manager, area=one, priority="not_now").execute()
    SetPriority(
        handover=ward.handover, by=ward.leaver, area=one, priority="not_now", reason="Later"
    ).execute()
    assert ward.handover.priorities == Agreed.REOPENED
    actions = ModelLogEntry.objects.values_list("action", flat=True)
    assert actions.filter(action="km_toolkit.set_priority").count() == 2


def test_the_manager_does_not_agree_what_changed_unseen(ward: Cast) -> None:
    one = area(ward)
    SetPriority(handover=ward.handover, by=ward.leaver, area=one, priority="low").execute()
    ProposePriorities(handover=ward.handover, by=ward.leaver).execute()
    with pytest.raises(Conflict, match="changed"):
        AgreePriorities(handover=ward.handover, by=ward.manager, seen={one.pk: "high"}).execute()


def test_the_deputy_becomes_the_manager_once_asked(ward: Cast) -> None:
    area(ward)
    assert not Handover.objects.seen_by(ward.deputy).exists()
    AskDeputy(handover=ward.handover, by=ward.leaver).execute()
    assert Handover.objects.seen_by(ward.deputy).exists()
    assert "manager" in parts_of(ward.handover, ward.deputy)


def test_an_unnamed_question_keeps_nothing_of_its_author(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    logged = ModelLogEntry.objects.count()
    ask = AskQuestion(handover=ward.handover, by=ward.member, text="Where is it?", named=False)
    question = ask.execute()
    row = TeamRequest.objects.values().get(pk=question.pk)
    assert (row["author_id"], row["author_name"], row["asked_at"]) == (None, "", None)
    assert ModelLogEntry.objects.count() == logged
    assert not TeamRequest.objects.released().exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamRequest.objects.update(author=ward.member)
    CloseQuestions(handover=ward.handover, by=ward.leaver).execute()
    assert TeamRequest.objects.released().count() == 1


def test_questions_are_supported_answered_and_put_to_areas(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.manager).execute()
    question = AskQuestion(handover=ward.handover, by=ward.member, text="Who has keys?").execute()
    again = AskQuestion(
        handover=ward.handover, by=ward.member, text="Who has keys?", key=question.pk
    ).execute()
    assert again == question
    assert TeamRequest.objects.count() == 1
    for _twice in range(2):
        SupportQuestion(handover=ward.handover, by=ward.successor, request=question).execute()
    assert question.supports.count() == 1
    AnswerQuestion(
        handover=ward.handover, by=ward.leaver, request=question, answer="The porter"
    ).execute()
    made = FileQuestion(
        handover=ward.handover, by=ward.leaver, request=question, title="Keys"
    ).execute()
    assert not made.listed
    assert made.requests.get() == question


def test_a_link_asks_until_it_ends_and_gives_nothing_else(ward: Cast) -> None:
    OpenQuestions(handover=ward.handover, by=ward.leaver).execute()
    link, secret = InviteToAsk(
        handover=ward.handover, by=ward.manager, email="Bank@Example.org"
    ).execute()
    assert secret not in str(vars(link))
    assert AskByLink(link=link, text="What about nights?").execute().author is None
    RevokeLink(handover=ward.handover, by=ward.leaver, link=link).execute()
    with pytest.raises(NotAllowed):
        AskByLink(link=link, text="Again?").execute()


def action_for(ward: Cast, one: Any, **details: Any) -> Any:
    facts = {
        "area": one,
        "title": "Walk through the rota",
        "recipient": "Sam",
        "due": ward.handover.last_day,
        **details,
    }
    return AddAction(handover=ward.handover, by=ward.leaver, details=facts).execute()


def test_a_plan_with_a_high_area_without_action_is_not_agreed(ward: Cast) -> None:
    one = agreed(ward)
    with pytest.raises(Conflict, match="Whom to call"):
        AgreePlan(handover=ward.handover, by=ward.manager).execute()
    late = action_for(ward, one, due=ward.handover.last_day + datetime.timedelta(days=1))
    assert late.is_after_last_day
    AgreePlan(handover=ward.handover, by=ward.manager, rostered_minutes=90).execute()
    assert (ward.handover.plan, ward.handover.rostered_minutes) == (Agreed.YES, 90)


def test_told_in_person_needs_no_action_and_stores_nothing(ward: Cast) -> None:
    one = agreed(ward)
    TellInPerson(handover=ward.handover, by=ward.leaver, area=one, told_to="Helen").execute()
    other = area(ward, "Rota")
    action_for(ward, other)
    AgreePlan(handover=ward.handover, by=ward.manager).execute()


def test_no_recording_without_consent_and_nothing_leaves_before_approval(ward: Cast) -> None:
    interview = StartInterview(
        handover=ward.handover, by=ward.helper, questions=[("What goes wrong?", None)]
    ).execute()
    recording = StoredFileFactory(uploader=ward.helper, extension="mp3")
    write = {"handover": ward.handover, "by": ward.helper, "interview": interview}
    with pytest.raises(Conflict, match="agreed to a recording"):
        WriteUp(**write, recording=recording).execute()
    with pytest.raises(NotAllowed):
        GiveConsent(handover=ward.handover, by=ward.helper, interview=interview).execute()
    GiveConsent(handover=ward.handover, by=ward.leaver, interview=interview).execute()
    answer = interview.answers.get()
    approve = ApproveWriteUp(handover=ward.handover, by=ward.leaver, interview=interview)
    with pytest.raises(Conflict):
        approve.execute()
    WriteUp(
        **write, recording=recording, answers={answer.pk: "The pump blocks."}, ready=True
    ).execute()
    output = approve.execute()
    assert approve.execute() == output
    assert "The pump blocks." in str(output.body)
    assert not KnowledgeAssetPage.objects.exists()


def test_sharing_publishes_to_the_team_and_corrections_become_revisions(ward: Cast) -> None:
    stored = StoredFileFactory(uploader=ward.leaver)
    output = CaptureOutput(
        handover=ward.handover,
        by=ward.leaver,
        title="Night calls",
        details={"summary": "Whom to call at night."},
        files=[stored.pk],
    ).execute()
    assert not KnowledgeAssetPage.objects.exists()
    with pytest.raises(NotAllowed):
        ShareOutput(handover=ward.handover, by=ward.helper, output=output).execute()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=output).execute()
    page = KnowledgeAssetPage.objects.get()
    assert page.live
    assert page.holder == ward.leaver
    assert page.post == ward.handover.post
    assert [each.stored_file for each in page.attachments.all()] == [stored]
    pages = KnowledgeAssetPage.objects.all()
    assert visible_to(pages, ward.member).exists()
    assert not visible_to(pages, ward.other).exists()
    CaptureOutput(
        handover=ward.handover,
        by=ward.leaver,
        output=output,
        title="Night calls, corrected",
        files=None,
    ).execute()
    output.refresh_from_db()
    assert output.has_unshared_changes
    ShareOutput(handover=ward.handover, by=ward.leaver, output=output).execute()
    page.refresh_from_db()
    assert page.title == "Night calls, corrected"
    assert KnowledgeAssetPage.objects.count() == 1


def test_two_people_at_one_output_lose_nothing(ward: Cast) -> None:
    one = CaptureOutput(handover=ward.handover, by=ward.leaver, title="Rota").execute()
    seen = one.changed_at
    CaptureOutput(
        handover=ward.handover, by=ward.helper, output=one, title="Rota 2", seen=seen
    ).execute()
    with pytest.raises(Conflict, match="Somebody has changed"):
        CaptureOutput(
            handover=ward.handover, by=ward.leaver, output=one, title="Rota 3", seen=seen
        ).execute()


def test_without_the_holder_the_manager_rebuilds_and_the_page_says_so() -> None:
    ward = cast(confirmed=False)
    Handover.objects.all().delete()
    handover = StartHandover(
        post=ward.handover.post,
        by=ward.manager,
        last_day=timezone.localdate(),
        line_manager=ward.manager,
        reason="absence",
        away_reason="Long illness",
    ).execute()
    assert not parts_of(handover, ward.leaver)
    assert not Handover.objects.seen_by(ward.leaver).exists()
    Confirm(handover=handover, by=ward.manager).execute()
    output = CaptureOutput(
        handover=handover, by=ward.manager, title="Suppliers", details={"summary": "From files."}
    ).execute()
    ShareOutput(handover=handover, by=ward.manager, output=output).execute()
    page = KnowledgeAssetPage.objects.get()
    assert page.live
    assert not page.checked_by_holder
    assert page.holder is None


def test_acceptance_needs_every_high_area_said_back_and_no_open_gap(ward: Cast) -> None:
    one = agreed(ward)
    accept = Accept(handover=ward.handover, by=ward.successor)
    with pytest.raises(Conflict, match="Whom to call"):
        accept.execute()
    SayBackArea(
        handover=ward.handover, by=ward.successor, area=one, text="Call the site team first."
    ).execute()
    gap = RaiseGap(handover=ward.handover, by=ward.successor, area=one, text="The bleep?").execute()
    with pytest.raises(Conflict, match="still missing"):
        accept.execute()
    AnswerGap(handover=ward.handover, by=ward.leaver, gap=gap, answer="2400").execute()
    other = RaiseGap(handover=ward.handover, by=ward.successor, text="And keys?").execute()
    WaiveGap(handover=ward.handover, by=ward.manager, gap=other, reason="New locks").execute()
    accept.execute()
    assert ward.handover.state == HandoverState.ACCEPTED


def test_the_team_accepts_for_now_and_a_successor_reopens(ward: Cast) -> None:
    Handover.objects.update(successor=None)
    ward.handover.refresh_from_db()
    one = agreed(ward)
    SayBackArea(handover=ward.handover, by=ward.manager, area=one, text="We call Ana.").execute()
    AcceptForNow(handover=ward.handover, by=ward.manager).execute()
    assert ward.handover.state == HandoverState.PROVISIONAL
    ChangeFacts(
        handover=ward.handover, by=ward.manager, facts={"successor": ward.successor}
    ).execute()
    assert ward.handover.state == HandoverState.OPEN
    assert SayBack.objects.exists()


def test_steps_are_read_from_what_was_done(ward: Cast, django_assert_max_num_queries: Any) -> None:
    before = {step.standing for step in steps_of(ward.handover)}
    assert before == {Standing.NOT_STARTED, Standing.DONE}  # a helper has accepted
    agreed(ward)
    with django_assert_max_num_queries(4):
        steps = steps_of(ward.handover)
    assert [step.standing for step in steps[:3]] == [
        Standing.DONE,
        Standing.NOT_STARTED,
        Standing.DONE,
    ]


def test_accounts_go_and_the_handover_stays(ward: Cast) -> None:
    area(ward)
    ward.leaver.delete()
    handover = Handover.objects.get()
    assert handover.leaver is None
    assert handover.leaver_name == "Leaver Test"
    assert handover.areas.count() == 1
    assert Handover.objects.seen_by(ward.manager).exists()


def test_removing_an_area_is_noted_and_reopens(ward: Cast) -> None:
    one = agreed(ward)
    RemoveArea(handover=ward.handover, by=ward.leaver, area=one).execute()
    assert ward.handover.priorities == Agreed.REOPENED
