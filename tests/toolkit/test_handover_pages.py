"""A whole handover through its pages, and what strangers get."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import KnowledgeAssetPage, OutgoingMail
from km_pages.visibility import visible_to
from km_pages.work import run_due_jobs
from km_toolkit.actions.capture import ShareOutput
from km_toolkit.models import Agreed, Handover, HandoverState, KnowledgeOutput, TeamRequest
from km_toolkit.posts import MOST_LISTED
from km_toolkit.urls import urlpatterns
from tests.factories import ActivityPageFactory, PostFactory
from tests.toolkit.handovers import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ward() -> Cast:
    return cast()


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Door:
    """One person's browser at one handover."""

    def __init__(self, ward: Cast, user: Any) -> None:
        self.handover, self.client = ward.handover, client_of(user)

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"km_toolkit:{name}", args=[self.handover.pk, *args])

    def get(self, name: str, *args: Any) -> Any:
        return self.client.get(self.url(name, *args))

    def post(self, name: str, *args: Any, **typed: Any) -> Any:
        answer = self.client.post(self.url(name, *args), typed)
        self.handover.refresh_from_db()
        return answer


AREA = {"title": "Night calls", "criticality": 5, "uniqueness": 5, "urgency": 4}


def test_a_whole_handover(ward: Cast, django_capture_on_commit_callbacks: Any) -> None:
    activity = ActivityPageFactory(title="Contact list")
    leaver, manager = Door(ward, ward.leaver), Door(ward, ward.manager)
    member, successor = Door(ward, ward.member), Door(ward, ward.successor)

    assert leaver.post("areas", **AREA).status_code == 302
    area = ward.handover.areas.get()
    assert leaver.post("questions").status_code == 302
    member.post("ask", text="Who has keys?", named="yes")
    member.post("ask", text="Why is it so?", named="no")
    assert b"Who has keys?" in leaver.get("questions").content
    assert b"Why is it so?" not in leaver.get("questions").content
    leaver.post("close_questions")
    assert b"Why is it so?" in leaver.get("questions").content
    asked = TeamRequest.objects.get(named=True)
    leaver.post("question", asked.pk, answer="The porter.")
    leaver.post("question", asked.pk, do="file", area=area.pk)
    asked.refresh_from_db()
    assert (asked.answer, asked.area) == ("The porter.", area)

    leaver.post("priorities", **{f"area-{area.pk}-priority": "high", "do": "propose"})
    assert OutgoingMail.objects.filter(to=ward.manager.email).exists()
    manager.post("priorities", **{f"area-{area.pk}-priority": "high", "do": "agree"})
    assert ward.handover.priorities == Agreed.YES

    plan = {"area": area.pk, "activity": activity.pk, "recipient": "Sam", "minutes": 30}
    assert b"Contact list" in leaver.get("plan").content
    leaver.post("add_action", **plan, due=ward.handover.last_day.isoformat())
    manager.post("plan", do="agree", hours="1.5")
    assert (ward.handover.plan, ward.handover.rostered_minutes) == (Agreed.YES, 90)
    leaver.post("action", ward.handover.actions.get().pk, do="done")

    upload = SimpleUploadedFile("rota.txt", b"The rota is in the drawer.", "text/plain")
    contacts = {"title": "Contacts", "visibility": "team", "rows": 2, "area": area.pk}
    cells = {"name-0": "Ana Reyes", "what_for-0": "Broken pumps"}
    with django_capture_on_commit_callbacks(execute=True):
        made = leaver.post("new_output", "contacts", **contacts, **cells, files=upload, do="share")
    output = KnowledgeOutput.objects.get()
    assert made.url == leaver.url("share_output", output.pk)
    run_due_jobs()
    assert b"Ana Reyes" in leaver.get("share_output", output.pk).content
    shared = leaver.post("share_output", output.pk, seen=output.changed_at.isoformat())
    assert shared.status_code == 302
    page = KnowledgeAssetPage.objects.get()
    assert page.live
    assert visible_to(KnowledgeAssetPage.objects.all(), ward.member).exists()
    assert b"Broken pumps" in member.client.get(page.url).content

    successor.post("say_back", area.pk, **{f"area-{area.pk}-text": "I call Ana."})
    successor.post("gap", text="Where is the drawer?")
    gap = ward.handover.gaps.get()
    leaver.post("settle_gap", gap.pk, do="answer", answer="Left of the door.")
    successor.post("accept", do="accept")
    assert ward.handover.state == HandoverState.ACCEPTED


