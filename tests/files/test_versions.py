"""A newer version in the place of a file, and an older one brought back: nothing is lost by it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import PageLogEntry

from km_pages.actions.errors import Conflict, NotAllowed
from km_pages.actions.replace_file import ReplaceFile
from km_pages.actions.share_item import Outcome
from km_pages.actions.store_file import StoreFile
from km_pages.drain import drain
from km_pages.models import FileReplacement, KnowledgeAssetPage, StoredFile, versions_of
from km_pages.sweep import sweep
from km_pages.visibility import Visibility
from km_pages.work import run_due_jobs
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory
from tests.pages.adding import World, client_of, make_workflow, make_world, text_file
from tests.pages.indexing import found_by

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def stored_by(user: Any, name: str, text: str) -> StoredFile:
    stream = ContentFile(text.encode())
    made = StoreFile(uploader=user, name=name, stream=stream).execute()
    run_due_jobs()
    made.refresh_from_db()
    return made


def shared(world: World, **values: Any) -> tuple[KnowledgeAssetPage, StoredFile]:
    given = {"team": world.team, "owner": world.author, "holder": world.author, **values}
    item = KnowledgeAssetPageFactory(title="Early shift", **given)
    first = stored_by(world.author, "notes.txt", "Ring the laboratory.")
    AttachmentFactory(page=item, stored_file=first, title="What to do")
    item.save_revision().publish()
    drain()
    return KnowledgeAssetPage.objects.get(pk=item.pk), first


def address(item: Any, stored: StoredFile) -> str:
    return reverse("km_pages:file_versions", args=[item.pk, stored.uuid])


def send(user: Any, item: Any, stored: StoredFile, **given: Any) -> Any:
    return client_of(user).post(address(item, stored), given)


def finds(user: Any, word: str) -> int:
    run_due_jobs()
    drain()
    return len(found_by(user, word).hits)


def page_status(user: Any, stored: StoredFile) -> int:
    return client_of(user).get(reverse("km_pages:file_page", args=[stored.uuid])).status_code


def attached(item: Any) -> list[StoredFile]:
    return [
        each.stored_file for each in KnowledgeAssetPage.objects.get(pk=item.pk).attachments.all()
    ]


def test_a_newer_version_is_found_by_its_words_and_the_older_one_comes_back() -> None:
    world = make_world()
    item, first = shared(world)
    assert finds(world.member, "laboratory") == 1
    waits = send(world.author, item, first, files=text_file("notes v2.txt", b"Ring the porter."))
    assert "still being read" in waits.content.decode()
    second = StoredFile.objects.latest("pk")
    run_due_jobs()
    answer = send(world.author, item, first, kept=second.pk)
    assert answer.headers["Location"] == address(item, second)
    assert attached(item) == [second]
    assert item.attachments.model.objects.get(page=item).title == "What to do"
    assert (finds(world.member, "laboratory"), finds(world.member, "porter")) == (0, 1)
    # The version before is for those whose work the item is, and for nobody else.
    assert [page_status(each, first) for each in (world.member, world.author)] == [404, 200]
    assert page_status(world.member, second) == 200

    shown = client_of(world.author).get(address(item, second)).content.decode()
    assert "notes.txt" in shown
    send(world.author, item, second, back=first.pk)
    assert attached(item) == [first]
    assert (finds(world.member, "laboratory"), finds(world.member, "porter")) == (1, 0)
    assert versions_of(item.pk, first) == [second, first]
    logged = PageLogEntry.objects.filter(page=item, action="km_pages.replaced")
    assert [each.data for each in logged.order_by("pk")] == [
        {"old": "notes.txt", "new": "notes v2.txt"},
        {"old": "notes v2.txt", "new": "notes.txt"},
    ]
    assert FileReplacement.objects.filter(page=item, by=world.author).count() == 2


def test_the_version_before_is_not_swept_away() -> None:
    world = make_world()
    item, first = shared(world)
    second = stored_by(world.author, "notes v2.txt", "Ring the porter.")
    ReplaceFile(page=item, old=first, new=second, by=world.author).execute()
    sweep()
    first.refresh_from_db()
    assert first.unused_since is None
    assert first.passages.exists()


def test_a_draft_with_other_changes_is_not_shared_by_it() -> None:
    world = make_world()
    item, first = shared(world)
    item.title = "Early shift, and what is not meant for you yet"
    item.save_revision()
    second = stored_by(world.author, "notes v2.txt", "Ring the porter.")
    done = ReplaceFile(page=item, old=first, new=second, by=world.author).execute()
    assert done.outcome is Outcome.DRAFT
    live = KnowledgeAssetPage.objects.get(pk=item.pk)
    assert (live.title, attached(live)) == ("Early shift", [first])
    draft = live.get_latest_revision_as_object()
    assert [each.stored_file for each in draft.attachments.all()] == [second]
    assert "not meant for you" in draft.title


def test_beyond_the_team_the_stewards_are_asked_and_readers_keep_the_version_before() -> None:
    world = make_world()
    make_workflow()
    item, first = shared(world, visibility=Visibility.ORGANISATION)
    second = stored_by(world.author, "notes v2.txt", "Ring the porter.")
    done = ReplaceFile(page=item, old=first, new=second, by=world.author).execute()
    assert done.outcome is Outcome.SUBMITTED
    assert attached(item) == [first]
    assert (finds(world.member, "laboratory"), finds(world.member, "porter")) == (1, 0)
    with pytest.raises(Conflict):
        ReplaceFile(page=item, old=second, new=first, by=world.author).execute()


def test_strangers_members_and_others_files_change_nothing() -> None:
    world = make_world()
    item, first = shared(world)
    theirs = stored_by(world.member, "mine.txt", "The key hangs in bay C.")
    for person in (world.member, world.steward, world.stranger):
        assert send(person, item, first, files=text_file()).status_code == 404
    with pytest.raises(NotAllowed):
        ReplaceFile(page=item, old=first, new=theirs, by=world.author).execute()
    # Named by its key in a form that nobody made, it is a file that does not exist.
    for given in ({"kept": theirs.pk}, {"back": theirs.pk}, {}):
        answer = send(world.author, item, first, **given)
        assert answer.status_code == 422
        assert "Choose a file first" in answer.content.decode()
    assert attached(item) == [first]
    assert send(world.author, item, theirs, files=text_file()).status_code == 404


def test_what_is_new_is_said_by_the_version_with_who_put_it_there_and_when() -> None:
    world = make_world()
    item, first = shared(world)
    long = send(
        world.author, item, first, files=text_file("v2.txt", b"Ring the porter."), note="x" * 201
    )
    assert long.status_code == 422
    assert "at most 200" in long.content.decode()
    second = StoredFile.objects.latest("pk")
    run_due_jobs()
    # The file came, so only the words are asked for again; and nothing was put anywhere.
    kept = BeautifulSoup(long.content, "html.parser").find("input", attrs={"name": "kept"})
    assert (kept["value"], attached(item)) == (str(second.pk), [first])
    assert "x" * 201 in long.content.decode()
    said = "Porters <b>have</b> a new number"
    send(world.author, item, first, kept=second.pk, note=f" {said} ")
    assert attached(item) == [second]
    send(world.author, item, second, back=first.pk)
    shown = client_of(world.author).get(address(item, first))
    pieces = BeautifulSoup(shown.content, "html.parser").select(".km-file")
    assert ["Put in its place" in each.text for each in pieces] == [True, True]
    assert "by Ann Example." in pieces[0].text
    assert said in pieces[1].text
    assert said not in pieces[0].text


def test_many_versions_cost_no_more_questions_than_few(
    django_assert_max_num_queries: Any,
) -> None:
    world = make_world()
    item, newest = shared(world)
    client = client_of(world.author)

    def add(number: int) -> StoredFile:
        new = stored_by(world.author, f"v{number}.txt", f"Version {number}.")
        given = {"page": item, "old": newest, "new": new, "by": world.author}
        ReplaceFile(**given, note=f"Note {number}").execute()
        return new

    newest = add(1)
    client.get(address(item, newest))
    with CaptureQueriesContext(connection) as few:
        client.get(address(item, newest))
    for number in range(2, 8):
        newest = add(number)
    with django_assert_max_num_queries(len(few)):
        text = client.get(address(item, newest)).content.decode()
    assert all(f"Note {number}" in text for number in range(1, 8))


def test_the_same_file_and_a_refused_one_are_said_beside_the_field() -> None:
    world = make_world()
    item, first = shared(world)
    for upload, words in (
        (text_file("notes.txt", b"Ring the laboratory."), "stands there already"),
        (text_file("notes.pdf", b"MZ\x90\0" + b"\0" * 500), "notes.pdf"),
    ):
        answer = send(world.author, item, first, files=upload)
        assert answer.status_code == 422
        wrong = BeautifulSoup(answer.content, "html.parser").select_one("#id_files_error")
        assert wrong is not None
        assert words in wrong.text
    assert attached(item) == [first]


def test_who_has_just_put_another_one_there_is_not_overwritten() -> None:
    world = make_world()
    item, first = shared(world)
    second = stored_by(world.author, "second.txt", "Ring the porter.")
    third = stored_by(world.author, "third.txt", "Ring nobody.")
    ReplaceFile(page=item, old=first, new=second, by=world.author).execute()
    with pytest.raises(Conflict):
        ReplaceFile(page=item, old=first, new=third, by=world.author).execute()
    assert attached(item) == [second]


def test_what_looks_like_patient_data_is_looked_at_first_and_the_file_is_kept() -> None:
    world = make_world()
    item, first = shared(world)
    private = b"Patient Jane Roe, NHS no 943 476 5919, born 3 May 1951."
    came = stored_by(world.author, "list.txt", private.decode())
    answer = send(world.author, item, first, kept=came.pk)
    page = BeautifulSoup(answer.content, "html.parser")
    looked = page.select_one("input[name=looked]")
    assert looked is not None
    assert page.select_one(f"input[name=kept][value='{came.pk}']") is not None
    assert attached(item) == [first]
    send(world.author, item, first, kept=came.pk, looked=looked["value"])
    assert attached(item) == [came]


def test_in_a_draft_it_is_put_into_the_draft() -> None:
    world = make_world()
    item, first = shared(world, live=False)
    KnowledgeAssetPage.objects.filter(pk=item.pk).update(live=False)
    second = stored_by(world.author, "notes v2.txt", "Ring the porter.")
    done = ReplaceFile(page=item, old=first, new=second, by=world.author).execute()
    assert done.outcome is Outcome.DRAFT
    assert attached(item) == [second]


def test_the_page_of_a_file_leads_there_those_who_may() -> None:
    world = make_world()
    item, first = shared(world)
    for person, leads in ((world.author, True), (world.member, False), (world.steward, False)):
        shown = client_of(person).get(reverse("km_pages:file_page", args=[first.uuid]))
        assert (address(item, first) in shown.content.decode()) is leads
    form = client_of(world.author).get(reverse("km_pages:edit_draft", args=[item.pk]))
    assert address(item, first) in form.content.decode()
