"""What is used most: counted without persons, and shown only as far as it may be seen."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from km_pages import page_use
from km_pages.models import PageUse
from km_pages.visibility import Visibility
from tests.factories import (
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    TeamFactory,
    TeamSpacePageFactory,
    TechniquePageFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture(autouse=True)
def counting(settings: Any, monkeypatch: Any) -> None:
    settings.KM_COUNT_USE = True
    page_use._counted.clear()
    # A process that wrote long ago writes at once.
    monkeypatch.setattr(page_use, "_since", time.monotonic())


def used(page: Any, times: int, months_ago: int = 0) -> None:
    month = timezone.localdate().replace(day=1)
    for _month in range(months_ago):
        month = (month - timedelta(days=1)).replace(day=1)
    PageUse.objects.create(page=page, month=month, times=times)


def test_opening_counts_refusals_and_heads_do_not(client: Client) -> None:
    open_item = KnowledgeAssetPageFactory(visibility="open")
    shut = KnowledgeAssetPageFactory(visibility="team")
    guide, text = TechniquePageFactory(), StandardPageFactory()
    for page in (open_item, open_item, shut, guide, text):
        client.get(page.url)
    client.head(open_item.url)
    assert not PageUse.objects.exists(), "nobody waits for a write"
    page_use.write_down()
    client.get(open_item.url)
    page_use.write_down()
    counts = dict(PageUse.objects.values_list("page_id", "times"))
    assert counts == {open_item.pk: 3, guide.pk: 1}


def test_it_is_written_when_enough_was_counted(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(page_use, "WRITE_AFTER_VIEWS", 3)
    page = TechniquePageFactory()
    for _time in range(3):
        client.get(page.url)
    assert PageUse.objects.get().times == 3


def test_no_person_is_in_the_table(client: Client) -> None:
    names = {field.name for field in PageUse._meta.get_fields()}
    assert names == {"id", "page", "month", "times"}


def test_a_deleted_page_is_not_counted(client: Client) -> None:
    page = TechniquePageFactory()
    client.get(page.url)
    page.delete()
    page_use.write_down()
    assert not PageUse.objects.exists()


def test_a_team_space_names_what_is_used_most_of_what_its_reader_may_see(client: Client) -> None:
    person = UserFactory()
    team = TeamFactory(members=[person])
    space = TeamSpacePageFactory(team=team)
    items = {
        kind: KnowledgeAssetPageFactory(title=f"Item {kind}", team=team, visibility=kind)
        for kind in Visibility.values
    }
    for times, kind in ((90, "named"), (50, "team"), (70, "open"), (2, "organisation")):
        used(items[kind], times)
    old = KnowledgeAssetPageFactory(title="Old favourite", team=team)
    used(old, 900, months_ago=6)
    client.force_login(person)
    answer = client.get(space.url)
    assert [card.title for card in answer.context["most_used"]] == ["Item open", "Item team"]
    client.force_login(UserFactory())
    answer = client.get(space.url)
    assert [card.title for card in answer.context["most_used"]] == ["Item open"]
