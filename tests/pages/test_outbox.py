"""Changes reach the index with the commit that made them, once, and in any order of faults."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from wagtail.models import Page, PageViewRestriction, Site

from km_pages import applying
from km_pages.models import (
    Attachment,
    IndexChange,
    KnowledgeAssetPage,
    ScanState,
    StandardPage,
    TeamSpacePage,
)
from km_pages.outbox import Ending, drain, enqueue, enqueue_many, note_overdue, pending
from km_pages.search import EngineUnavailable, WriterBusy, get_engine
from km_pages.signals import file_read
from km_pages.turns import DRAIN, turn
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    StoredFileFactory,
    TeamFactory,
    TeamSectionPageFactory,
    TeamSpacePageFactory,
    TechniquePageFactory,
    TopicFactory,
    UserFactory,
    home_page,
)
from tests.pages.indexing import finds, found_by, settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def rows() -> list[tuple[int, bool, bool]]:
    return list(IndexChange.objects.values_list("page_id", "subtree", "narrows"))


@pytest.fixture
def item() -> Any:
    """A team's item that the index knows."""
    page = KnowledgeAssetPageFactory(title="Pump manual", visibility="open")
    settle()
    return page


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_was_published_is_found_as_soon_as_it_is_committed() -> None:
    home_page()
    with transaction.atomic():
        page = StandardPageFactory(title="Visiting hours", introduction="Two until eight")
        assert finds(None, "eight") == set()
    assert finds(None, "eight") == {"Visiting hours"}
    page.introduction = "Three until nine"
    page.save_revision().publish()
    assert finds(None, "nine") == {"Visiting hours"}
    assert rows() == []


# What is noted


def test_a_published_page_is_found_and_leaves_no_row() -> None:
    StandardPageFactory(title="Visiting hours", introduction="Two until eight")
    settle()
    assert finds(None, "eight") == {"Visiting hours"}


def test_publishing_a_revision_brings_tags_children_and_text_of_that_revision(item: Any) -> None:
    item.summary = "Charge it overnight"
    item.tags.add("batteries")
    revision = item.save_revision()
    settle()
    assert finds(None, "overnight") == set(), "a draft is found by nobody"
    revision.publish()
    settle()
    assert finds(None, "overnight") == finds(None, "batteries") == {"Pump manual"}


def test_saving_a_draft_notes_nothing(item: Any) -> None:
    item.summary = "Still thinking"
    item.save_revision()
    assert rows() == []


def test_an_unpublished_page_is_left_out_from_the_commit_on_not_only_from_the_drain(
    item: Any,
) -> None:
    item.unpublish()
    assert rows() == [(item.pk, False, True)]
    assert finds(None, "pump") == set()
    settle()
    assert finds(None, "pump") == set()
    assert item.pk not in get_engine().fingerprints()


def test_a_deleted_section_is_gone_with_everything_below_it() -> None:
    section = TeamSectionPageFactory(parent=TeamSpacePageFactory(), title="Section")
    below = KnowledgeAssetPageFactory(parent=section, title="Below", visibility="open")
    settle()
    assert finds(None, "below") == {"Below"}
    type(section).objects.get(pk=section.pk).delete()
    assert pending().narrowing == {section.pk}, "one id leaves out the whole section"
    assert finds(None, "below") == set()
    settle()
    assert {section.pk, below.pk}.isdisjoint(get_engine().fingerprints())


def test_a_moved_space_takes_the_new_place_for_all_below_it(item: Any) -> None:
    old, new = TeamSpacePage.objects.get(), TeamSpacePageFactory()
    section = TeamSectionPageFactory(parent=old)
    below = KnowledgeAssetPageFactory(parent=section, title="Below")
    settle()
    Page.objects.get(pk=section.pk).move(Page.objects.get(pk=new.pk), pos="last-child")
    assert (section.pk, True, True) in rows()
    settle()
    assert finds(UserFactory(is_superuser=True), "below", filters={"team": [new.team.slug]}) == {
        "Below"
    }
    (hit,) = found_by(UserFactory(is_superuser=True), "below").hits
    assert hit.url == KnowledgeAssetPage.objects.get(pk=below.pk).get_url()


def test_a_renamed_address_is_renewed_for_all_below_it() -> None:
    parent = StandardPageFactory(title="About", slug="about")
    child = StandardPageFactory(title="Contact", parent=parent)
    settle()
    parent = StandardPage.objects.get(pk=parent.pk)
    parent.slug = "about-us"
    parent.save()
    assert rows() == [(parent.pk, True, False)]
    settle()
    (hit,) = found_by(None, "contact").hits
    assert hit.url == StandardPage.objects.get(pk=child.pk).get_url() == "/about-us/contact/"


