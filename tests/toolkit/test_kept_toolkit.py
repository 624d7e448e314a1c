"""The toolkit's page is kept as lists of techniques are: never stale after a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from km_pages.templatetags.km_keep import lists
from km_toolkit.models import ActivityPage, ToolkitPage
from km_toolkit.models.toolkit import ToolkitStep
from tests.factories import ActivityPageFactory, ToolkitPageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
LISTS = ("", "?weeks=2", "?minutes=30")


def main_of(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition("<main")[2]


def is_as_made_afresh(client: Client, address: str) -> dict[str, str]:
    shown = {query: main_of(client, address + query) for query in LISTS}
    kept = {query: main_of(client, address + query) for query in LISTS}
    lists.clear()
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
