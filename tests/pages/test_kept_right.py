"""Knowledge that somebody keeps right: said with one click, and passed on when they go."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry

from km_pages.actions.errors import Conflict
from km_pages.actions.still_right import StillRight, months_after
from km_pages.models import KnowledgeAssetPage, OutgoingMail
from km_pages.visibility import Visibility
from tests.factories import KnowledgeAssetPageFactory, UserFactory
from tests.pages.adding import World, client_of, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
BUTTON = "it is still right"


def item_of(world: World, **values: Any) -> KnowledgeAssetPage:
    given = {"team": world.team, "owner": world.author, "holder": world.holder, **values}
    page = KnowledgeAssetPageFactory(**given)
    page.save_revision()
    if given.get("live", True):
        page.get_latest_revision().publish()
    return KnowledgeAssetPage.objects.get(pk=page.pk)


def days(number: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=number)


def say(user: Any, page: Any) -> int:
    return client_of(user).post(reverse("km_pages:still_right", args=[page.pk])).status_code


def shown(user: Any, page: Any) -> str:
    return client_of(user).get(page.url).content.decode()


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        ("2026-11-24", 12, "2027-11-24"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-12-31", 1, "2027-01-31"),
    ],
)
def test_the_same_day_so_many_months_later(day: str, months: int, due: str) -> None:
    assert months_after(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(due)


def test_one_click_by_those_whose_word_counts_sets_a_new_day_and_says_who(settings: Any) -> None:
    settings.KM = {**getattr(settings, "KM", {}), "REVIEW_MONTHS": 12}
    world = make_world()
    page = item_of(world, review_due=days(-3))
    for person, answer in ((world.member, 404), (world.stranger, 404)):
        assert BUTTON not in shown(person, page) or person is world.stranger
        assert say(person, page) == answer
    assert KnowledgeAssetPage.objects.get().review_due == days(-3)
    for person in (world.author, world.holder, world.steward):
        KnowledgeAssetPage.objects.update(review_due=days(-3))
        assert "This may be out of date" in shown(world.member, page)
        assert BUTTON in shown(person, page)
        assert say(person, page) == 302
        now = KnowledgeAssetPage.objects.get()
        assert (now.last_reviewed, now.reviewed_by) == (days(0), person)
        assert now.review_due == months_after(days(0), 12)
        assert BUTTON not in shown(person, page)
        assert "This may be out of date" not in shown(world.member, page)
        assert person.get_full_name() in shown(world.member, page)
    assert PageLogEntry.objects.filter(action="km_pages.still_right").count() == 3


def test_a_draft_that_is_being_written_stays_one_and_keeps_the_new_day() -> None:
    world = make_world()
    page = item_of(world, title="As shared", review_due=days(-3))
    page.title = "Not for you yet"
    page.save_revision()
    StillRight(page=page, by=world.author).execute()
    live = KnowledgeAssetPage.objects.get()
    assert (live.title, live.has_unpublished_changes) == ("As shared", True)
    live.get_latest_revision().publish()
    live = KnowledgeAssetPage.objects.get()
    assert live.title == "Not for you yet"
    assert (live.last_reviewed, live.reviewed_by) == (days(0), world.author)
    assert live.review_due > days(300)


def test_what_is_not_shared_is_not_said_to_be_right() -> None:
    world = make_world()
    page = item_of(world, live=False)
    with pytest.raises(Conflict):
        StillRight(page=page, by=world.author).execute()


def test_closing_an_account_passes_on_all_it_kept_in_one_go_and_tells_who_keeps_it() -> None:
    world = make_world()
    pages = [item_of(world, title="Keys"), item_of(world, title="Half done", live=False)]
    theirs = item_of(world, title="Mine", owner=world.member)
    world.author.is_active = False
    world.author.save()
    for page in pages:
        page.refresh_from_db()
        assert (page.owner, page.holder) == (world.steward, world.holder)
    theirs.refresh_from_db()
    assert theirs.owner == world.member
    mail = OutgoingMail.objects.get(to=world.steward.email)
    assert "Keys" in mail.body
    assert "Half done" in mail.body
    logged = PageLogEntry.objects.filter(action="km_pages.passed_on")
    assert logged.count() == 2
    # Signing in, and whatever else saves an account, does nothing more.
    world.author.save()
    assert OutgoingMail.objects.count() == 1


def test_an_account_that_is_deleted_leaves_nothing_without_a_keeper() -> None:
    world = make_world()
    page = item_of(world)
    world.author.delete()
    page.refresh_from_db()
    assert page.owner == world.steward


def test_what_was_for_named_people_goes_to_no_steward() -> None:
    world = make_world()
    page = item_of(
        world, title="Quizzical", visibility=Visibility.NAMED, named_people=[world.member]
    )
    world.author.is_active = False
    world.author.save()
    page.refresh_from_db()
    assert page.owner is None
    assert not OutgoingMail.objects.filter(body__contains="Quizzical").exists()


def test_without_a_steward_it_is_kept_by_nobody_and_an_open_account_keeps_its_own() -> None:
    world = make_world()
    page = item_of(world)
    world.team.stewards_group.user_set.clear()
    UserFactory(is_active=False)
    page.refresh_from_db()
    assert page.owner == world.author
    world.author.is_active = False
    world.author.save(update_fields=["is_active"])
    page.refresh_from_db()
    assert page.owner is None
