"""Signing in and out, new passwords, being kept or signed out: as people meet them."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from km_pages.models import Invitation, Job, JobState, OutgoingMail
from km_pages.work import run_due_jobs
from tests.factories import PASSWORD, TeamFactory, TeamSpacePageFactory, UserFactory, home_page

pytestmark = pytest.mark.django_db

SIGN_IN, RESET = reverse("login"), reverse("password_reset")
NEW = "a quite different sentence"


@pytest.fixture(autouse=True)
def home() -> Any:
    return home_page()


@pytest.fixture
def ann() -> Any:
    return UserFactory(username="ann@example.org", first_name="Ann", last_name="Lee")


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# Signing in


@pytest.mark.parametrize("written", ["ann@example.org", " ANN@Example.org ", "Ann@EXAMPLE.ORG"])
def test_the_address_is_known_however_it_is_written(client: Client, ann: Any, written: str) -> None:
    assert sign_in(client, written).status_code == 302
    assert is_signed_in(client)


def test_without_the_tick_the_session_ends_with_the_browser(client: Client, ann: Any) -> None:
    answer = sign_in(client, ann.username)
    assert answer.cookies["sessionid"]["max-age"] == ""
    assert client.session.get_expire_at_browser_close()


def test_with_the_tick_it_lasts_as_long_as_was_set(client: Client, ann: Any, settings: Any) -> None:
    settings.KM_KEEP_SIGNED_IN_DAYS = 3
    answer = sign_in(client, ann.username, keep="on")
    assert answer.cookies["sessionid"]["max-age"] == 3 * 24 * 60 * 60


@pytest.mark.parametrize(("keep", "stays"), [({}, False), ({"keep": "on"}, True)])
def test_who_does_nothing_is_signed_out_unless_they_chose_to_be_kept(
    client: Client, ann: Any, monkeypatch: Any, keep: dict[str, str], stays: bool
) -> None:
    sign_in(client, ann.username, **keep)
    client.get(reverse("km_pages:my_page"))
    now = timezone.now().timestamp()
    monkeypatch.setattr("km_pages.middleware.time.time", lambda: now + 31 * 60)
    answer = client.get(reverse("km_pages:my_page"))
    assert answer.status_code == (200 if stays else 302)
    assert is_signed_in(client) == stays
    if not stays:
        page = client.get(answer.headers["Location"]).content.decode()
        assert "signed out because nothing happened for 30 minutes" in page
        assert sign_in(client, ann.username, next="/my-page/").headers["Location"] == "/my-page/"


def test_who_is_active_stays_signed_in(client: Client, ann: Any, monkeypatch: Any) -> None:
    sign_in(client, ann.username)
    now = timezone.now().timestamp()
    for minutes in range(0, 120, 20):
        monkeypatch.setattr("km_pages.middleware.time.time", lambda m=minutes: now + m * 60)
        assert client.get(reverse("km_pages:my_page")).status_code == 200


def test_signing_in_changes_the_session_so_that_a_planted_one_is_worth_nothing(
    client: Client, ann: Any
) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    sign_in(client, ann.username)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_signing_out_takes_a_post_and_leaves_nothing(client: Client, ann: Any) -> None:
    sign_in(client, ann.username)
    assert client.get(reverse("logout")).status_code == 405
    assert is_signed_in(client)
    page = client.get(reverse("km_pages:my_page"))
    assert page.headers["Cache-Control"] == "private, no-store"
    key = client.session.session_key
    assert client.post(reverse("logout")).status_code == 200
    assert not Session.objects.filter(session_key=key).exists()
    assert client.get(reverse("km_pages:my_page")).status_code == 302


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "https://testserver.evil.example/",
        " //evil.example",
        "\thttps://evil.example",
    ],
)
def test_signing_in_leads_to_addresses_of_this_site_only(
    client: Client, ann: Any, away: str
) -> None:
    """Case 28."""
    assert "evil" not in sign_in(client, ann.username, next=away).headers["Location"]
    # The same for who is signed in already, and for the page that asks.
    assert "evil" not in client.get(SIGN_IN, {"next": away}).headers.get("Location", "")
    assert "javascript:" not in Client().get(SIGN_IN, {"next": away}).content.decode()


# Too many tries


def fail(username: str, times: int) -> list[int]:
    return [sign_in(Client(), username, "wrong").status_code for _time in range(times)]


def test_after_too_many_tries_a_name_waits_even_with_the_right_password(
    client: Client, ann: Any
) -> None:
    """Case 30."""
    assert fail(ann.username, 7) == [200] * 7
    assert fail(ann.username, 1) == [429]
    answer = sign_in(client, ann.username)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "Try again in about 15 minutes" in answer.content.decode()
    assert not is_signed_in(client)
    other = UserFactory(username="bob@example.org")
    assert sign_in(Client(), other.username).status_code == 302, "nobody else has to wait"
    passed = timezone.now() - timedelta(minutes=16)
    AccessAttempt.objects.update(attempt_time=passed)
    assert sign_in(client, ann.username).status_code == 302


def test_a_name_without_an_account_waits_alike(client: Client, ann: Any) -> None:
    known, unknown = fail(ann.username, 9), fail("nobody@example.org", 9)
    assert known == unknown == [200] * 7 + [429] * 2


def test_the_words_are_the_same_for_every_reason(client: Client, ann: Any) -> None:
    closed = UserFactory(username="closed@example.org", is_active=False)

    def words(username: str, password: str) -> str:
        text = sign_in(Client(), username, password).content.decode()
        plain = re.sub(r'value="[^"]*"', "", text)
        return plain.replace(username, "")

    said = {
        words(ann.username, "wrong"),
        words("nobody@example.org", "wrong"),
        words(closed.username, PASSWORD),
    }
    assert len(said) == 1


def test_writing_a_name_in_other_letters_gives_no_further_tries(ann: Any) -> None:
    for number in range(8):
        name = ann.username.upper() if number % 2 else f" {ann.username} "
        sign_in(Client(), name, "wrong")
    assert sign_in(Client(), ann.username).status_code == 429


def test_who_signs_in_in_time_begins_to_count_anew(client: Client, ann: Any) -> None:
    fail(ann.username, 6)
    assert sign_in(client, ann.username).status_code == 302
    assert fail(ann.username, 7) == [200] * 7


def test_the_admin_has_no_second_door(client: Client, ann: Any) -> None:
    answer = client.get("/admin/login/")
    assert answer.status_code in (200, 302, 404)
    for _time in range(8):
        client.post("/admin/login/", {"username": ann.username, "password": "wrong"})
    assert sign_in(Client(), ann.username).status_code == 429


def test_who_may_not_use_the_admin_is_told_so_and_never_sent_round_in_a_circle(
    client: Client, ann: Any
) -> None:
    sign_in(client, ann.username)
    for path in ("/admin/", "/admin/pages/", "/admin/knowledge-items/?export=csv"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 403, path
        html = answer.content.decode()
        assert "This part is for editors" in html
        assert 'href="/my-page/"' in html
        assert ann.get_full_name() in html
    assert client.get("/account/sign-in/", {"next": "/my-page/"}).status_code == 302
    client.logout()
    given = {"username": ann.username, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/account/sign-in/", given, follow=True).status_code == 403


# A new password


def reset_path() -> str:
    (message,) = mail.outbox
    return re.search(r"https?://[^/]+(/account/password/\S+)", message.body)[1]


def test_a_new_password_by_mail_works_once_and_ends_other_sessions(
    client: Client, ann: Any
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, ann.username)
    assert client.post(RESET, {"email": "ANN@example.org"}).status_code == 302
    run_due_jobs()
    path = reset_path()
    form = client.get(path, follow=True)
    address = form.request["PATH_INFO"]
    assert path not in form.content.decode(), "the secret is not shown to other sites"
    weak = client.post(address, {"new_password1": "short", "new_password2": "short"})
    assert weak.status_code == 200
    assert "at least 10 characters" in weak.content.decode()
    done = client.post(address, {"new_password1": NEW, "new_password2": NEW})
    assert done.status_code == 302
    assert sign_in(Client(), ann.username).status_code == 200, "the old one no longer works"
    assert sign_in(Client(), ann.username, NEW).status_code == 302
    assert elsewhere.get(reverse("km_pages:my_page")).status_code == 302
    assert "has been used" in Client().get(path, follow=True).content.decode()


@pytest.mark.parametrize("email", ["nobody@example.org", "closed@example.org"])
def test_the_answer_is_the_same_where_nothing_is_sent(client: Client, ann: Any, email: str) -> None:
    UserFactory(username="closed@example.org", is_active=False)
    answers = [Client().post(RESET, {"email": each}, follow=True) for each in (email, ann.email)]
    assert answers[0].content == answers[1].content
    run_due_jobs()
    assert [each.to for each in mail.outbox] == [[ann.email]]


def test_a_link_is_worth_nothing_after_a_day(client: Client, ann: Any, settings: Any) -> None:
    client.post(RESET, {"email": ann.email})
    run_due_jobs()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "has been used or is too old" in client.get(reset_path(), follow=True).content.decode()


# The mail server


class Away(EmailBackend):
    """A mail server that refuses, in one of the ways that they do."""

    fault: Exception = ConnectionRefusedError("refused")

    def send_messages(self, messages: Any) -> int:
        raise type(self).fault


def try_again() -> None:
    """Let the time pass after which the worker tries again."""
    Job.objects.filter(state=JobState.WAITING).update(next_try_at=timezone.now())
    run_due_jobs()


FAULTS = [
    ConnectionRefusedError("refused"),
    TimeoutError("timed out"),
    smtplib.SMTPServerDisconnected("gone"),
    smtplib.SMTPConnectError(421, b"busy"),
    smtplib.SMTPAuthenticationError(535, b"no"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: type(each).__name__)
def test_while_the_mail_server_refuses_nobody_notices_and_no_mail_is_lost(
    client: Client, ann: Any, settings: Any, monkeypatch: Any, fault: Exception
) -> None:
    """Case 40."""
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    monkeypatch.setattr(Away, "fault", fault)
    team = TeamFactory(slug="ward-7", stewards=[ann])
    TeamSpacePageFactory(team=team)
    assert client.post(RESET, {"email": ann.email}).status_code == 302
    sign_in(client, ann.username)
    answer = client.post("/teams/ward-7/people/", {"email": "new@example.org"})
    assert answer.status_code == 302
    for _time in range(5):
        try_again()
    assert mail.outbox == []
    assert Job.objects.filter(kind="send_mail", state=JobState.WAITING).count() == 2
    settings.EMAIL_BACKEND = working
    try_again()
    assert sorted(each.to[0] for each in mail.outbox) == [ann.email, "new@example.org"]
    assert not OutgoingMail.objects.exists()


def test_a_mail_that_waits_tells_its_secret_to_nobody_who_reads_the_database(
    client: Client, ann: Any
) -> None:
    team = TeamFactory(slug="ward-7", stewards=[ann])
    TeamSpacePageFactory(team=team)
    client.post(RESET, {"email": ann.email})
    sign_in(client, ann.username)
    client.post("/teams/ward-7/people/", {"email": "new@example.org"})
    waiting = str(list(OutgoingMail.objects.values()))
    run_due_jobs()
    secrets = [re.search(r"/([\w-]{20,})/?\s", each.body)[1] for each in mail.outbox]
    assert len(secrets) == 2
    assert not [each for each in secrets if each in waiting]
    assert "password" not in waiting.lower()


# Invitations


def invited(team: Any) -> str:
    run_due_jobs()
    body = next(each.body for each in mail.outbox if "invitation/" in each.body)
    return re.search(r"https?://[^/]+(/invitation/\S+)", body)[1]


def test_an_invitation_is_for_the_person_who_was_invited(client: Client, ann: Any) -> None:
    """Case 26, for invitations: shown by GET, used by POST, once, by its reader."""
    team = TeamFactory(slug="ward-7", stewards=[ann])
    TeamSpacePageFactory(team=team)
    sign_in(client, ann.username)
    client.post("/teams/ward-7/people/", {"email": "new@example.org"})
    path = invited(team)
    other = UserFactory(username="other@example.org")
    stranger = Client()
    stranger.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert stranger.post(path).status_code == 200
    assert not team.members_group.user_set.filter(pk=other.pk).exists()
    assert Invitation.objects.get().accepted_at is None
    tampered = [
        path[:-3] + "aaa/",
        path + "x/",
        path.swapcase().replace("/INVITATION", "/invitation"),
    ]
    for each in tampered:
        assert Client().get(each).status_code == 404
        assert Client().post(each, {"password": NEW}).status_code == 404
    weak = Client().post(path, {"first_name": "Nia", "last_name": "", "password": "short"})
    text = weak.content.decode()
    assert 'value="Nia"' in text
    assert "at least 10 characters" in text
    assert not get_user_model().objects.filter(username="new@example.org").exists()
