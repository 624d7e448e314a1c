"""Ways into a team: one person, a list, an invitation that only a POST accepts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from km_pages.models import Invitation
from km_pages.work import run_due_jobs
from tests.factories import PASSWORD, TeamFactory, TeamSpacePageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Any:
    made = TeamFactory(name="Ward 7", slug="ward-7", stewards=[UserFactory(username="s@x.example")])
    TeamSpacePageFactory(team=made)
    return made


@pytest.fixture
def steward(team: Any, client: Client) -> Client:
    client.force_login(team.stewards.get())
    return client


PEOPLE = "/teams/ward-7/people/"


def names(team: Any) -> set[str]:
    return {each.username for each in team.people}


def invitation_path() -> str:
    run_due_jobs()
    body = next(each.body for each in mail.outbox if "invitation/" in each.body)
    return re.search(r"https?://[^/]+(/invitation/\S+)", body)[1]


def test_somebody_with_an_account_joins_at_once_and_others_are_invited(
    steward: Client, team: Any, django_capture_on_commit_callbacks: Any
) -> None:
    UserFactory(username="known@x.example")
    with django_capture_on_commit_callbacks(execute=True):
        steward.post(PEOPLE, {"email": "Known@X.example"})
        steward.post(PEOPLE, {"email": "new@x.example", "steward": "on"})
    assert "known@x.example" in names(team)
    assert Invitation.objects.get().email == "new@x.example"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfemail,steward\na@x.example,\nb@x.example,steward\n",
        b"a@x.example\nb@x.example,yes\n\n",
        b"A@X.example,\r\nb@x.example,steward\r\n",
        b"A@X.example,\rb@x.example,steward\r",
    ],
)
def test_a_list_of_people_as_csv_takes_in_every_line(
    steward: Client, team: Any, content: bytes
) -> None:
    UserFactory(username="a@x.example")
    UserFactory(username="b@x.example")
    file = SimpleUploadedFile("people.csv", content)
    steward.post(PEOPLE, {"text": "", "file": file})
    assert {"a@x.example", "b@x.example"} <= names(team)
    assert {each.username for each in team.stewards} == {"s@x.example", "b@x.example"}


def test_a_list_of_people_in_the_address_is_only_looked_at(steward: Client, team: Any) -> None:
    UserFactory(username="a@x.example")
    for given in ({"text": "a@x.example"}, {"email": "a@x.example"}):
        assert steward.get(PEOPLE, given).status_code == 200
    assert names(team) == {"s@x.example"}


def test_a_list_without_lines_is_refused_in_words(steward: Client, team: Any) -> None:
    file = SimpleUploadedFile("people.csv", b'"' + b"x" * 150_000)
    answer = steward.post(PEOPLE, {"text": "", "file": file})
    assert "Give one person on each line" in answer.content.decode()
    assert names(team) == {"s@x.example"}


def test_a_line_that_cannot_be_read_is_named_and_nobody_is_added(
    steward: Client, team: Any
) -> None:
    UserFactory(username="a@x.example")
    answer = steward.post(PEOPLE, {"text": "a@x.example\nnot an address\n"})
    text = answer.content.decode()
    assert "2" in re.sub(r"<[^>]+>", " ", text[text.index("error-summary") :][:1500])
    assert "not an address" in text, "what was typed stays"
    assert names(team) == {"s@x.example"}


def test_opening_an_invitation_shows_it_and_only_a_post_joins(
    steward: Client, team: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        steward.post(PEOPLE, {"email": "new@x.example"})
    path = invitation_path()
    reader = Client()
    for _scan in range(3):
        assert "Join Ward 7" in reader.get(path).content.decode()
    assert not get_user_model().objects.filter(username="new@x.example").exists()
    details = {"first_name": "Ada", "last_name": "Bell"}
    fields = {name: PASSWORD for name in reader.get(path).context["form"].fields if "pass" in name}
    reader.post(path, {**details, **fields})
    assert "new@x.example" in names(team)
    assert Client().get(path).status_code == 404


def test_an_invitation_that_is_too_old_or_withdrawn_says_so(
    steward: Client, team: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        steward.post(PEOPLE, {"email": "new@x.example"})
    path = invitation_path()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    answer = Client().get(path)
    assert answer.status_code == 404
    assert "no longer works" in answer.content.decode()


def test_a_member_finds_no_list_of_people_to_change(team: Any, client: Client) -> None:
    person = UserFactory()
    team.members_group.user_set.add(person)
    client.force_login(person)
    assert client.get(PEOPLE).status_code == 404
    assert client.post(PEOPLE, {"email": "x@x.example"}).status_code == 404
