"""The menu, a module section by section, completed elsewhere: what people see, and what nobody."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from wagtail.documents.models import Document
from wagtail.models import Collection, PageViewRestriction

from km_pages.models import StoredFile
from km_toolkit.actions.record_learning import CorrectEntry, Learned
from km_toolkit.models import (
    ElsewhereCompletion,
    LearningEntry,
    LearningSettings,
    ModuleProgress,
)
from km_toolkit.modules import sections_of
from km_toolkit.record_evidence import Period, record_csv, record_of
from km_toolkit.signals import module_completed
from tests.factories import (
    ActivityPageFactory,
    PhaseFactory,
    TechniquePageFactory,
    UserFactory,
)
from tests.toolkit.learning import CHECK, keys, make_index, make_module

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
SCRIPT = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What listeners were told of completions."""
    heard: list[dict[str, Any]] = []

    def listen(**given: Any) -> None:
        heard.append(given)

    module_completed.connect(listen, weak=False)
    yield heard
    module_completed.disconnect(listen)


def end_of(page: Any) -> str:
    return reverse("km_learning:end", args=[page.pk])


def at(page: Any, number: int) -> str:
    return reverse("km_learning:section", args=[page.pk, number])


def signed_in(**values: Any) -> tuple[Any, Client]:
    user, client = UserFactory(**values), Client()
    client.force_login(user)
    return user, client


def test_a_learner_works_through_a_module_without_script() -> None:
    page = make_module(completion="right", minutes=7)
    user, client = signed_in()
    assert b"Begin" in client.get(page.url).content
    assert client.post(at(page, 1), {"do": "next"}).url == at(page, 2)
    done = client.post(
        at(page, 2), {"do": "next", "text": "Last Tuesday", "version": "0", "was": ""}
    )
    assert done.url == at(page, 3)
    assert b"Go on where you stopped" in client.get(page.url).content
    right, wrong = (each.key for each in sections_of(page)[2].answers)
    nothing = client.post(at(page, 3), {"do": "check"})
    assert (nothing.status_code, b"Choose an answer first" in nothing.content) == (422, True)
    assert client.post(at(page, 3), {"do": "check", "answer": wrong}).url.endswith("#feedback")
    assert b"That seeks somebody to blame." in client.get(at(page, 3)).content
    # Wrong, and nobody is stopped.
    assert client.post(at(page, 3), {"do": "next"}).url == reverse(
        "km_learning:end", args=[page.pk]
    )
    assert b"not answered rightly yet" in client.get(end_of(page)).content
    client.post(at(page, 3), {"do": "check", "answer": right})
    assert b"You completed this module on" in client.get(end_of(page)).content
    assert b"Last Tuesday" in client.get(at(page, 2)).content
    assert ModuleProgress.objects.get().user == user


def test_a_completion_stands_in_the_record_once_however_often_it_is_gone_through() -> None:
    page = make_module(title="Ask others first", completion="seen", minutes=7)
    user, client = signed_in()
    for _again in range(2):
        for number in (1, 2, 3):
            client.post(at(page, number), {"do": "next"})
    client.post(reverse("km_learning:elsewhere"), form(title="A course", minutes="25"))
    entries = LearningEntry.objects.filter(owner=user)
    assert sorted((each.what, each.minutes) for each in entries) == [
        ("A course (Our learning system)", 25),
        ("Ask others first", 7),
    ]
    assert reverse("km_record:record").encode() in client.get(end_of(page)).content


def test_a_stranger_reads_and_tries_everything_and_nothing_is_kept() -> None:
    page = make_module()
    client = Client()
    right = sections_of(page)[2].answers[0].key
    assert (
        b"Yes. Begin there." in client.post(at(page, 3), {"do": "check", "answer": right}).content
    )
    assert client.post(at(page, 1), {"do": "next"}).url == at(page, 2)
    lost = client.post(at(page, 2), {"do": "next", "text": "Typed when signed out"})
    assert (lost.status_code, b"Typed when signed out" in lost.content) == (422, True)
    assert client.get(end_of(page)).status_code == 200
    assert client.post(at(page, 2), {"text": "x"}, **SCRIPT).status_code == 401
    assert not ModuleProgress.objects.exists()


