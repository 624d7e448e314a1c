"""The organisation's colours as a stylesheet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import Site
from wagtail_factories import ImageFactory

from km_pages.models import OutgoingMail, SiteSettings
from km_pages.tasks.send_mail import send_mail
from km_pages.theme import blend, stylesheet, version_of
from km_pages.work import run_due_jobs
from tests.factories import UserFactory, home_page

BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_a_blend_lies_between_the_two_colours() -> None:
    assert blend("#000000", "#ffffff", share=0.5) == "#808080"
    assert blend("#12405a", "#ffffff", share=0) == "#12405a"
    assert blend("#12405a", "#ffffff", share=1) == "#ffffff"


def test_the_stylesheet_sets_the_colours_of_the_organisation() -> None:
    css = stylesheet(SiteSettings(brand_colour="#552255", accent_colour="#B03060"))
    assert "--km-brand: #552255;" in css
    assert "--km-accent: #b03060;" in css


@pytest.mark.parametrize("bad", ["red", "", "#12345", "#123456;}body{display:none", "#12345g"])
def test_what_is_no_colour_never_reaches_the_stylesheet(bad: str) -> None:
    css = stylesheet(SiteSettings(brand_colour=bad))
    assert "--km-brand: #12405a;" in css
    lines = css.strip().splitlines()[1:-1]
    assert all(re.fullmatch(r"  --km-[a-z-]+: #[0-9a-f]{6};", line) for line in lines)


@pytest.mark.django_db
def test_the_current_version_is_kept_for_a_year_and_others_for_minutes(client: Client) -> None:
    home_page()
    url = reverse("km_pages:theme")
    plain = client.get(url)
    version = version_of(plain.content.decode())
    assert plain.headers["Cache-Control"] == "public, max-age=300"
    named = client.get(url, {"v": version})
    assert "immutable" in named.headers["Cache-Control"]
    assert named.headers["Content-Type"] == "text/css; charset=utf-8"
    assert not named.cookies


@pytest.mark.django_db
def test_an_unchanged_stylesheet_is_not_sent_again(client: Client) -> None:
    home_page()
    url = reverse("km_pages:theme")
    first = client.get(url)
    again = client.get(url, headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.django_db
def test_changing_a_colour_changes_the_address_in_the_page(client: Client) -> None:
    home_page()
    pattern = re.compile(r"/km/theme\.css\?v=([0-9a-f]{12})")
    before = pattern.search(client.get("/").content.decode())
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.brand_colour = "#552255"
    settings.save()
    after = pattern.search(client.get("/").content.decode())
    assert before is not None
    assert after is not None
    assert before.group(1) != after.group(1)


@pytest.mark.django_db
def test_only_reading_the_stylesheet_is_allowed(client: Client) -> None:
    assert client.post(reverse("km_pages:theme")).status_code == 405


# The same name everywhere


@pytest.fixture
def riverside(db: None) -> SiteSettings:
    """An organisation that has said who it is."""
    home_page()
    found = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    found.organisation_name = "Riverside Library & Knowledge"
    found.contact_email = "library@example.org"
    found.save()
    return found


def test_mails_come_from_the_organisation_and_end_with_its_name(
    riverside: SiteSettings, django_assert_num_queries: Any
) -> None:
    mail_to_send = OutgoingMail.objects.create(
        to="ann@example.org", subject="Hello", body="Text.\n"
    )
    # The mail, who sends it, and that it is gone.
    with django_assert_num_queries(3):
        send_mail(str(mail_to_send.pk))
    (sent,) = mail.outbox
    assert sent.from_email == "Riverside Library & Knowledge <knowledge@example.org>"
    assert sent.body == "Text.\n\n-- \nRiverside Library & Knowledge\nlibrary@example.org\n"


def test_the_mail_with_a_link_to_sign_in_comes_from_the_organisation_too(
    riverside: SiteSettings, client: Client, settings: Any
) -> None:
    settings.KM_SIGN_IN_DOMAINS = ("ward.example",)
    client.post("/account/link/", {"email": "ann@ward.example"})
    run_due_jobs()
    (sent,) = mail.outbox
    assert sent.from_email.startswith("Riverside Library & Knowledge <")
    assert sent.body.endswith("\n-- \nRiverside Library & Knowledge\nlibrary@example.org\n")


def test_a_sender_with_a_name_of_its_own_keeps_it(riverside: SiteSettings, settings: Any) -> None:
    riverside.organisation_name = "Split\r\nBcc: evil@example.org"
    riverside.save()
    for name in ("The library <library@example.org>", "plain@example.org"):
        settings.DEFAULT_FROM_EMAIL = name
        row = OutgoingMail.objects.create(to="ann@example.org", subject="Hello", body="Text.")
        send_mail(str(row.pk))
    first, second = mail.outbox
    assert first.from_email == "The library <library@example.org>"
    assert "\n" not in second.from_email
    assert second.message()["Bcc"] is None


def test_the_mail_for_a_new_password_names_the_organisation(
    riverside: SiteSettings, client: Client
) -> None:
    UserFactory(username="ann@example.org", email="ann@example.org")
    client.post(reverse("password_reset"), {"email": "ann@example.org"})
    run_due_jobs()
    (sent,) = mail.outbox
    assert sent.subject == "Choose a new password for Riverside Library & Knowledge"


def test_the_admin_carries_name_and_logo(riverside: SiteSettings, client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True), backend=BACKEND)
    html = client.get("/admin/").content.decode()
    assert "<h1" in html
    assert html.count("Riverside Library &amp; Knowledge") == 2, "as title and as heading"
    assert "km-admin-logo" not in html
    riverside.logo = ImageFactory()
    riverside.save()
    assert 'class="km-admin-logo"' in client.get("/admin/").content.decode()
