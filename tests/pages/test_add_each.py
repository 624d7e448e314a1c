"""An item of each of many files: said once for all of them, and changed for each."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.urls import reverse

from km_pages.actions.store_file import StoreFile
from km_pages.models import HolderApproval, KnowledgeAssetPage, StoredFile
from km_pages.visibility import visible_to
from km_pages.work import run_due_jobs
from tests.factories import OutputTypeFactory
from tests.pages.adding import World, client_of, make_workflow, make_world, text_file

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

ADDRESS = "/add/each/"


def stored(world: World, name: str, text: str = "Ring the laboratory.") -> StoredFile:
    stream = ContentFile(f"{name}: {text}".encode())
    made = StoreFile(uploader=world.author, name=name, stream=stream).execute()
    run_due_jobs()
    return made


def said(
    given: list[StoredFile], differs: dict[int, dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """What the form sends for ``given`` files; ``differs`` says what differs in each."""
    values: dict[str, Any] = {
        "team": "ward-7",
        "visibility": "team",
        "holder": "me",
        "summary": "From my last week.",
        "key": str(uuid.uuid4()),
        "do": "share",
        "kept": [each.pk for each in given],
    }
    for each in given:
        row = {"title": each.name, "output_type": "", "visibility": ""}
        row |= (differs or {}).get(each.pk, {})
        values |= {f"file-{each.pk}-{name}": value for name, value in row.items()}
    return {**values, **more}


def items() -> dict[str, KnowledgeAssetPage]:
    return {each.title: each for each in KnowledgeAssetPage.objects.all()}


def test_each_file_becomes_an_item_with_what_was_said_for_all_and_what_differs() -> None:
    world = make_world()
    make_workflow()
    how_to, contacts = OutputTypeFactory(name="How to"), OutputTypeFactory(name="Contacts")
    files = [stored(world, name) for name in ("one.txt", "two.txt", "three.txt")]
    rows = {
        files[1].pk: {"title": "Whom to ring", "output_type": contacts.pk},
        files[2].pk: {"visibility": "organisation"},
    }
    answer = client_of(world.author).post(ADDRESS, said(files, rows, output_type=how_to.pk))
    assert answer.headers["Location"] == reverse("km_pages:my_page")
    made = items()
    assert set(made) == {"one.txt", "Whom to ring", "three.txt"}
    assert {each.summary for each in made.values()} == {"From my last week."}
    assert made["one.txt"].output_type == how_to
    assert made["Whom to ring"].output_type == contacts
    assert [each.stored_file for each in made["Whom to ring"].attachments.all()] == [files[1]]
    # Beyond the team it waits for the stewards; the others are there.
    seen = visible_to(KnowledgeAssetPage.objects.all(), world.member)
    assert {each.title for each in seen} == {"one.txt", "Whom to ring"}
    shown = client_of(world.author).get(reverse("km_pages:my_page")).content.decode()
    assert "three.txt" in shown


def test_files_that_have_just_come_get_a_title_from_their_name_and_are_looked_at_first() -> None:
    world = make_world()
    client = client_of(world.author)
    values = said([], files=[text_file("label_printer.txt"), text_file("b.txt", b"Ring b.")])
    page = BeautifulSoup(client.post(ADDRESS, values).content, "html.parser")
    titles = [each["value"] for each in page.select("input[name$=-title]")]
    assert titles == ["label printer", "b"]
    assert not KnowledgeAssetPage.objects.exists()
    assert page.select_one("textarea[name=summary]").text.strip() == "From my last week."


def test_what_was_typed_for_one_item_comes_along() -> None:
    world = make_world()
    files = [stored(world, "rota.txt"), stored(world, "keys.txt")]
    typed = said(files, title="Ward clerk", notes="Ask Mei.", do="apart")
    for each in files:
        for name in ("title", "output_type", "visibility"):
            typed.pop(f"file-{each.pk}-{name}")
    answer = client_of(world.author).post(ADDRESS, typed)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.content, "html.parser")
    titles = [each["value"] for each in page.select("input[name$=-title]")]
    assert titles == ["Ward clerk: rota", "Ward clerk: keys"]
    assert page.select_one("textarea[name=notes]").text.strip() == "Ask Mei."


def test_a_title_that_is_missing_is_said_beside_it_and_nothing_is_made() -> None:
    world = make_world()
    files = [stored(world, "one.txt"), stored(world, "two.txt")]
    rows = {files[0].pk: {"title": ""}, files[1].pk: {"title": "Kept as typed"}}
    answer = client_of(world.author).post(ADDRESS, said(files, rows))
    assert answer.status_code == 422
    page = BeautifulSoup(answer.content, "html.parser")
    assert page.select_one(f"#id_file-{files[0].pk}-title_error") is not None
    assert page.select_one(f"#id_file-{files[1].pk}-title")["value"] == "Kept as typed"
    assert not KnowledgeAssetPage.objects.exists()


def test_named_in_one_row_asks_for_the_people() -> None:
    world = make_world()
    files = [stored(world, "one.txt"), stored(world, "two.txt")]
    rows = {files[0].pk: {"visibility": "named"}}
    client = client_of(world.author)
    refused = client.post(ADDRESS, said(files, rows))
    assert refused.status_code == 422
    assert BeautifulSoup(refused.content, "html.parser").select_one("#id_people_error") is not None
    client.post(ADDRESS, said(files, rows, people=world.stranger.username))
    assert list(items()["one.txt"].named_people.all()) == [world.stranger]
    seen = visible_to(KnowledgeAssetPage.objects.all(), world.stranger)
    assert [each.title for each in seen] == ["one.txt"]


def test_sent_twice_each_item_is_made_once() -> None:
    world = make_world()
    files = [stored(world, "one.txt"), stored(world, "two.txt")]
    values, client = said(files), client_of(world.author)
    client.post(ADDRESS, values)
    client.post(ADDRESS, values)
    assert len(items()) == 2


def test_drafts_stay_drafts_and_a_holder_is_asked_for_each() -> None:
    world = make_world()
    files = [stored(world, "one.txt"), stored(world, "two.txt")]
    client = client_of(world.author)
    client.post(ADDRESS, said(files[:1], do="save"))
    assert not items()["one.txt"].live
    client.post(ADDRESS, said(files, holder=world.holder.pk))
    assert HolderApproval.objects.waiting().filter(holder=world.holder).count() == 2


def test_signs_of_private_data_are_shown_once_for_all() -> None:
    world = make_world()
    text = "Patient Jane Roe, NHS no 943 476 5919, born 3 May 1951."
    files = [stored(world, "one.txt"), stored(world, "list.txt", text)]
    values, client = said(files), client_of(world.author)
    page = BeautifulSoup(client.post(ADDRESS, values).content, "html.parser")
    looked = page.select_one("input[name=looked]")
    assert looked is not None
    assert not KnowledgeAssetPage.objects.exists()
    client.post(ADDRESS, {**values, "looked": looked["value"]})
    assert len(items()) == 2


def test_others_files_and_no_file_make_nothing() -> None:
    world = make_world()
    theirs = stored(world, "theirs.txt")
    answer = client_of(world.member).post(ADDRESS, said([theirs]))
    assert answer.status_code == 422
    assert "Choose the files first" in answer.content.decode()
    assert not KnowledgeAssetPage.objects.exists()


def test_the_form_for_one_item_leads_there() -> None:
    world = make_world()
    page = BeautifulSoup(client_of(world.author).get("/add/").content, "html.parser")
    button = page.select_one(f"button[formaction='{ADDRESS}']")
    assert button is not None
    assert button["value"] == "apart"