def test_two_devices_write_by_script_and_both_texts_are_shown() -> None:
    page = make_module()
    user, ward = signed_in()
    phone = Client()
    phone.force_login(user)
    first = ward.post(at(page, 2), {"text": "From the ward", "version": "0"}, **SCRIPT).json()
    second = phone.post(at(page, 2), {"text": "From the bus", "version": "0"}, **SCRIPT).json()
    assert (first["version"], second["version"], second["others"]) == (1, 2, 1)
    shown = ward.get(at(page, 2)).content.decode()
    assert "From the bus</textarea>" in shown
    assert "From the ward" in shown
    ward.post(at(page, 2), {"do": "drop", "version": "2"})
    assert "From the ward" not in ward.get(at(page, 2)).content.decode()


def test_nobody_meets_somebody_elses_progress() -> None:
    page = make_module(completion="seen")
    _owner, client = signed_in()
    client.post(at(page, 2), {"text": "A secret thought", "version": "0"}, **SCRIPT)
    for number in (1, 2, 3):
        client.post(at(page, number), {"do": "next"})
    for other in (signed_in()[1], signed_in(is_superuser=True)[1], Client()):
        for url in (
            at(page, 2),
            page.url,
            page.get_parent().url,
            reverse("km_learning:end", args=[page.pk]),
        ):
            said = other.get(url).content
            assert b"A secret thought" not in said
            assert b"Completed" not in said.replace(b"Completed elsewhere", b"")


def test_a_module_behind_a_restriction_is_as_if_it_did_not_exist() -> None:
    page = make_module()
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    _user, client = signed_in()
    for url in (at(page, 1), end_of(page), at(page, 1) + "film/"):
        assert client.get(url).status_code == 404
        assert Client().get(url).status_code == 302
    assert client.post(at(page, 1), {"do": "next"}).status_code == 404
    assert page.title.encode() not in client.get(page.get_parent().url).content
    draft = make_module(title="Draft")
    draft.unpublish()
    assert client.get(at(draft, 1)).status_code == 404


def test_the_menu_stands_by_phase_with_own_ticks_and_links_elsewhere() -> None:
    before = PhaseFactory(name="Before you start", elearning_url="https://example.org/before")
    technique = TechniquePageFactory(
        title="Peer assist", primary_phase=before, elearning_url="https://example.org/peer"
    )
    page = make_module(title="Ask others first", technique=technique, completion="seen")
    other = make_module(title="Only begun")
    _user, client = signed_in()
    for number in (1, 2, 3):
        client.post(at(page, number), {"do": "next"})
    client.post(at(other, 1), {"do": "next"})
    response = client.get(page.get_parent().url)
    rows = {row.title: row for group in response.context["groups"] for row in group.rows}
    assert [group.title for group in response.context["groups"]] == [
        "Before you start",
        "Other modules",
    ]
    assert set(rows) == {
        "Ask others first",
        "E-learning: Before you start",
        "E-learning: Peer assist",
        "Only begun",
    }
    assert rows["Ask others first"].done_on is not None
    assert (rows["Only begun"].done_on, rows["Only begun"].begun) == (None, True)
    assert b'href="https://example.org/peer"' in response.content
    assert (response.context["done"], response.context["all"]) == (1, 4)
    stranger = Client().get(page.get_parent().url)
    assert (stranger.context["done"], stranger.context["all"]) == (0, 4)


def test_the_menu_as_pdf_names_its_owner_and_ticks() -> None:
    page = make_module(title="Ask others first", completion="seen", technique=None)
    _user, client = signed_in(first_name="Ines", last_name="Marsh")
    for number in (1, 2, 3):
        client.post(at(page, number), {"do": "next"})
    response = client.get(reverse("km_learning:menu_pdf"))
    assert response.headers["Cache-Control"] == "private, no-store"
    paper = PdfReader(io.BytesIO(response.content))
    text = paper.pages[0].extract_text()
    assert "Ines Marsh" in text
    assert "1 of 1 completed" in text
    assert len(paper.pages) == 1
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert paper.metadata is not None
    assert paper.metadata.title == "Module menu"
    assert text.index("Module menu") < text.index("Ines Marsh") < text.index("Ask others first")
    stranger = PdfReader(io.BytesIO(Client().get(reverse("km_learning:menu_pdf")).content))
    assert "Ines" not in stranger.pages[0].extract_text()
    assert "completed" not in stranger.pages[0].extract_text()