def test_reordering_notes_nothing_that_narrows(item: Any) -> None:
    second = KnowledgeAssetPageFactory(parent=Page.objects.get(pk=item.pk).get_parent())
    settle()
    Page.objects.get(pk=second.pk).move(Page.objects.get(pk=item.pk), pos="left")
    assert not any(narrows for _page, _subtree, narrows in rows())


@pytest.mark.parametrize(
    ("before", "after", "narrows"),
    [
        ("open", "team", True),
        ("organisation", "named", True),
        ("team", "organisation", True),
        ("team", "team", False),
        ("named", "open", False),
    ],
)
def test_a_change_of_visibility_narrows_unless_everybody_keeps_it(
    before: str, after: str, narrows: bool
) -> None:
    """From team to organisation the managers' own token goes: in doubt it counts as narrower."""
    page = KnowledgeAssetPageFactory(visibility=before)
    settle()
    page = KnowledgeAssetPage.objects.get(pk=page.pk)
    page.visibility = after
    page.save()
    assert rows() == [(page.pk, False, narrows)]


def test_a_team_that_no_longer_shares_an_item_does_not_find_it_before_the_drain() -> None:
    friend = UserFactory()
    friends = TeamFactory(members=[friend])
    page = KnowledgeAssetPageFactory(title="Rota", shared_with=[friends])
    settle()
    assert finds(friend, "rota") == {"Rota"}
    page = KnowledgeAssetPage.objects.get(pk=page.pk)
    page.shared_with = []
    page.save()
    assert finds(friend, "rota") == set()
    settle()
    assert finds(friend, "rota") == set()


def test_membership_and_restrictions_touch_no_document_and_count_at_once() -> None:
    person, team = UserFactory(), TeamFactory()
    page = KnowledgeAssetPageFactory(title="Rota", team=team)
    settle()
    team.members_group.user_set.add(person)
    assert finds(get_user_model().objects.get(pk=person.pk), "rota") == {"Rota"}
    team.members_group.user_set.remove(person)
    assert finds(get_user_model().objects.get(pk=person.pk), "rota") == set()
    team.members_group.user_set.add(person)
    above = Page.objects.get(pk=page.pk).get_parent()
    PageViewRestriction.objects.create(
        page=above, restriction_type=PageViewRestriction.PASSWORD, password="x"
    )
    assert finds(get_user_model().objects.get(pk=person.pk), "rota") == set()
    assert rows() == []


def test_a_file_is_found_once_it_has_been_read(item: Any) -> None:
    stored = StoredFileFactory(name="manual.pdf", text_state="waiting")
    AttachmentFactory(page=item, stored_file=stored)
    settle()
    assert finds(None, "manual.pdf") == {"Pump manual"}
    stored.passages.create(number=1, label="page 1", text="Defibrillator inside")
    stored.text_state = "read"
    stored.save()
    file_read.send(sender=type(stored), stored_file=stored)
    settle()
    (hit,) = found_by(None, "defibrillator").hits
    assert (hit.file_id, hit.file_name, hit.file_label) == (
        str(stored.uuid),
        "manual.pdf",
        "page 1",
    )


def test_a_file_found_to_be_infected_leaves_its_item_out_until_its_text_is_gone(
    item: Any,
) -> None:
    stored = StoredFileFactory(passages=["Defibrillator inside"])
    AttachmentFactory(page=item, stored_file=stored)
    settle()
    stored.scan_state = ScanState.INFECTED
    stored.save()
    assert finds(None, "defibrillator") == set()
    settle()
    assert finds(None, "defibrillator") == set()
    assert finds(None, "pump") == {"Pump manual"}


def test_a_file_taken_away_is_found_no_more(item: Any) -> None:
    AttachmentFactory(page=item, stored_file=StoredFileFactory(passages=["Defibrillator"]))
    settle()
    Attachment.objects.get().delete()
    assert finds(None, "defibrillator") == set()
    settle()
    assert finds(None, "defibrillator") == set()


def test_a_renamed_team_is_renamed_on_all_its_items_and_those_shared_with_it(item: Any) -> None:
    home = TeamSpacePage.objects.get().team
    shared = KnowledgeAssetPageFactory(team=TeamFactory(), title="Shared", shared_with=[home])
    settle()
    home.name = "Ward Seven"
    home.save()
    settle()
    admin = UserFactory(is_superuser=True)
    assert {hit.labels["team"] for hit in found_by(admin, "pump").hits} == {"Ward Seven"}
    (hit,) = found_by(admin, "shared").hits
    assert hit.page_id == shared.pk
    assert "Ward Seven" in hit.labels["teams"].split("\n")


