"""Stories 9, 10 and 12 of the field, and what makes people walk away, through the pages.

In a browser, with real files, 9 and 10 are gone through in tests/browser/test_handover_journey.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry

from km_pages.drain import drain
from km_pages.models import KnowledgeAssetPage, OutgoingMail
from km_pages.work import run_due_jobs
from km_toolkit.models import TeamRequest
from tests.factories import ActivityPageFactory
from tests.files.building import docx, paragraph
from tests.pages.adding import make_workflow
from tests.pages.indexing import found_by
from tests.toolkit.handovers import Cast, cast
from tests.toolkit.test_handover_pages import Door

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
PATIENT = b"Patient list. NHS number: 943 476 5919, ring the lab."


@pytest.fixture
def ward() -> Cast:
    return cast()


def text(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def share(leaver: Door, output: Any, **given: Any) -> Any:
    seen = output.changed_at.isoformat()
    return leaver.post("share_output", output.pk, seen=seen, **given)


def test_story_9_twenty_files_are_said_once_then_each_and_signs_of_patients_are_overridden_by_name(
    ward: Cast,
) -> None:
    area = ward.handover.areas.create(title="Night calls")
    action = ward.handover.actions.create(
        area=area,
        title="Folder",
        recipient="Us",
        due="2030-01-01",
        activity=ActivityPageFactory(title="Handover folder"),
    )
    leaver = Door(ward, ward.leaver)
    files = [text(f"page_{n}.txt", b"Words %d" % n) for n in range(19)]
    files.append(text("patients.txt", PATIENT))
    typed = {"title": "All", "visibility": "team", "apart": "on", "action": action.pk}
    assert leaver.post("new_output", "note", **typed, files=files).status_code == 302
    run_due_jobs()
    outputs = {each.title: each for each in ward.handover.outputs.all()}
    assert len(outputs) == 20
    linked = {(each.area, each.action, each.activity) for each in outputs.values()}
    assert linked == {(area, action, action.activity)}
    # Then one differs.
    one = outputs["page 3"]
    changed = {"title": "Codes of the doors", "visibility": "organisation", "area": area.pk}
    kept = [each.pk for each in one.attached]
    seen = one.changed_at.isoformat()
    leaver.post("output", one.pk, **changed, kept=kept, seen=seen, do="save")
    one.refresh_from_db()
    assert (one.title, one.visibility) == ("Codes of the doors", "organisation")
    assert outputs["page 4"].visibility == "team"
    # And what looks like data about a patient is shared by somebody who says so, or not at all.
    patients = outputs["patients"]
    warned = leaver.get("share_output", patients.pk).content.decode()
    assert "943 476 5919" not in warned
    assert share(leaver, patients).status_code == 200
    assert not KnowledgeAssetPage.objects.exists()
    (looked,) = re.findall(r'name="looked" value="([^"]+)"', warned)
    share(leaver, patients, looked=looked)
    page = KnowledgeAssetPage.objects.get()
    assert PageLogEntry.objects.get(page=page, action="km_pages.looked").user == ward.leaver


def test_story_10_a_word_that_stands_only_in_the_file_is_found_by_those_who_may(
    ward: Cast,
) -> None:
    leaver = Door(ward, ward.leaver)
    letter = SimpleUploadedFile("plan.docx", docx(paragraph("The bleep hangs behind quillwort.")))
    leaver.post("new_output", "note", title="Bleeps", visibility="team", files=letter)
    run_due_jobs()
    share(leaver, ward.handover.outputs.get())
    drain()
    for person in (ward.member, ward.leaver, ward.steward):
        (hit,) = found_by(person, "quillwort").hits
        assert hit.title == "Bleeps"
        assert "quillwort" in str(hit.snippet)
    for person in (ward.other, None):
        found = found_by(person, "quillwort")
        assert (list(found.hits), found.total) == ([], 0)
        assert not any(each.values for each in found.facets)


def test_story_12_what_a_leaver_kept_goes_to_the_successor_and_one_click_keeps_it_right(
    ward: Cast,
) -> None:
    leaver = Door(ward, ward.leaver)
    for title in ("Bleeps", "Keys"):
        leaver.post("new_output", "note", title=title, visibility="team", notes="Ask Ana.")
        share(leaver, ward.handover.outputs.get(title=title))
    pages = list(KnowledgeAssetPage.objects.all())
    assert {each.owner for each in pages} == {ward.leaver}
    ward.leaver.is_active = False
    ward.leaver.save()
    assert {each.owner for each in KnowledgeAssetPage.objects.all()} == {ward.successor}
    assert PageLogEntry.objects.filter(action="km_pages.passed_on").count() == 2
    assert OutgoingMail.objects.filter(to=ward.successor.email, body__contains="Bleeps").exists()

    overdue = timezone.localdate() - datetime.timedelta(days=1)
    KnowledgeAssetPage.objects.update(review_due=overdue)
    page = KnowledgeAssetPage.objects.first()
    client = Client()
    client.force_login(ward.successor)
    assert "This may be out of date" in client.get(page.url).content.decode()
    client.post(reverse("km_pages:still_right", args=[page.pk]))
    page.refresh_from_db()
    assert page.reviewed_by == ward.successor
    assert page.review_due > timezone.localdate()
    assert "This may be out of date" not in client.get(page.url).content.decode()


def test_without_a_successor_it_goes_to_a_steward_of_the_team(ward: Cast) -> None:
    leaver = Door(ward, ward.leaver)
    leaver.post("new_output", "note", title="Bleeps", visibility="team", notes="Ask Ana.")
    share(leaver, ward.handover.outputs.get())
    ward.handover.successor = None
    ward.handover.save()
    ward.leaver.is_active = False
    ward.leaver.save()
    assert KnowledgeAssetPage.objects.get().owner == ward.steward


def test_bank_staff_without_an_account_ask_by_the_link_in_a_mail(ward: Cast) -> None:
    Door(ward, ward.leaver).post("questions")
    Door(ward, ward.leaver).post("invite_to_ask", email="bank@example.org")
    run_due_jobs()
    (sent,) = [each for each in mail.outbox if each.to == ["bank@example.org"]]
    (path,) = re.findall(r"https?://[^/\s]+(/\S+)", str(sent.body))[:1]
    guest = Client()
    assert guest.get(path).status_code == 200
    assert not TeamRequest.objects.exists()
    guest.post(path, {"text": "Who has the keys at night?", "named": "no"})
    assert TeamRequest.objects.get().text == "Who has the keys at night?"


def test_in_a_team_of_five_the_form_says_that_people_may_guess(ward: Cast) -> None:
    Door(ward, ward.leaver).post("questions")
    form = Door(ward, ward.member).get("ask").content.decode()
    assert "In a small team people may still guess" in form
    for number in range(5):
        Door(ward, ward.member).post("ask", text=f"Question {number}", named="no")
    # Nothing of them is shown before they are shown together, without times.
    asked = TeamRequest.objects.filter(author=None)
    assert asked.count() == 5
    assert {(each.released, each.asked_at) for each in asked} == {(False, None)}
    assert "Question 3" not in Door(ward, ward.leaver).get("questions").content.decode()
    Door(ward, ward.leaver).post("close_questions")
    shown = Door(ward, ward.leaver).get("questions").content.decode()
    assert all(f"Question {number}" in shown for number in range(5))


def test_to_ones_own_team_the_holders_word_is_enough_and_wider_goes_to_moderation(
    ward: Cast,
) -> None:
    make_workflow()
    leaver = Door(ward, ward.leaver)
    for title, visibility in (("For us", "team"), ("For all", "organisation")):
        leaver.post("new_output", "note", title=title, visibility=visibility, notes="Ask Ana.")
        share(leaver, ward.handover.outputs.get(title=title))
    pages = {each.title: each for each in KnowledgeAssetPage.objects.all()}
    assert pages["For us"].live
    assert not pages["For all"].live
    assert pages["For all"].workflow_in_progress
    assert OutgoingMail.objects.filter(to=ward.steward.email).exists()