def form(**values: Any) -> dict[str, Any]:
    return {
        "key": "0d4f2f3e-5f3f-4d55-8f46-0f5a5f6f7a81",
        "title": "E-learning",
        "where": "Our learning system",
        "completed_on": "2026-05-04",
        "minutes": "25",
        "proof_text": "Certificate 4711",
        **values,
    }


def test_completed_elsewhere_ticks_the_row_once_and_keeps_the_proof_private(
    told: list[dict[str, Any]],
) -> None:
    page = make_module(title="Ask others first")
    user, client = signed_in()
    url = reverse("km_learning:elsewhere")
    target = f"module:{page.pk}"
    proof = ContentFile(b"Certificate for Ines", name="certificate.txt")
    for _again in range(2):
        proof.seek(0)
        sent = {**form(of=target, proof_text=""), "proof": proof}
        assert client.post(url, sent).status_code == 302
    row = ElsewhereCompletion.objects.get()
    assert [(each["key"], each["page"].pk) for each in told] == [(f"elsewhere:{row.pk}", page.pk)]
    assert (row.target, row.page_id, row.user) == (target, page.pk, user)
    shown = {
        each.title: each
        for group in client.get(page.get_parent().url).context["groups"]
        for each in group.rows
    }
    assert str(shown["Ask others first"].done_on) == "2026-05-04"
    file = StoredFile.objects.get(pk=row.proof_file_id)
    address = reverse("km_pages:file", args=[file.uuid, file.name])
    assert client.get(address).status_code == 200
    entry = LearningEntry.objects.get(owner=user)
    assert [each.stored_file for each in entry.evidence.all()] == [file]
    assert entry.what == "E-learning (Our learning system)"
    strangers = [signed_in(), signed_in(is_staff=True), signed_in(is_superuser=True)]
    for _other, other in strangers:
        assert other.get(address).status_code == 404
        taken = other.post(reverse("km_learning:take_back_elsewhere", args=[row.pk]))
        assert taken.status_code == 404
    assert not StoredFile.objects.unused().filter(pk=file.pk).exists()
    client.post(reverse("km_learning:take_back_elsewhere", args=[row.pk]))
    rows = client.get(page.get_parent().url).context["groups"][0].rows
    assert [each.done_on for each in rows] == [None]


def test_what_shows_it_in_words_stands_as_evidence_also_after_a_correction() -> None:
    make_index()
    user, client = signed_in()
    client.post(reverse("km_learning:elsewhere"), form())
    entry = LearningEntry.objects.get(owner=user)
    corrected = replace(Learned.of(entry), aim="To begin")
    CorrectEntry(owner=user, entry=entry, learned=corrected).execute()
    rows = record_of(user, Period())["rows"]
    assert [(row["what"], row["aim"], row["files"]) for row in rows] == [
        ("E-learning (Our learning system)", "To begin", ["Certificate 4711"])
    ]
    assert "Certificate 4711" in record_csv(user, Period())