def test_starting_takes_three_answers(ward: Cast) -> None:
    Handover.objects.all().delete()
    client = client_of(ward.leaver)
    shown = client.get(reverse("km_toolkit:start_handover"))
    typed = {
        "post": ward.handover.post.pk,
        "last_day": (timezone.localdate()).isoformat(),
        "line_manager": ward.manager.pk,
        "reason": "leaving",
    }
    assert shown.status_code == 200
    answer = client.post(reverse("km_toolkit:start_handover"), typed)
    made = Handover.objects.get()
    assert answer.url == reverse("km_toolkit:handover", args=[made.pk])
    assert made.express
    page = client.get(answer.url).content.decode()
    assert "Your team does not know yet" in page


def test_whoever_may_start_very_many_finds_the_post_by_its_words(ward: Cast) -> None:
    Handover.objects.all().delete()
    team, address = ward.handover.post.team, reverse("km_toolkit:start_handover")
    for number in range(MOST_LISTED + 1):
        PostFactory(title=f"Porter {number}", team=team)
    client = client_of(ward.knowledge_manager)
    first = client.get(address).content.decode()
    assert "These are the first" in first
    assert "<select" not in first
    assert "No post has all" in client.get(address, {"q": "porter nowhere"}).content.decode()
    holder = ward.handover.post.holder.first_name
    found = client.get(address, {"q": f"{holder} {ward.handover.post.title}"})
    assert [each.pk for each in found.context["posts"]] == [ward.handover.post.pk]
    form = client.get(address, {"post": ward.handover.post.pk}).content.decode()
    assert form.count(f'value="{ward.handover.post.pk}" selected') == 1
    assert "Porter 1" not in form
    typed = {"post": ward.handover.post.pk, "last_day": timezone.localdate().isoformat()}
    wrong = client.post(address, {**typed, "reason": "leaving"})
    assert wrong.status_code == 422, "the manager is missing"
    assert "Look for another post" in wrong.content.decode()
    right = client.post(address, {**typed, "reason": "leaving", "line_manager": ward.manager.pk})
    assert right.url == reverse("km_toolkit:handover", args=[Handover.objects.get().pk])


def test_express_keeps_five_answers_and_changes_them(ward: Cast) -> None:
    leaver = Door(ward, ward.leaver)
    photo = SimpleUploadedFile("board.txt", b"whiteboard", "text/plain")
    leaver.post("express", unfinished="The rota\n\nand the order", **{"files-places": photo})
    assert {each.prompt for each in ward.handover.outputs.all()} == {"unfinished", "places"}
    again = leaver.get("express").content.decode()
    assert "The rota\n\nand the order" in again
    leaver.post("express", unfinished="Only the order")
    assert ward.handover.outputs.count() == 2
    assert "Only the order" in str(ward.handover.outputs.get(prompt="unfinished").body)


def addresses(ward: Cast) -> list[str]:
    """Every address of the handover that has no further part."""
    own = [each.name for each in urlpatterns if str(each.pattern).startswith("<km_key:pk>/")]
    plain = [n for n in own if len(_converters(n)) == 1]
    return [reverse(f"km_toolkit:{name}", args=[ward.handover.pk]) for name in plain]


def _converters(name: str) -> dict[str, Any]:
    return next(dict(each.pattern.converters) for each in urlpatterns if each.name == name)


def test_strangers_get_the_answer_of_an_address_that_does_not_exist(ward: Cast) -> None:
    for who in (ward.other, ward.deputy):
        client = client_of(who)
        for address in addresses(ward):
            allowed = who == ward.deputy and "/ask/" in address
            if not allowed and "/help/offer/" not in address:
                assert client.get(address).status_code in (404, 405), address
    anonymous = Client()
    for address in addresses(ward):
        assert anonymous.get(address).status_code in (302, 405), address


def test_the_team_sees_the_question_page_and_nothing_else(ward: Cast) -> None:
    client = client_of(ward.steward)
    seen = {each for each in addresses(ward) if client.get(each).status_code == 200}
    assert seen == {reverse("km_toolkit:ask", args=[ward.handover.pk])}


def test_a_guest_asks_by_link_and_looking_does_nothing(ward: Cast) -> None:
    leaver = Door(ward, ward.leaver)
    leaver.post("questions")
    mail.outbox.clear()
    with_link = leaver.post("invite_to_ask", email="bank@example.org")
    assert with_link.status_code == 302
    link = ward.handover.links.get()
    assert link.works
    wrong = Client().get(reverse("km_toolkit:ask_by_link", args=["x" * 43]))
    assert wrong.status_code == 404
    leaver.post("invite_to_ask", end=link.pk)
    link.refresh_from_db()
    assert not link.works


