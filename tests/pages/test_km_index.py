"""``km_index``: build anew without a gap, compare every document, mend, and tell how it stands."""

from __future__ import annotations

import shutil
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from km_pages import rebuilding
from km_pages.conf import search_folder
from km_pages.index_upkeep import check, repair
from km_pages.models import IndexChange, KnowledgeAssetPage, StandardPage
from km_pages.outbox import Ending, drain, enqueue
from km_pages.rebuilding import rebuild
from km_pages.search import get_engine
from km_pages.turns import DRAIN, REBUILD, is_rebuilding, turn
from tests.factories import (
    AttachmentFactory,
    KnowledgeAssetPageFactory,
    StandardPageFactory,
    StoredFileFactory,
    UserFactory,
)
from tests.pages.indexing import finds, settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def run(*options: str) -> tuple[int, str]:
    """The exit code and everything that the command said."""
    out = StringIO()
    try:
        # With the checks that come first where it is called by manage.py.
        call_command("km_index", *options, stdout=out, stderr=out, skip_checks=False)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def pages() -> list[Any]:
    """Three pages that the index knows."""
    made = [StandardPageFactory(title=f"Rota {number}") for number in range(3)]
    settle()
    return made


def test_a_check_of_a_true_index_finds_nothing(pages: list[Any]) -> None:
    code, said = run("--check")
    assert code == 0
    assert "Documents compared: 4. Differences: 0. Changes that wait to be applied: 0." in said


def test_a_check_names_every_page_on_which_index_and_database_differ(pages: list[Any]) -> None:
    changed, gone, missing = pages
    StandardPage.objects.filter(pk=changed.pk).update(introduction="Unannounced")
    StandardPage.objects.filter(pk=gone.pk).update(live=False)
    get_engine().apply(upserts=[], deletes=[missing.pk])
    code, said = run("--check")
    assert code == 1
    assert f"different  page {changed.pk}  Rota 0" in said
    assert f"surplus  page {gone.pk}  Rota 1" in said
    assert f"missing  page {missing.pk}  Rota 2" in said
    assert "--repair" in said


@pytest.mark.parametrize("visibility", ["organisation", "team", "named"])
def test_a_check_notices_tokens_alone(visibility: str) -> None:
    page = KnowledgeAssetPageFactory(visibility="open")
    settle()
    KnowledgeAssetPage.objects.filter(pk=page.pk).update(visibility=visibility)
    assert [each.page_id for each in check().differences] == [page.pk]


def test_a_repair_mends_what_a_check_names(pages: list[Any]) -> None:
    StandardPage.objects.filter(pk=pages[0].pk).update(introduction="Unannounced")
    StandardPage.objects.filter(pk=pages[1].pk).update(live=False)
    get_engine().apply(upserts=[], deletes=[pages[2].pk])
    code, said = run("--repair")
    assert code == 0
    assert "brought to the index: 3." in said
    assert check().differences == []
    assert finds(None, "unannounced") == {"Rota 0"}


def test_what_waits_in_the_outbox_is_no_difference(pages: list[Any]) -> None:
    page = StandardPage.objects.get(pk=pages[0].pk)
    page.introduction = "Announced"
    page.save()
    found = check()
    assert (found.differences, found.waiting) == ([], 1)


def test_a_rebuild_makes_a_whole_index_out_of_none(pages: list[Any]) -> None:
    """Also of files."""
    item = KnowledgeAssetPageFactory(visibility="open", title="Manual")
    AttachmentFactory(page=item, stored_file=StoredFileFactory(passages=["Defibrillator"]))
    settle()
    shutil.rmtree(search_folder())
    code, said = run("--rebuild")
    assert code == 0
    assert "documents in" in said
    assert "Building [" in said
    assert check().differences == []
    assert finds(None, "defibrillator") == {"Manual"}


def test_a_rebuild_drops_what_the_database_does_not_know(pages: list[Any]) -> None:
    StandardPage.objects.filter(pk=pages[1].pk).update(live=False)
    rebuild()
    assert pages[1].pk not in get_engine().fingerprints()


def change_while_rebuilding(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Have ``change`` happen in the middle of the next rebuild, after its pages were read."""
    real = rebuilding.project

    def project(ids: Any) -> Any:
        projected = list(real(ids))
        change()
        yield from projected

    monkeypatch.setattr(rebuilding, "project", project)


def test_changes_during_a_rebuild_are_found_at_once_and_are_in_the_new_index(
    monkeypatch: pytest.MonkeyPatch, pages: list[Any]
) -> None:
    seen: list[Any] = []

    def change() -> None:
        page = StandardPage.objects.get(pk=pages[0].pk)
        page.introduction = "Written meanwhile"
        page.save()
        assert is_rebuilding()
        assert drain().ending is Ending.DONE
        seen.append(finds(None, "meanwhile"))
        assert IndexChange.objects.get().applied, "kept for the index that is being built"

    change_while_rebuilding(monkeypatch, change)
    rebuild()
    assert seen == [{"Rota 0"}]
    assert finds(None, "meanwhile") == {"Rota 0"}
    assert not IndexChange.objects.exists()
    assert not is_rebuilding()


def test_what_was_narrowed_during_a_rebuild_is_not_found_when_the_last_step_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed between the swap and the drain, the new index does not know it yet."""
    page = KnowledgeAssetPageFactory(visibility="open", title="Rota")
    settle()

    def change() -> None:
        item = KnowledgeAssetPage.objects.get(pk=page.pk)
        item.visibility = "named"
        item.save()
        drain()

    change_while_rebuilding(monkeypatch, change)
    monkeypatch.setattr(rebuilding, "apply_changes", lambda: None)
    rebuild()
    assert finds(UserFactory(), "rota") == set()
    settle()
    assert finds(UserFactory(), "rota") == set()
    assert check().differences == []


def test_only_one_process_rebuilds(pages: list[Any]) -> None:
    with turn(REBUILD), pytest.raises(CommandError, match="Nothing was changed"):
        run("--rebuild")


def test_a_page_that_cannot_be_read_is_named_and_does_not_stop_a_rebuild(
    monkeypatch: pytest.MonkeyPatch, pages: list[Any]
) -> None:
    def text(self: Any) -> str:
        if self.title == "Rota 1":
            raise ValueError("no text")
        return "words"

    monkeypatch.setattr(StandardPage, "km_index_text", text, raising=False)
    code, said = run("--rebuild")
    assert code == 0
    assert f"could not be read and cannot be found: 1 ({pages[1].pk})" in said
    code, said = run("--check")
    assert code == 1
    assert "unreadable" in said


def test_the_status_tells_pages_and_waiting_changes(pages: list[Any]) -> None:
    enqueue(pages[0].pk, narrows=True)
    code, said = run("--status")
    assert code == 0
    assert "Pages that can be found: 4" in said
    assert "Changes that wait:       1" in said


def test_waiting_changes_can_be_applied_by_hand(pages: list[Any]) -> None:
    enqueue(pages[0].pk)
    assert "brought to the index: 1." in run("--drain")[1]
    enqueue(pages[0].pk)
    with turn(DRAIN):
        assert "Another process" in run("--drain")[1]


def test_repairing_a_true_index_changes_nothing(pages: list[Any]) -> None:
    assert repair(check()).pages == 0