def test_the_key_of_somebody_elses_form_is_as_good_as_any() -> None:
    make_index()
    people = [signed_in(), signed_in()]
    for _user, client in people:
        answer = client.post(reverse("km_learning:elsewhere"), form())
        assert answer.status_code == 302
    assert {each.user for each in ElsewhereCompletion.objects.all()} == {u for u, _c in people}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"completed_on": "2999-01-01"}, "has not come yet"),
        ({"proof_text": " "}, "Add a file that shows it"),
        ({"title": ""}, "Say what you completed"),
        ({"minutes": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_with_it_is_said_and_nothing_typed_is_lost(
    wrong: dict[str, str], words: str
) -> None:
    make_index()
    _user, client = signed_in()
    response = client.post(reverse("km_learning:elsewhere"), form(where="Anytown", **wrong))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert "Anytown" in response.content.decode()
    assert not ElsewhereCompletion.objects.exists()


def test_the_organisation_says_how_to_get_a_record_from_its_own_system() -> None:
    page = make_module()
    said = LearningSettings.for_site(page.get_site())
    said.record_instruction = "Open Transcripts, then choose Print."
    said.save()
    assert b"Open Transcripts" in Client().get(page.get_parent().url).content
    assert b"Open Transcripts" in signed_in()[1].get(reverse("km_learning:elsewhere")).content


def test_a_technique_and_an_activity_lead_to_their_module() -> None:
    technique, activity = TechniquePageFactory(), ActivityPageFactory()
    page = make_module(title="Ask others first", technique=technique)
    walk = make_module(title="Walk it through", activity=activity)
    assert page.url.encode() in Client().get(technique.url).content
    assert walk.url.encode() in Client().get(activity.url).content
    hidden = make_module(title="Hidden", technique=technique)
    PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.GROUPS)
    assert b"Hidden" not in Client().get(technique.url).content


def test_a_film_is_given_in_parts_and_nothing_of_it_before_it_is_asked_for() -> None:
    Collection.objects.first() or Collection.add_root(name="Root")
    film = Document.objects.create(title="Film", file=ContentFile(b"0123456789", name="f.mp4"))
    said = Document.objects.create(title="Said", file=ContentFile(b"WEBVTT", name="f.vtt"))
    value = {
        "heading": "Watch",
        "film": film.pk,
        "captions": said.pk,
        "address": "",
        "minutes": 1,
        "text": "What is said",
    }
    page = make_module(sections=[("video", value | {"film": film, "captions": said})])
    client = Client()
    shown = client.get(at(page, 1)).content.decode()
    assert 'preload="none"' in shown
    assert at(page, 1) + "captions/" in shown
    part = client.get(at(page, 1) + "film/", HTTP_RANGE="bytes=2-4")
    assert (part.status_code, b"".join(part)) == (206, b"234")
    assert part.headers["Content-Type"] == "video/mp4"
    assert client.get(at(page, 1) + "captions/").headers["Content-Type"] == "text/vtt"
    film.delete()
    said.delete()


@pytest.mark.parametrize("many", [1, 20])
def test_menu_and_section_take_as_many_queries_for_twenty_modules(
    many: int, django_assert_num_queries: Any
) -> None:
    phase = PhaseFactory(elearning_url="https://example.org/")
    pages = []
    for number in range(many):
        technique = TechniquePageFactory(
            primary_phase=phase, elearning_url=f"https://example.org/{number}"
        )
        pages.append(make_module(title=f"Module {number}", technique=technique))
    user, client = signed_in()
    for page in pages:
        ModuleProgress.objects.create(user=user, page=page, title=page.title)
        ElsewhereCompletion.objects.create(
            user=user,
            target=f"technique:{page.pk}",
            title="x",
            minutes=1,
            completed_on="2026-05-04",
            proof_text="y",
        )
    url = pages[0].get_parent().url
    client.get(url)
    with django_assert_num_queries(MENU_QUERIES):
        client.get(url)
    client.get(at(pages[0], 3))
    with django_assert_num_queries(SECTION_QUERIES):
        client.get(at(pages[0], 3))


MENU_QUERIES = 18
SECTION_QUERIES = 14


def test_a_check_with_several_right_answers_says_when_there_is_more() -> None:
    several = {
        **CHECK,
        "several": True,
        "answers": [*CHECK["answers"], {"text": "And then?", "right": True, "feedback": "Yes."}],
    }
    page = make_module(sections=[("check", several)])
    _user, client = signed_in()
    first = sections_of(page)[0].answers[0].key
    client.post(at(page, 1), {"do": "check", "answer": first})
    assert b"there is more" in client.get(at(page, 1)).content
    both = [each.key for each in sections_of(page)[0].answers if each.right]
    client.post(at(page, 1), {"do": "check", "answer": both})
    assert b"That is right" in client.get(at(page, 1)).content
    assert keys(page)[0] in ModuleProgress.objects.get().seen
