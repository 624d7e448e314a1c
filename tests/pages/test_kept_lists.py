"""Lists that are kept: never stale after a change, never another reader's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from km_pages.listings.kept import MOST_MENDED, Wide, changed_since, forget
from km_pages.models import GuideChange, RelatedTechnique, TechniqueIndexPage, TechniquePage
from km_pages.templatetags.km_keep import lists
from tests.factories import (
    GoalFactory,
    KnowledgeAssetPageFactory,
    PhaseFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
LISTS = ("", "?view=goal", "?view=a-z", "?minutes=30&people=6")


@pytest.fixture
def site() -> str:
    """Two techniques in their list, which everybody may read."""
    phase, goal = PhaseFactory(name="Before"), GoalFactory(name="Connect people")
    for title in ("First way", "Second way"):
        page = TechniquePageFactory(title=title, primary_phase=phase)
        page.goals.add(goal)
        page.save()
        TechniqueFormatFactory(technique=page, minutes_min=10, minutes_max=40, people_min=2)
    return str(TechniqueIndexPage.objects.get().url)


def main_of(client: Client, address: str) -> str:
    """What stands in the middle of a page, without what is new in each answer."""
    body = client.get(address).content.decode()
    return re.sub(r"csrfmiddlewaretoken\S+ \S+", "", body.partition("<main")[2])


def is_as_made_afresh(client: Client, address: str) -> dict[str, str]:
    """All ways of showing the list, each the same from what is kept as made anew."""
    shown = {query: main_of(client, address + query) for query in LISTS}
    kept = {query: main_of(client, address + query) for query in LISTS}
    lists.clear()
    forget()
    fresh = {query: main_of(client, address + query) for query in LISTS}
    assert shown == kept == fresh
    return fresh


def one(title: str = "First way") -> TechniquePage:
    return TechniquePage.objects.get(title=title)


def rename() -> None:
    page = one()
    page.title = "Renamed way"
    page.save_revision().publish()


def rename_to_last() -> None:
    page = one()
    page.title = "Zebra way"
    page.save_revision().publish()


def rename_to_first() -> None:
    page = one("Second way")
    page.title = "A way"
    page.save_revision().publish()


def two_more() -> None:
    for title in ("A way", "Zebra way"):
        TechniqueFormatFactory(technique=TechniquePageFactory(title=title), minutes_min=5)


def other_moment() -> None:
    page = one()
    page.primary_phase = PhaseFactory(name="After")
    page.phases.set([page.primary_phase])
    page.save_revision().publish()


def other_minutes() -> None:
    page = one()
    made = page.formats.get()
    made.minutes_max = 20
    made.save()


def rename_phase() -> None:
    phase = one().primary_phase
    phase.name = "Long before"
    phase.save()


def other_goals() -> None:
    page = one()
    page.goals.set([])
    page.save()


def delete_goal() -> None:
    one().goals.get().delete()


def list_says_more() -> None:
    page = TechniqueIndexPage.objects.get()
    page.introduction = "Said anew"
    page.save_revision().publish()


def move_list() -> None:
    page = TechniqueIndexPage.objects.get()
    page.move(page.get_parent(), pos="first-child")


CHANGES: list[Callable[[], Any]] = [
    rename,
    rename_to_last,
    rename_to_first,
    two_more,
    other_moment,
    lambda: one().unpublish(),
    lambda: one().delete(),
    lambda: TechniquePageFactory(title="Third way"),
    lambda: one().copy(update_attrs={"slug": "copied", "title": "Copied way"}),
    other_minutes,
    rename_phase,
    other_goals,
    delete_goal,
    list_says_more,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__.strip("<>"))
def test_a_change_shows_at_once(client: Client, site: str, change: Callable[[], Any]) -> None:
    before = is_as_made_afresh(client, site)
    change()
    assert is_as_made_afresh(client, site) != before


def test_a_moved_list_is_its_own(client: Client, site: str) -> None:
    is_as_made_afresh(client, site)
    move_list()
    is_as_made_afresh(client, TechniqueIndexPage.objects.get().url)


def test_what_was_undone_never_shows(client: Client, site: str) -> None:
    before = is_as_made_afresh(client, site)
    with transaction.atomic():
        rename()
        assert "Renamed way" in main_of(client, site)
        transaction.set_rollback(True)
    assert {query: main_of(client, site + query) for query in LISTS} == before


def test_nobody_is_shown_what_another_may_see(client: Client, site: str) -> None:
    """A closed technique: as each kind of reader, in turn, before and after the way is opened."""
    group, hidden = Group.objects.create(name="Ward"), one("Second way")
    inside, outside = UserFactory(), UserFactory()
    inside.groups.add(group)

    def who_sees() -> list[str]:
        found = []
        for name, user in (("stranger", None), ("inside", inside), ("outside", outside)):
            reader = Client()
            if user:
                reader.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            shown = is_as_made_afresh(reader, site)
            assert len({"Second way" in each for each in shown.values()}) == 1
            found += [name] if "Second way" in shown[""] else []
            # Kept by this reader for the next.
            is_as_made_afresh(reader, site)
        return found

    assert who_sees() == ["stranger", "inside", "outside"]
    closed = PageViewRestriction.objects.create(page=hidden, restriction_type="groups")
    closed.groups.add(group)
    assert who_sees() == ["inside"]
    inside.groups.remove(group)
    assert who_sees() == []
    closed.delete()
    assert who_sees() == ["stranger", "inside", "outside"]


def test_readers_who_see_the_same_share_a_list(client: Client, site: str) -> None:
    client.get(site)
    with CaptureQueriesContext(connection) as stranger:
        client.get(site)
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(connection) as member:
        client.get(site)
    asked = [" ".join(each["sql"] for each in made) for made in (stranger, member)]
    assert not any("techniqueformat" in each for each in asked)


def test_what_is_written_all_day_leaves_lists_as_they_are(client: Client, site: str) -> None:
    before = GuideChange.objects.order_by("pk").last()
    KnowledgeAssetPageFactory()
    last = GuideChange.objects.order_by("pk").last()
    # The first item makes the list of them, which is a guide; the second makes nothing else.
    KnowledgeAssetPageFactory()
    assert before
    assert last == GuideChange.objects.order_by("pk").last()


def test_long_past_changes_are_forgotten_and_no_state_comes_again(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from km_pages.listings.kept import stamp
    from km_pages.models import guide_changes

    monkeypatch.setattr(guide_changes, "ROWS_KEPT", 3)
    seen = set()
    for _each in range(12):
        GuideChange.note()
        assert stamp() not in seen
        seen.add(stamp())
    assert GuideChange.objects.count() <= 3


def test_after_a_change_of_one_page_the_rows_of_that_page_alone_are_read(
    client: Client, site: str
) -> None:
    """Of ten thousand techniques nobody reads all again because one has other minutes."""
    client.get(site)
    other_minutes()
    with CaptureQueriesContext(connection) as asked:
        assert "10 to 20" in main_of(client, site)
    read = [each["sql"] for each in asked if "km_pages_techniqueformat" in each["sql"]]
    read += [each["sql"] for each in asked if '"primary_phase_id"' in each["sql"]]
    assert len(read) == len([each for each in read if " IN (" in each])
    assert len(read) >= 3
    PhaseFactory()
    with CaptureQueriesContext(connection) as asked:
        main_of(client, site)
    read = [each["sql"] for each in asked if "km_pages_techniqueformat" in each["sql"]]
    assert [each for each in read if " IN (" not in each], "a phase may be that of any technique"


def test_only_changes_that_tell_all_that_changed_spare_reading_everything() -> None:
    def since(*changes: tuple[int, int, int | None]) -> frozenset[int] | None:
        return changed_since(Wide(b"", None, frozenset({(7, 70), (8, 80)}), 0), changes)

    known = ((7, 70, 1), (8, 80, 2))
    assert since(*known) == frozenset()
    assert since(*known, (9, 90, 4), (10, 100, 4)) == {4}
    assert since((8, 80, 2), (9, 90, 4)) == {4}, "the oldest are forgotten in time"
    assert since(*known, (9, 90, None)) is None, "more than one page may have changed"
    assert since((7, 70, 1), (9, 90, 4)) is None, "what was known is undone"
    assert since((7, 70, 1), (8, 81, 2)) is None, "undone, and its number given to another"
    assert since((9, 90, 4)) is None, "all that was known is forgotten, and perhaps more"
    assert since() is None
    assert since(*known, *[(pk, pk, pk) for pk in range(9, 9 + MOST_MENDED + 1)]) is None


def test_a_preview_is_not_kept(site: str) -> None:
    request = RequestFactory().get(site)
    request.user = AnonymousUser()
    page = TechniqueIndexPage.objects.get()
    assert page.get_context(request)["kept"].key
    request.is_preview = True
    assert not page.get_context(request)["kept"].key


def test_a_guide_follows_all_that_stands_on_it(client: Client, site: str) -> None:
    """Its own words, its formats, whom it relates to, who may see that, and who checked it."""
    first, second = one(), one("Second way")
    RelatedTechnique.objects.create(technique=first, other=second, relation="before")
    first.reviewed_by = UserFactory(first_name="Ada", last_name="Kirk")
    first.last_reviewed = dt.date(2026, 3, 2)
    first.save()

    def shown() -> str:
        seen = [main_of(client, first.url) for _each in range(2)]
        lists.clear()
        forget()
        assert seen == [main_of(client, first.url)] * 2
        return seen[0]

    def said() -> tuple[bool, ...]:
        words = ("Second way", "Ada Kirk", "10 to 40", "First way", "Said anew")
        html = shown()
        return tuple(each in html for each in words)

    assert said() == (True, True, True, True, False)
    closed = PageViewRestriction.objects.create(page=second, restriction_type="login")
    assert said() == (False, True, True, True, False)
    closed.delete()
    other_minutes()
    assert said() == (True, True, False, True, False)
    person = first.reviewed_by
    person.last_name = "Lane"
    person.save()
    assert said() == (True, False, False, True, False)
    second.title = "Said anew"
    second.save_revision().publish()
    assert said() == (False, False, False, True, True)
    first.title = "Anew"
    first.save_revision().publish()
    assert not said()[3]
