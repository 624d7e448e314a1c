"""Files at work in the admin: what needs a look, tried again by a press, nothing of others."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from km_pages.admin.files import storage_by_team
from km_pages.models import Job, JobState, StoredFile, TextState
from tests.factories import AttachmentFactory, KnowledgeAssetPageFactory, StoredFileFactory
from tests.pages.adding import World, client_of, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = make_world()
    enter = Permission.objects.get(codename="access_admin")
    for person in (world.member, world.stranger):
        person.user_permissions.add(enter)
    return world


def trouble(world: World, number: int = 0) -> StoredFile:
    stored = StoredFileFactory(
        name=f"plan-{number}.pdf",
        uploader=world.author,
        text_state=TextState.UNREADABLE,
        reason="This file is damaged.",
    )
    item = KnowledgeAssetPageFactory(team=world.team, owner=world.author)
    AttachmentFactory(page=item, stored_file=stored)
    Job.objects.create(
        kind="read_file", target=str(stored.pk), state=JobState.DEAD, last_error="OSError: away"
    )
    return stored


def page(user: Any, **query: Any) -> str:
    return client_of(user).get(reverse("km_file_work"), query).content.decode()


def press(user: Any, **given: Any) -> int:
    return client_of(user).post(reverse("km_file_work"), given).status_code


def test_the_list_names_reason_and_work_to_those_who_may_see_the_file(world: World) -> None:
    trouble(world)
    text = page(world.member)
    for words in ("plan-0.pdf", "This file is damaged.", "Given up: OSError: away", "Ward 7"):
        assert words in text
    assert "plan-0.pdf" not in page(world.stranger)
    assert "plan-0.pdf" not in page(world.member, show="waiting")
    assert client_of(world.author).get(reverse("km_file_work")).status_code == 302


def test_what_was_given_up_is_tried_again_and_chosen_files_are_read_again(world: World) -> None:
    stored = trouble(world)
    press(world.stranger, do="again")
    press(world.stranger, do="read_again", file=[stored.pk])
    assert list(Job.objects.values_list("kind", "state")) == [("read_file", JobState.DEAD)]
    assert press(world.member, do="again") == 302
    press(world.member, do="read_again", file=[stored.pk, "x", "9" * 30])
    jobs = set(Job.objects.values_list("kind", "state"))
    assert jobs == {("read_file", JobState.WAITING), ("read_again", JobState.WAITING)}


def test_the_store_is_counted_once_for_each_team(world: World) -> None:
    stored = trouble(world)
    other = KnowledgeAssetPageFactory(team=world.team, owner=world.author)
    AttachmentFactory(page=other, stored_file=stored)
    StoredFileFactory(content=b"x" * 3000)
    shares = storage_by_team(StoredFile.objects.all())
    assert [(each.team, each.files, each.size) for each in shares] == [
        ("In no item", 1, 3000),
        ("Ward 7", 1, stored.size),
    ]


def test_the_list_asks_the_same_number_of_questions_for_twenty_files(world: World) -> None:
    client, counts = client_of(world.member), []
    for number in range(20):
        trouble(world, number)
        if number in (0, 19):
            client.get(reverse("km_file_work"))
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(reverse("km_file_work"))
            counts.append(len(asked))
    assert counts[0] == counts[1]
