"""The shell in a real browser: widths, keyboard, no script, another organisation's colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from wagtail.models import Site

from km_pages.models import SiteSettings
from tests.factories import (
    PASSWORD,
    PhaseFactory,
    RepositoryPageFactory,
    StandardPageFactory,
    TechniqueFormatFactory,
    TechniqueIndexPageFactory,
    TechniquePageFactory,
    ToolkitPageFactory,
    UserFactory,
    home_page,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

PAGES = ["/", "/techniques/", "/privacy/", "/account/sign-in/", "/account/password/", "/nowhere/"]


@pytest.fixture
def site() -> SiteSettings:
    home_page()
    phase = PhaseFactory(slug="after", name="After", colour="purple", strapline="What happened?")
    for factory in (TechniqueIndexPageFactory, RepositoryPageFactory, ToolkitPageFactory):
        factory()
    for number in range(4):
        technique = TechniquePageFactory(title=f"Technique {number}", primary_phase=phase)
        TechniqueFormatFactory(technique=technique)
    StandardPageFactory(title="Privacy", slug="privacy")
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.organisation_name = "Marsh Lane Hospitals and Community Services"
    settings.contact_email = "knowledge@example.org"
    settings.save()
    return settings


def sign_in(page: Any, base: str, user: Any) -> None:
    page.goto(f"{base}/account/sign-in/")
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector(".km-account__name")


def faults(page: Any) -> list[str]:
    """Console errors but for the answer of a page that is meant to be missing."""
    return [note for note in page.km_errors if "404 (Not Found)" not in note]


def test_nothing_is_fetched_from_another_host_and_nothing_breaks_the_policy(
    desktop: Any, live_server: Any, site: SiteSettings
) -> None:
    asked: list[str] = []
    desktop.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        desktop.goto(live_server.url + path)
        desktop.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith(live_server.url)] == []
    assert faults(desktop) == []


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_at_either_width(
    desktop: Any,
    phone: Any,
    live_server: Any,
    site: SiteSettings,
    axe: Callable[..., Any],
    path: str,
) -> None:
    for page in (desktop, phone):
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        extra = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(extra) == 0


def test_axe_finds_nothing_in_a_form_with_errors_and_for_somebody_signed_in(
    desktop: Any, live_server: Any, site: SiteSettings, axe: Callable[..., Any]
) -> None:
    desktop.goto(f"{live_server.url}/account/sign-in/")
    desktop.click("main button[type=submit]")
    desktop.wait_for_selector(".nhsuk-error-summary:focus")
    assert desktop.title().startswith("Error:")
    assert axe(desktop) == []
    sign_in(desktop, live_server.url, UserFactory())
    assert axe(desktop) == []


@pytest.mark.parametrize(
    ("brand", "words", "accent"),
    [("#ffd500", "#1a1a1a", "#8a1538"), ("#1a1a1a", "#ffffff", "#00527a")],
)
def test_another_organisations_colours_can_be_read(
    desktop: Any,
    live_server: Any,
    site: SiteSettings,
    axe: Callable[..., Any],
    brand: str,
    words: str,
    accent: str,
) -> None:
    site.brand_colour, site.brand_text_colour, site.accent_colour = brand, words, accent
    site.full_clean()
    site.save()
    for path in ("/", "/techniques/"):
        desktop.goto(live_server.url + path)
        desktop.wait_for_load_state("networkidle")
        assert axe(desktop) == []
    band = "getComputedStyle(document.querySelector('.km-header__band')).backgroundColor"
    red, green, blue = (int(brand[i : i + 2], 16) for i in (1, 3, 5))
    assert desktop.evaluate(band) == f"rgb({red}, {green}, {blue})"


def test_the_keyboard_alone_skips_to_the_text(
    desktop: Any, live_server: Any, site: SiteSettings
) -> None:
    desktop.goto(f"{live_server.url}/privacy/")
    desktop.keyboard.press("Tab")
    assert desktop.evaluate("document.activeElement.className") == "km-skip"
    box = desktop.locator(".km-skip").bounding_box()
    assert box["width"] > 40
    desktop.keyboard.press("Enter")
    assert desktop.evaluate("document.activeElement.id") == "maincontent"


def test_every_stop_of_the_keyboard_can_be_seen(
    desktop: Any, live_server: Any, site: SiteSettings
) -> None:
    desktop.goto(f"{live_server.url}/techniques/")
    seen = """() => {
        const here = document.activeElement;
        if (here === document.body) return 'end';
        const watched = [here, here.closest('.km-card')].filter(Boolean);
        const marked = watched.some((each) => {
            const style = getComputedStyle(each);
            return style.boxShadow !== 'none' || parseFloat(style.outlineWidth) >= 2;
        });
        return marked ? 'marked' : here.outerHTML.slice(0, 120);
    }"""
    for _stop in range(60):
        desktop.keyboard.press("Tab")
        answer = desktop.evaluate(seen)
        if answer == "end":
            break
        assert answer == "marked"


def test_the_main_targets_are_large_enough_for_a_thumb(
    phone: Any, live_server: Any, site: SiteSettings
) -> None:
    phone.goto(f"{live_server.url}/techniques/")
    for selector in (
        ".km-menu > summary",
        ".km-account__link",
        ".km-header__search button",
        ".km-filters button",
        ".km-switch a",
    ):
        for box in [each.bounding_box() for each in phone.locator(selector).all()]:
            assert box["height"] >= 44, selector


@pytest.fixture
def phone_without_script(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def test_without_script_the_menu_opens_on_a_phone_and_is_open_on_a_desktop(
    phone_without_script: Any, without_script: Any, live_server: Any, site: SiteSettings
) -> None:
    phone_without_script.goto(f"{live_server.url}/privacy/")
    link = phone_without_script.get_by_role("link", name="Techniques", exact=True)
    assert not link.is_visible()
    phone_without_script.click(".km-menu > summary")
    link.click()
    assert phone_without_script.url.endswith("/techniques/")
    without_script.goto(f"{live_server.url}/privacy/")
    assert without_script.get_by_role("link", name="Techniques", exact=True).is_visible()
    assert not without_script.locator(".km-menu > summary").is_visible()


def test_without_script_one_signs_in_and_out(
    without_script: Any, live_server: Any, site: SiteSettings
) -> None:
    user = UserFactory(first_name="Ana", last_name="Lopez")
    sign_in(without_script, live_server.url, user)
    assert "Ana Lopez" in without_script.inner_text(".km-account__name")
    without_script.click(".km-account button")
    assert without_script.inner_text("h1") == "You are signed out"
    assert without_script.locator(".km-account__name").count() == 0


def test_paper_shows_the_text_and_not_the_way_around(
    desktop: Any, live_server: Any, site: SiteSettings
) -> None:
    desktop.goto(f"{live_server.url}/techniques/")
    desktop.emulate_media(media="print")
    for selector in (".km-header", ".km-footer", ".km-crumbs", ".nhsuk-button"):
        assert not desktop.locator(selector).first.is_visible(), selector
    assert desktop.get_by_role("heading", name="Technique 1").is_visible()
