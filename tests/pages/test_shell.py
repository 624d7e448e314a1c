"""The shell around every page: header, account, navigation, error pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse
from django.views.defaults import bad_request, permission_denied, server_error
from wagtail import hooks
from wagtail.models import Site

from km_pages.context_processors import shell
from km_pages.models import SiteSettings
from km_pages.navigation import MOST_WORDS, NAVIGATION_HOOK, NavEntry, nav_links
from km_pages.work import run_due_jobs
from tests.factories import (
    RepositoryPageFactory,
    StandardPageFactory,
    TechniqueIndexPageFactory,
    ToolkitPageFactory,
    UserFactory,
    home_page,
)

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"


def broken(_request: Any) -> Any:
    raise ZeroDivisionError


def forbidden(_request: Any) -> Any:
    raise PermissionDenied


class BrokenAddresses:
    """Addresses of a site in which something goes wrong."""

    urlpatterns = [path("broken/", broken), path("forbidden/", forbidden)]


@pytest.fixture
def organisation() -> SiteSettings:
    home_page()
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.organisation_name = "Marsh Lane"
    settings.contact_email = "knowledge@example.org"
    settings.save()
    return settings


def sections() -> None:
    for factory in (TechniqueIndexPageFactory, RepositoryPageFactory, ToolkitPageFactory):
        factory()


def html_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return str(response.content.decode())


def test_every_page_has_language_skip_link_name_and_one_heading(
    client: Client, organisation: SiteSettings
) -> None:
    StandardPageFactory(title="Privacy", slug="privacy")
    html = html_of(client, "/privacy/")
    assert '<html lang="en-gb"' in html
    assert html.index('href="#maincontent"') < html.index("<header")
    assert 'id="maincontent"' in html
    assert "<title>Privacy – Marsh Lane</title>" in html
    assert len(re.findall(r"<h1[ >]", html)) == 1


def test_pages_carry_no_inline_script_or_style(client: Client, organisation: SiteSettings) -> None:
    sections()
    for url in ("/", "/techniques/", "/toolkit/", reverse("login")):
        html = html_of(client, url)
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert "<style" not in html
        assert not re.search(r"\sstyle=", html)
        assert not re.search(r"\son[a-z]+=", html)


def test_nothing_on_a_page_comes_from_another_host(
    client: Client, organisation: SiteSettings
) -> None:
    html = html_of(client, "/")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]+\.(?:css|js|woff2?|svg|png)', html)


def test_the_header_says_whose_account_it_is_and_signs_out_by_post(
    client: Client, organisation: SiteSettings
) -> None:
    user = UserFactory(first_name="Ana", last_name="Lopez")
    assert "Sign in" in html_of(client, "/")
    client.force_login(user, backend=BACKEND)
    html = html_of(client, "/")
    assert "Ana Lopez" in html
    form = re.search(r'<form action="([^"]+)" method="post">(.*?)</form>', html, re.S)
    assert form is not None
    assert form.group(1) == reverse("logout")
    assert "csrfmiddlewaretoken" in form.group(2)


def test_a_name_is_shown_and_not_run(client: Client, organisation: SiteSettings) -> None:
    user = UserFactory(first_name="<script>alert(1)</script>", last_name="X")
    organisation.organisation_name = "<img src=x onerror=alert(1)>"
    organisation.save()
    client.force_login(user, backend=BACKEND)
    html = html_of(client, "/")
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_the_search_box_keeps_the_query(rf: RequestFactory) -> None:
    assert shell(rf.get("/", {"q": " night  rota\x00 "}))["search_query"] == "night rota"
    assert len(shell(rf.get("/", {"q": "x" * 9000}))["search_query"]) == 500
    assert shell(rf.get("/"))["search_query"] == ""


def test_the_navigation_leads_to_the_pages_there_are(
    client: Client, organisation: SiteSettings
) -> None:
    assert 'aria-label="Main"' not in html_of(client, "/")
    TechniqueIndexPageFactory()
    html = html_of(client, "/")
    assert '<a href="/techniques/">Techniques</a>' in html
    assert ">Repository<" not in html


def test_the_word_of_the_current_page_is_marked(client: Client, organisation: SiteSettings) -> None:
    sections()
    assert '<a href="/techniques/" aria-current="page">' in html_of(client, "/techniques/")
    assert "aria-current" not in html_of(client, "/")


def test_an_unpublished_page_is_not_in_the_navigation(
    client: Client, organisation: SiteSettings
) -> None:
    TechniqueIndexPageFactory(live=False)
    assert ">Techniques<" not in html_of(client, "/")


def test_an_app_adds_a_word_through_the_hook_and_there_are_never_more_than_five(
    rf: RequestFactory, organisation: SiteSettings
) -> None:
    sections()

    def more() -> list[NavEntry]:
        return [NavEntry(label=f"Word {n}", order=n, url_name="login") for n in range(1, 8)]

    request = rf.get("/")
    request.user = UserFactory()
    with hooks.register_temporarily(NAVIGATION_HOOK, more):
        words = [link.label for link in nav_links(request)]
    assert words[0] == "Word 1"
    assert len(words) == MOST_WORDS


def test_a_view_that_is_not_there_is_left_out(
    rf: RequestFactory, organisation: SiteSettings
) -> None:
    request = rf.get("/")
    request.user = UserFactory()
    entry = NavEntry(label="Nowhere", order=1, url_name="no-such-view")
    with hooks.register_temporarily(NAVIGATION_HOOK, lambda: [entry]):
        assert "Nowhere" not in [link.label for link in nav_links(request)]


def test_the_shell_asks_nothing_where_it_is_not_used(
    rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        shell(rf.get("/"))


def test_the_shell_costs_the_same_however_many_pages_there_are(
    rf: RequestFactory, organisation: SiteSettings
) -> None:
    from django.db import connection  # the wrapper whose queries are counted

    def cost() -> int:
        request = rf.get("/")
        request.user = UserFactory.build()
        Site.clear_site_root_paths_cache()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            context = shell(request)
            str(context["theme_version"])
            list(context["nav"])
            str(context["account"].name)
            str(context["organisation"].organisation_name)
        return len(asked)

    sections()
    few = cost()
    for number in range(20):
        StandardPageFactory(title=f"Page {number}")
    assert cost() == few
    assert few <= 4


def test_a_host_without_a_base_template_of_its_own_gets_a_plain_page(
    client: Client, organisation: SiteSettings, settings: Any
) -> None:
    settings.KM_BASE_TEMPLATE = "km_pages/base.html"
    sections()
    html = html_of(client, "/techniques/")
    assert "km_site/" not in html
    assert 'href="#maincontent"' in html
    assert "km_pages/css/components.css" in html
    assert len(re.findall(r"<h1[ >]", html)) == 1


def test_the_components_are_styled_once_on_every_page(
    client: Client, organisation: SiteSettings
) -> None:
    sections()
    for url in ("/techniques/", reverse("login")):
        assert html_of(client, url).count("km_pages/css/components.css") == 1


# Pages that say what went wrong


def test_not_found_offers_search_and_ways_on_and_sign_in(
    client: Client, organisation: SiteSettings
) -> None:
    sections()
    html = html_of(client, "/no/such/page/", status=404)
    assert "We cannot show this page" in html
    assert 'name="q"' in html
    assert 'href="/techniques/"' in html
    assert f"{reverse('login')}?next=/no/such/page/" in html
    assert "knowledge@example.org" in html


def test_not_found_does_not_offer_sign_in_to_who_is_signed_in(
    client: Client, organisation: SiteSettings
) -> None:
    client.force_login(UserFactory(), backend=BACKEND)
    assert "?next=" not in html_of(client, "/no/such/page/", status=404)


def test_a_fault_says_that_nothing_saved_was_lost_and_asks_no_database(
    rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = server_error(rf.get("/"))
    html = response.content.decode()
    assert response.status_code == 500
    assert "Everything that had been saved is still there" in html
    assert "back button" in html


def test_a_fault_in_a_view_shows_the_page(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = BrokenAddresses
    client.raise_request_exception = False
    response = client.get("/broken/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_pages_for_bad_times_need_no_context(name: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        html = render_to_string(name)
    assert "<h1>" in html
    assert "saved" in html or "changed" in html


def test_a_bad_request_has_a_page_that_helps(rf: RequestFactory) -> None:
    response = bad_request(rf.get("/"), ValueError("x"))
    assert response.status_code == 400
    assert "start again from the home page" in response.content.decode()


def test_a_refusal_says_whose_account_it_is(rf: RequestFactory, organisation: SiteSettings) -> None:
    request = rf.get("/")
    request.user = UserFactory(first_name="Ana", last_name="Lopez")
    response = permission_denied(request, PermissionDenied())
    assert response.status_code == 403
    assert "You are signed in as Ana Lopez. Nothing has been changed." in response.content.decode()


def test_a_form_that_was_open_too_long_says_what_was_kept(organisation: SiteSettings) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("login"), {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "What you had saved before is still there" in response.content.decode()


# Signing in


def test_keep_me_signed_in_is_not_ticked_and_warns_of_shared_computers(
    client: Client, organisation: SiteSettings
) -> None:
    html = html_of(client, reverse("login"))
    box = re.search(r'<input[^>]*name="keep"[^>]*>', html)
    assert box is not None
    assert "checked" not in box.group()
    assert "On a shared computer, leave this empty." in html


def test_a_failed_sign_in_says_the_same_for_every_reason(
    client: Client, organisation: SiteSettings
) -> None:
    user = UserFactory()
    pages = []
    for name in (user.username, "nobody@example.org"):
        response = client.post(reverse("login"), {"username": name, "password": "wrong"})
        html = response.content.decode()
        assert "<title>Error: Sign in" in html
        pages.append(re.findall(r'role="alert">.*?</div>\s*</div>', html, re.S)[0])
    assert pages[0] == pages[1]


def test_signing_in_leads_on_to_the_page_that_was_asked_for(
    client: Client, organisation: SiteSettings
) -> None:
    StandardPageFactory(title="Privacy", slug="privacy")
    html = html_of(client, reverse("login") + "?next=/privacy/")
    assert '<input type="hidden" name="next" value="/privacy/">' in html


@pytest.mark.parametrize(
    "name", ["password_reset", "password_reset_done", "password_reset_complete"]
)
def test_every_page_of_a_new_password_opens(
    client: Client, organisation: SiteSettings, name: str
) -> None:
    assert "<h1" in html_of(client, reverse(name))


def test_a_used_link_for_a_new_password_says_so(client: Client, organisation: SiteSettings) -> None:
    html = html_of(client, reverse("password_reset_confirm", args=["MQ", "set-password"]))
    assert "This link has been used or is too old" in html


def test_the_mail_for_a_new_password_has_one_link_and_says_why(
    client: Client, organisation: SiteSettings, mailoutbox: Any
) -> None:
    user = UserFactory()
    client.post(reverse("password_reset"), {"email": user.email})
    run_due_jobs()
    mail = mailoutbox[0]
    assert "\n" not in mail.subject
    assert len(re.findall(r"https?://", mail.body)) == 1
    assert "You get this mail because" in mail.body
    assert "&" not in mail.body
