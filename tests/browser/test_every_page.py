"""Every public page in its states, looked at in a browser at 1280 and 390 pixels.

Addresses come from the table that says who may open what, so a new route is looked at by itself.
States that need more than an address follow, on the demonstration.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from km_pages.visibility import visible_to
from tests.browser.conftest import forget
from tests.browser.looking import Looking
from tests.browser.visitors import Windows
from tests.factories import tree_root
from tests.project.test_who_may_open_what import OPEN, ROUTES, arguments
from tests.project.test_who_may_open_what import world as _world  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

NO_PAGE = {"health", "km_pages:theme"}


@pytest.fixture
def empty_site(transactional_db: None) -> None:
    """A database in which a site can be made."""
    forget()
    tree_root()


@pytest.fixture
def world(empty_site: None, request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("_world")


def opened_by(table: dict[str, str] | None) -> str:
    """A role that may open an address; the one with the fewest rights that has an account."""
    opening = [role for role, answer in (table or {}).items() if answer == OPEN]
    return next((role for role in opening if role != "anonymous"), opening[0] if opening else "")


def test_every_route(window: Windows, world: dict[str, Any], live_server: Any) -> None:
    looking: dict[str, Looking] = {}
    wrong = []
    for name, (named, table) in ROUTES.items():
        role = opened_by(table)
        if not role or name in NO_PAGE:
            continue
        path = reverse(name, kwargs=arguments(world, named))
        client = Client()
        client.force_login(world["people"][role])
        if "text/html" not in client.get(path).headers.get("Content-Type", ""):
            continue
        if role not in looking:
            visitor = window(world["people"][role].username.partition("@")[0])
            visitor.come_in()
            looking[role] = Looking(visitor)
        looking[role].open(path, name=name)
    wrong += [each for one in looking.values() for each in one.wrong]
    assert not wrong, "\n".join(wrong)


STATES = (
    "/search/?q=handover",
    "/search/?q=handover&kind=knowledge&sort=newest",
    "/search/?q=hanodver",
    "/search/?q=no+such+thing+quillwort",
    "/search/?q=" + "long" * 60,
    "/techniques/?minutes=30&people=6",
    "/finder/?minutes=30&people=6&moment=leaving&weeks=2",
    "/techniques/?minutes=1&people=5000",
    "/techniques/?page=999",
    "/toolkit/?weeks=2",
    "/no/such/page/",
)

# Home, text, index, technique, toolkit, activity, repository, team space, collection or item.
KINDS = 9


def one_of_each_kind(user: Any) -> list[Page]:
    """The longest page of each kind, as somebody sees it who may see a team's knowledge."""
    longest: dict[str, Page] = {}
    pages = visible_to(Page.objects.live().filter(depth__gt=1), user).specific(defer=False)
    for page in pages:
        if page.url and len(page.title) >= len(getattr(longest.get(kind_of(page)), "title", "")):
            longest[kind_of(page)] = page
    return list(longest.values())


def kind_of(page: Page) -> str:
    return str(page._meta.label)


def test_every_kind_of_page_and_its_states(
    window: Windows, demonstration: None, live_server: Any
) -> None:
    visitor = window("sam.whitlock")
    visitor.come_in()
    looking = Looking(visitor)
    pages = one_of_each_kind(visitor.account)
    assert len(pages) >= KINDS
    for page in pages:
        looking.open(page.url)
    for path in STATES:
        looking.open(path, status=404 if path.startswith("/no/") else 200)
    assert not looking.wrong, "\n".join(looking.wrong)


def test_forms_with_everything_wrong(
    window: Windows, demonstration: None, live_server: Any
) -> None:
    visitor = window("sam.whitlock")
    looking = Looking(visitor)
    visitor.open("/account/sign-in/")
    visitor.press("Sign in")
    visitor.page.wait_for_selector(".nhsuk-error-summary:focus")
    looking.look("signing in with nothing")
    visitor.come_in()
    for name in ("km_pages:add", "km_pages:add_lesson", "km_toolkit:start_handover"):
        visitor.open(reverse(name))
        visitor.page.locator("main form button[type=submit]").last.click()
        visitor.page.wait_for_selector(".nhsuk-error-summary:focus")
        looking.look(f"{name} with nothing filled in")
    assert not looking.wrong, "\n".join(looking.wrong)
