"""Signing in by a link in a mail: once, for a while, by POST only; nobody learns who is here."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone

from km_pages.actions.sign_in_link import MOST_FOR_ONE, MOST_FROM_ONE
from km_pages.checks import check_settings
from km_pages.models import Job, SignInLink
from km_pages.work import run_due_jobs
from tests.factories import UserFactory, home_page

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

ASK = "/account/link/"


@pytest.fixture(autouse=True)
def own_domain(settings: Any) -> None:
    settings.KM_SIGN_IN_DOMAINS = ("ward.example",)
    home_page()


def ask(client: Client, email: str, **more: str) -> Any:
    return client.post(ASK, {"email": email, **more})


def sent_link(email: str) -> str:
    """The path of the link in the newest mail to ``email``."""
    run_due_jobs()
    newest = [each for each in mail.outbox if each.to == [email]][-1]
    return re.search(r"https?://[^/]+(/account/link/\S+)", newest.body)[1]


def signed_in(client: Client) -> str:
    """The name of who is signed in, or nothing."""
    key = client.session.get("_auth_user_id")
    return get_user_model().objects.get(pk=key).username if key else ""


def test_somebody_of_the_organisation_signs_in_and_an_account_is_made(client: Client) -> None:
    ask(client, "New.Person@Ward.Example", next="/techniques/")
    link = sent_link("new.person@ward.example")
    shown = client.get(link)
    assert "new.person@ward.example" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert not get_user_model().objects.exists(), "GET shows, and makes nothing"
    assert signed_in(client) == ""
    answer = client.post(link)
    assert answer.headers["Location"] == "/techniques/"
    assert signed_in(client) == "new.person@ward.example"
    assert not get_user_model().objects.get().has_usable_password()
    assert client.session.get_expire_at_browser_close()


def test_a_mail_scanner_that_opens_the_link_does_not_use_it_up(client: Client) -> None:
    ask(client, "a@ward.example")
    link = sent_link("a@ward.example")
    for _time in range(3):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code == 200
    client.post(link)
    assert signed_in(client) == "a@ward.example"


def test_a_link_works_once_for_a_quarter_of_an_hour_and_only_the_newest(client: Client) -> None:
    ask(client, "a@ward.example")
    first = sent_link("a@ward.example")
    ask(client, "a@ward.example")
    second = sent_link("a@ward.example")
    assert client.post(first).status_code == 404
    client.post(second)
    other = Client()
    assert other.post(second).status_code == other.get(second).status_code == 404
    assert signed_in(other) == ""
    ask(client, "a@ward.example")
    third = sent_link("a@ward.example")
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().post(third).status_code == 404
    assert Client().post(f"{ASK}made-up/").status_code == 404


def test_the_answer_is_the_same_whether_there_is_an_account_or_not(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    UserFactory(username="known@ward.example")
    UserFactory(username="closed@ward.example", is_active=False)
    UserFactory(username="invited@gmail.com")
    answers, counts = [], []
    people = ["known@ward.example", "closed@ward.example", "nobody@ward.example",
              "invited@gmail.com", "stranger@gmail.com"]  # fmt: skip
    for email in people:
        with django_assert_max_num_queries(40) as asked:
            answers.append(ask(client, email).content.decode().replace(email, "…"))
        counts.append(len(asked.captured_queries))
    assert len({re.sub(r"csrf\S+|value=\"\w{64}\"", "", each) for each in answers}) == 1
    assert len(set(counts[1:])) == 1
    assert mail.outbox == [], "the worker decides, so that no time is spent on it here"
    run_due_jobs()
    assert sorted(each.to[0] for each in mail.outbox) == [
        "invited@gmail.com", "known@ward.example", "nobody@ward.example",
    ]  # fmt: skip
    assert not get_user_model().objects.filter(username="stranger@gmail.com").exists()


def test_too_many_are_answered_alike_and_send_nothing(client: Client) -> None:
    """Case 30."""
    for _time in range(MOST_FOR_ONE + 4):
        assert ask(client, "a@ward.example").status_code == 200
    run_due_jobs()
    assert len(mail.outbox) == MOST_FOR_ONE
    SignInLink.objects.all().delete()
    ask(client, "first@ward.example")
    place = SignInLink.objects.get(email="first@ward.example").asked_from
    for number in range(MOST_FROM_ONE):
        SignInLink.objects.create(email=f"p{number}@ward.example", asked_from=place)
    ask(client, "late@ward.example")
    assert not SignInLink.objects.filter(email="late@ward.example").exists()
    assert Client(REMOTE_ADDR="192.0.2.7").post(ASK, {"email": "late@ward.example"})
    assert SignInLink.objects.filter(email="late@ward.example").exists()


def test_an_account_that_was_closed_meanwhile_is_not_opened(client: Client) -> None:
    person = UserFactory(username="a@ward.example")
    ask(client, "a@ward.example")
    link = sent_link("a@ward.example")
    person.is_active = False
    person.save()
    assert client.post(link).status_code == 404
    assert signed_in(client) == ""


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_it_leads_to_addresses_of_this_site_only(client: Client, path: str) -> None:
    """Case 28."""
    ask(client, "a@ward.example", next=path)
    assert client.post(sent_link("a@ward.example")).headers["Location"] == "/"


def test_no_secret_and_no_network_address_is_kept(client: Client) -> None:
    ask(client, "a@ward.example")
    secret = sent_link("a@ward.example").rstrip("/").rpartition("/")[2]
    row = SignInLink.objects.values().get()
    assert secret not in str(row)
    assert "127.0.0.1" not in str(row)
    assert secret not in str(list(Job.objects.values()))


def test_without_own_domains_there_are_no_links(client: Client, settings: Any) -> None:
    assert ASK in client.get("/account/sign-in/").content.decode()
    settings.KM_SIGN_IN_DOMAINS = ()
    assert client.get(ASK).status_code == client.post(f"{ASK}x/").status_code == 404
    assert ASK not in client.get("/account/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("domains", "found"),
    [
        (("gmail.com",), "km_pages.E114"),
        (("NHS.net", "ward.example"), "km_pages.E114"),
        ("ward.example", "km_pages.E113"),
        (("@ward.example",), "km_pages.E113"),
    ],
)
def test_a_domain_that_many_organisations_share_is_refused(
    settings: Any, domains: Any, found: str
) -> None:
    settings.KM_SIGN_IN_DOMAINS = domains
    assert found in {each.id for each in check_settings()}
    settings.KM_SIGN_IN_DOMAINS = ("ward.example",)
    assert not [each for each in check_settings() if "SIGN_IN_DOMAINS" in each.msg]