def test_an_interview_is_for_two_until_it_is_approved(ward: Cast) -> None:
    helper, leaver, manager = (
        Door(ward, getattr(ward, n)) for n in ("helper", "leaver", "manager")
    )
    helper.post("start_interview", area="")
    interview = ward.handover.interviews.get()
    assert manager.get("interview", interview.pk).status_code == 404
    first = interview.answers.first()
    recording = SimpleUploadedFile("talk.txt", b"words", "text/plain")
    typed = {f"answer-{first.pk}": "Check the pump first.", "do": "ready"}
    helper.post("interview", interview.pk, **typed, recording=recording)
    interview.refresh_from_db()
    assert interview.recording is None
    assert interview.answers.first().answer == "Check the pump first."
    leaver.post("interview", interview.pk, do="approve")
    assert "Check the pump first." in str(ward.handover.outputs.get().body)


def test_an_error_keeps_what_was_typed(ward: Cast) -> None:
    leaver = Door(ward, ward.leaver)
    answer = leaver.post("areas", **{**AREA, "title": "", "why": "Because it is so"})
    assert answer.status_code == 422
    assert b"Because it is so" in answer.content
    answer = leaver.post("new_output", "how-to", title="", rows=3, **{"title-0": "First do this"})
    assert answer.status_code == 422
    assert b"First do this" in answer.content


def test_the_list_has_a_constant_number_of_queries(
    ward: Cast, django_assert_max_num_queries: Any
) -> None:
    client = client_of(ward.knowledge_manager)
    url = reverse("km_toolkit:handovers")
    Handover.objects.update(line_manager=ward.knowledge_manager)
    client.get(url)
    with django_assert_max_num_queries(100) as one:
        client.get(url)
        queries = len(one.captured_queries)
    for number in range(19):
        Handover.objects.create(
            post=ward.handover.post,
            leaver_name=f"Person {number}",
            line_manager=ward.knowledge_manager,
            last_day=timezone.localdate(),
        )
    with django_assert_max_num_queries(queries):
        assert client.get(url).content.count(b"km-progress") > 20


def test_dates_and_people_are_changed(ward: Cast) -> None:
    leaver = Door(ward, ward.leaver)
    typed = {
        "last_day": "2031-05-02",
        "reason": "moving",
        "line_manager": ward.manager.pk,
        "deputy": "",
        "successor": ward.member.pk,
    }
    assert leaver.post("facts", **typed).status_code == 302
    assert str(ward.handover.last_day) == "2031-05-02"
    assert ward.handover.successor == ward.member
    assert leaver.post("facts", **{**typed, "last_day": ""}).status_code == 422


@pytest.mark.parametrize("name", ["express", "interview", "output"])
def test_forms_with_files_pass_the_check_against_forged_requests(ward: Cast, name: str) -> None:
    interview = ward.handover.interviews.create()
    interview.answers.create(question="Why?")
    output = ward.handover.outputs.create(title="Output")
    args = {"interview": [interview.pk], "output": [output.pk]}.get(name, [])
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ward.leaver)
    url = reverse(f"km_toolkit:{name}", args=[ward.handover.pk, *args])
    assert strict.post(url, {"title": "Forged"}).status_code == 403
    token = strict.get(url).cookies["csrftoken"].value
    typed = {"csrfmiddlewaretoken": token, "title": "Right", "visibility": "team"}
    assert strict.post(url, typed).status_code in (200, 302)


def test_a_leaver_is_asked_whether_and_until_when_they_may_be_asked_afterwards(ward: Cast) -> None:
    leaver = Door(ward, ward.leaver)
    text = leaver.get("afterwards").content.decode()
    link = f"{reverse('km_pages:my_offer')}?leaves_on={ward.handover.last_day.isoformat()}"
    assert link in text
    form = leaver.client.get(link).content.decode()
    assert f'value="{ward.handover.last_day.isoformat()}"' in form
    assert "May people still ask you after you have left?" in form


def test_the_manager_reads_what_the_team_asks_beside_each_area(ward: Cast) -> None:
    area = ward.handover.areas.create(title="Night calls")
    ward.handover.requests.create(text="Whom do I ring at two?", released=True, area=area)
    ward.handover.areas_shared_at = timezone.now()
    ward.handover.save()
    page = Door(ward, ward.manager).get("priorities").content.decode()
    assert "Whom do I ring at two?" in page


def test_many_files_are_captured_at_once_each_linked_to_area_action_and_activity(
    ward: Cast,
) -> None:
    area = ward.handover.areas.create(title="Night calls")
    activity = ActivityPageFactory(title="Handover folder")
    action = ward.handover.actions.create(
        area=area, title="Folder", recipient="Us", due="2030-01-01", activity=activity
    )
    leaver = Door(ward, ward.leaver)
    form = leaver.client.get(leaver.url("new_output", "note") + f"?action={action.pk}")
    assert form.context["form"].initial["action"] == action.pk
    typed = {"title": "All of it", "summary": "Look here.", "visibility": "team", "apart": "on"}
    typed |= {"action": action.pk, "key": "5f0c1a0e-3b3c-4a52-9f11-0d1d1f0f4a10"}
    for _twice in range(2):
        files = [SimpleUploadedFile(f"page_{n}.txt", b"Words %d" % n) for n in range(20)]
        assert leaver.post("new_output", "note", **typed, files=files).status_code == 302
    rows = ward.handover.outputs.all()
    assert len(rows) == 20
    assert {row.title for row in rows} == {f"page {n}" for n in range(20)}
    assert {(row.area, row.action, row.activity, row.summary) for row in rows} == {
        (area, action, activity, "Look here.")
    }
    assert all(len(row.attached) == 1 for row in rows)


