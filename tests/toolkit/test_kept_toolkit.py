"""The toolkit's page is kept as lists of techniques are: never stale after a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from km_pages.listings.kept import forget
from km_pages.templatetags.km_keep import lists
from km_toolkit.models import ActivityPage, ToolkitPage
from km_toolkit.models.toolkit import ToolkitStep
from tests.factories import (
    ActivityPageFactory,
    TechniquePageFactory,
    ToolkitPageFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
LISTS = ("", "?weeks=2", "?minutes=30")


def main_of(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition("<main")[2]


def is_as_made_afresh(client: Client, address: str) -> dict[str, str]:
    shown = {query: main_of(client, address + query) for query in LISTS}
    kept = {query: main_of(client, address + query) for query in LISTS}
    lists.clear()
    forget()
    fresh = {query: main_of(client, address + query) for query in LISTS}
    assert shown == kept == fresh
    return fresh


def rename() -> None:
    page = ActivityPage.objects.get(title="First thing")
    page.title = "Renamed thing"
    page.save_revision().publish()


def rename_step() -> None:
    page = ToolkitPage.objects.get()
    step = page.steps.get()
    step.title = "Said anew"
    page.steps.add(step)
    page.save_revision().publish()


def rename_step_alone() -> None:
    step = ToolkitPage.objects.get().steps.get()
    step.title = "Said anew"
    step.save()


def close() -> None:
    page = ActivityPage.objects.get(title="First thing")
    PageViewRestriction.objects.create(page=page, restriction_type="login")


@pytest.mark.parametrize(
    "change",
    [
        rename,
        rename_step,
        rename_step_alone,
        close,
        lambda: ActivityPage.objects.get(title="First thing").unpublish(),
        lambda: ActivityPageFactory(title="Third thing"),
    ],
    ids=("renamed", "step", "step alone", "closed", "unpublished", "new"),
)
def test_a_change_shows_at_once(client: Client, change: Callable[[], Any]) -> None:
    toolkit = ToolkitPageFactory()
    first = ActivityPageFactory(title="First thing", parent=toolkit)
    ActivityPageFactory(title="Second thing", parent=toolkit)
    ToolkitStep.objects.create(toolkit=toolkit, title="Name it", activities=[("activity", first)])
    before = is_as_made_afresh(client, toolkit.url)
    change()
    assert is_as_made_afresh(client, toolkit.url) != before


def test_an_activity_follows_all_that_stands_on_it(client: Client) -> None:
    """Its own words, the techniques that this reader may see, and who checked it."""
    technique = TechniquePageFactory(title="A way of asking")
    activity = ActivityPageFactory(title="First thing", purpose="Said first.")
    activity.techniques = [technique]
    activity.reviewed_by = UserFactory(first_name="Ada", last_name="Kirk")
    activity.last_reviewed = dt.date(2026, 3, 2)
    activity.save()
    words = ("A way of asking", "Said first.", "Ada Kirk")

    def said() -> tuple[bool, ...]:
        seen = [main_of(client, activity.url) for _each in range(2)]
        lists.clear()
        forget()
        assert seen == [main_of(client, activity.url)] * 2
        return tuple(each in seen[0] for each in words)

    assert said() == (True, True, True)
    closed = PageViewRestriction.objects.create(page=technique, restriction_type="login")
    assert said() == (False, True, True)
    closed.delete()
    assert said() == (True, True, True)
    person = activity.reviewed_by
    person.last_name = "Lane"
    person.save()
    assert said() == (True, True, False)
    activity.purpose = "Said anew."
    activity.save_revision().publish()
    assert said() == (True, False, False)
    technique.unpublish()
    assert said() == (False, False, False)