def test_a_team_saved_without_a_new_name_notes_nothing(item: Any) -> None:
    team = TeamSpacePage.objects.get().team
    team.purpose = "Looks after people"
    team.save()
    assert rows() == []


def test_another_team_for_a_space_narrows_everything_in_it(item: Any) -> None:
    space = TeamSpacePage.objects.get()
    space.team = TeamFactory()
    space.save()
    assert rows() == [(space.pk, True, True)]


def test_what_editors_keep_in_lists_is_renewed_when_renamed_or_deleted() -> None:
    topic = TopicFactory(slug="stock", name="Stock")
    page = KnowledgeAssetPageFactory(topics=[topic], visibility="open", title="Order forms")
    technique = TechniquePageFactory()
    settle()
    topic.slug = "supplies"
    topic.save()
    assert {page_id for page_id, _subtree, _narrows in rows()} == {page.pk}
    settle()
    assert finds(None, "order", filters={"topic": ["supplies"]}) == {"Order forms"}
    topic.delete()
    settle()
    assert finds(None, "order", filters={"topic": ["supplies"]}) == set()
    assert technique.pk in get_engine().fingerprints()


def test_a_person_who_marries_is_renamed_as_holder_but_signing_in_notes_nothing() -> None:
    holder = UserFactory(first_name="Ana", last_name="Reyes")
    KnowledgeAssetPageFactory(holder=holder, visibility="open", title="Keys")
    settle()
    holder.last_login = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    holder.save(update_fields=["last_login"])
    assert rows() == []
    holder.last_name = "Green"
    holder.save()
    settle()
    (hit,) = found_by(None, "keys").hits
    assert hit.labels["holder"] == "Ana Green"


def test_a_deleted_person_leaves_no_token() -> None:
    named = UserFactory()
    page = KnowledgeAssetPageFactory(visibility="named", named_people=[named])
    settle()
    before = get_engine().fingerprints()[page.pk]
    named.delete()
    settle()
    assert get_engine().fingerprints()[page.pk] != before


def test_another_root_for_a_site_renews_what_was_below_the_old_and_is_below_the_new() -> None:
    home = home_page()
    page = StandardPageFactory(title="Only root")
    child = StandardPageFactory(title="Child", parent=page)
    settle()
    site = Site.objects.get()
    site.root_page = page
    site.save()
    settle()
    known = get_engine().fingerprints()
    assert home.pk not in known
    assert child.pk in known


def test_a_date_of_checking_that_passes_is_noted_once() -> None:
    today = datetime.date(2026, 5, 2)
    page = KnowledgeAssetPageFactory(review_due=datetime.date(2026, 5, 1))
    KnowledgeAssetPageFactory(review_due=today)
    settle()
    assert note_overdue(today - datetime.timedelta(days=1)) == 0
    assert note_overdue(today) == 1
    assert rows() == [(page.pk, False, False)]
    assert note_overdue(today) == 0


# How it is applied


def test_a_rolled_back_change_leaves_no_row() -> None:
    home_page()
    settle()
    with transaction.atomic():
        StandardPageFactory(title="Never")
        transaction.set_rollback(True)
    assert rows() == []