def test_whoever_has_offered_to_help_is_taken_at_their_word(ward: Cast) -> None:
    Door(ward, ward.member).post("offer_help")
    leaver = Door(ward, ward.leaver)
    assert "Yes please" in leaver.get("help").content.decode()
    leaver.post("help", person=ward.member.pk)
    assert ward.handover.helping.get(person=ward.member).state == "accepted"


def test_a_manager_is_led_to_what_waits_for_them_before_what_waits_for_the_team(
    ward: Cast,
) -> None:
    area = ward.handover.areas.create(title="Night calls")
    leaver = Door(ward, ward.leaver)
    leaver.post("questions")
    leaver.post("share_areas")
    leaver.post("priorities", **{f"area-{area.pk}-priority": "high", "do": "propose"})
    answer = Door(ward, ward.manager).get("handover")
    assert answer.context["next"].page == "priorities"
    assert "Waiting for you" in answer.content.decode()


def test_my_page_names_what_waits_for_each(ward: Cast) -> None:
    Door(ward, ward.leaver).post("questions")
    waits = {
        ward.leaver: reverse("km_toolkit:areas", args=[ward.handover.pk]),
        ward.member: reverse("km_toolkit:ask", args=[ward.handover.pk]),
        ward.asked: reverse("km_toolkit:help", args=[ward.handover.pk]),
    }
    for person, url in waits.items():
        page = client_of(person).get(reverse("km_pages:my_page")).content.decode()
        waiting, _heading, after = page.partition("Waiting for you")[2].partition("<h2>")
        assert url in waiting
        assert reverse("km_toolkit:mails") in after
        assert "Nothing waits" not in page
    page = client_of(ward.other).get(reverse("km_pages:my_page")).content.decode()
    assert "Ward sister" not in page
    assert "Nothing waits for you." in page


@pytest.mark.parametrize("page", ["add_action", "new_output"])
def test_the_notice_on_freedom_of_information_stands_where_people_write(
    ward: Cast, page: str
) -> None:
    leaver = Door(ward, ward.leaver)
    shown = leaver.get(page, *(["note"] if page == "new_output" else [])).content.decode()
    assert "freedom of information" in shown
    begin = client_of(ward.leaver).get(reverse("km_toolkit:start_handover")).content.decode()
    assert "freedom of information" in begin


def test_enter_in_a_field_of_what_is_captured_keeps_it_and_removes_no_file(ward: Cast) -> None:
    """Enter presses the first button of a form."""
    leaver = Door(ward, ward.leaver)
    upload = SimpleUploadedFile("a.txt", b"Ring.", content_type="text/plain")
    leaver.post("new_output", "note", title="Bleeps", visibility="team", files=upload)
    shown = leaver.get("output", ward.handover.outputs.get().pk).content.decode()
    form = shown.partition('enctype="multipart/form-data"')[2]
    assert 'value="save"' in form[form.index("<button") :].partition(">")[0]


def test_dates_captured_with_a_day_come_back_each_year_in_a_calendar(ward: Cast) -> None:
    client = Client()
    client.force_login(ward.leaver)
    typed = {"title": "The year", "visibility": "team", "rows": "3", "do": "save"}
    typed |= {"what-0": "Flu vaccine", "date-0": "2027-04-02", "every_year-0": "on"}
    typed |= {"what-1": "Audit", "when_text-1": "first Monday in May"}
    address = reverse("km_toolkit:new_output", args=[ward.handover.pk, "calendar"])
    assert client.post(address, typed).status_code == 302
    output = ward.handover.outputs.get()
    first, second = output.body[0].value["entries"]
    assert (first["when_text"], first["every_year"]) == ("2 April", True)
    assert (second["date"], second["when_text"]) == (None, "first Monday in May")
    again = client.get(reverse("km_toolkit:output", args=[ward.handover.pk, output.pk]))
    assert 'value="2027-04-02"' in again.content.decode()
    ShareOutput(handover=ward.handover, by=ward.leaver, output=output).execute()
    output.refresh_from_db()
    dates = client.get(reverse("km_pages:item_dates", args=[output.page_id])).content.decode()
    assert "DTSTART;VALUE=DATE:20270402" in dates
    assert "RRULE:FREQ=YEARLY" in dates