def test_many_changes_of_one_transaction_are_applied_by_one_drain(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        for number in range(1, 6):
            enqueue(number)
        enqueue_many([6, 7])
    ours = [each for each in callbacks if each.__name__ == "drain_after_commit"]
    assert len(ours) == 1


def test_a_drain_asked_for_in_a_rolled_back_savepoint_is_asked_for_again(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        with transaction.atomic():
            enqueue(1)
            transaction.set_rollback(True)
        enqueue(2)
    assert [each.__name__ for each in callbacks] == ["drain_after_commit"]


@pytest.mark.parametrize(
    ("fault", "ending"),
    [(WriterBusy("held"), Ending.BUSY), (EngineUnavailable("gone"), Ending.UNAVAILABLE)],
)
def test_rows_stay_while_the_engine_cannot_take_them(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, ending: Ending
) -> None:
    StandardPageFactory(title="Patient")
    engine = get_engine()

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(type(engine), "apply", refuse)
        assert drain().ending is ending
    assert rows()
    settle()
    assert finds(None, "patient") == {"Patient"}


def test_who_finds_the_turn_taken_leaves(item: Any) -> None:
    enqueue(item.pk)
    with turn(DRAIN):
        assert drain().ending is Ending.BUSY
    assert rows()
    settle()


def test_what_arrives_while_the_turn_is_held_is_done_by_its_holder(
    monkeypatch: pytest.MonkeyPatch, item: Any
) -> None:
    late: list[Page] = []
    real = applying._Work.run

    def run(self: Any, engine: Any) -> None:
        real(self, engine)
        if not late:
            late.append(StandardPageFactory(title="Latecomer"))

    monkeypatch.setattr(applying._Work, "run", run)
    enqueue(item.pk)
    settle()
    assert finds(None, "latecomer") == {"Latecomer"}


def test_a_long_change_is_continued_where_its_time_was_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parent = StandardPageFactory(title="Parent")
    children = [StandardPageFactory(title=f"Child {n}", parent=parent) for n in range(5)]
    settle()
    monkeypatch.setattr(applying, "DOCUMENTS_PER_COMMIT", 2)
    enqueue(parent.pk, subtree=True, narrows=True)
    done = drain(seconds=0)
    assert (done.ending, done.pages) == (Ending.PARTLY, 0)
    seen: list[int] = []
    real = applying._Work._apply

    def apply(self: Any, engine: Any, ids: Any) -> None:
        ids = list(ids)
        seen.extend(ids)
        real(self, engine, ids)

    def run_out_after_one_part(_self: Any) -> None:
        if seen:
            raise applying.OutOfTimeError

    monkeypatch.setattr(applying._Work, "_apply", apply)
    monkeypatch.setattr(applying._Work, "_check_time", run_out_after_one_part)
    assert drain(seconds=1).ending is Ending.PARTLY
    monkeypatch.undo()
    assert seen == [children[0].pk, children[1].pk]
    assert IndexChange.objects.get().done_to == children[1].pk
    assert finds(None, "child") == set(), "the subtree is left out until all of it is done"
    settle()
    assert len(finds(None, "child")) == 5


def test_a_page_that_cannot_be_read_waits_alone_and_is_found_by_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = StandardPageFactory(title="Unlucky"), StandardPageFactory(title="Lucky")
    settle()

    def text(self: Any) -> str:
        if self.title == "Unlucky":
            raise ValueError("no text")
        return "words"

    with monkeypatch.context() as patched:
        patched.setattr(StandardPage, "km_index_text", text, raising=False)
        enqueue(home_page().pk, subtree=True)
        done = drain()
        assert done.failed == {bad.pk}
        assert rows() == [(bad.pk, False, False)]
        assert bad.pk not in get_engine().fingerprints()
        assert good.pk in get_engine().fingerprints()
    settle()
    assert finds(None, "unlucky") == {"Unlucky"}


def test_more_narrowed_pages_than_a_query_can_leave_out_stop_the_search_not_the_site(
    monkeypatch: pytest.MonkeyPatch, item: Any
) -> None:
    monkeypatch.setattr("km_pages.outbox.MOST_EXCLUDED", 3)
    enqueue_many(range(1000, 1004), narrows=True)
    found = found_by(None, "pump")
    assert (found.unavailable, found.by_title, found.facets) == (True, True, ())
    assert "catching up" in found.notice
    settle()
    assert finds(None, "pump") == {"Pump manual"}


def test_changes_that_wait_for_long_are_told(item: Any) -> None:
    enqueue(item.pk)
    assert found_by(None, "pump").notice == ""
    IndexChange.objects.update(created_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    assert "behind by 1 change" in found_by(None, "pump").notice


def test_a_hundred_rows_cost_no_more_queries_than_one_when_searching(
    django_assert_num_queries: Any, item: Any
) -> None:
    with django_assert_num_queries(1):
        pending()
    enqueue_many(range(5000, 5100), narrows=True)
    with django_assert_num_queries(1):
        assert len(pending().narrowing) == 100
    assert connection.in_atomic_block


def test_of_very_many_waiting_changes_only_those_that_narrow_are_read_and_all_are_told(
    django_assert_num_queries: Any, item: Any
) -> None:
    settle()
    enqueue_many(range(5000, 5600))
    enqueue_many(range(6000, 6003), narrows=True)
    IndexChange.objects.update(created_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    enqueue_many(range(6003, 6005), narrows=True)
    with django_assert_num_queries(3):
        waiting = pending()
    assert waiting.narrowing == {6000, 6001, 6002, 6003, 6004}
    assert (waiting.late, waiting.too_many) == (603, False)
    assert found_by(None, "pump").total == 1
