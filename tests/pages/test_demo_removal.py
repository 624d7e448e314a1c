"""``km_demo --remove`` takes out all that the demonstration made, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from taggit.models import Tag

from km_pages.models import KnowledgeAssetPage, StoredFile, Team
from km_pages.models.files import knowledge_storage
from tests.factories import KnowledgeAssetPageFactory

pytestmark = pytest.mark.django_db

# Who did what is kept; the index follows in its own time.
KEPT = ("LogEntry", "IndexChange", "IndexEntry", "ReferenceIndex", "Job", "OutgoingMail")


def run(name: str, *words: str) -> None:
    call_command(name, *words, stdout=io.StringIO())


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.label.endswith(KEPT)
    }


def bytes_kept() -> set[Path]:
    return {each for each in Path(knowledge_storage().location).rglob("*") if each.is_file()}


def test_nothing_of_the_demonstration_is_left_and_all_else_is(
    django_capture_on_commit_callbacks: Any,
) -> None:
    run("km_setup")
    kept = KnowledgeAssetPageFactory(title="Ours")
    Tag.objects.create(name="A tag of ours, used by nothing", slug="ours")
    files, before = bytes_kept(), counts()
    with django_capture_on_commit_callbacks(execute=True):
        run("km_demo")
    assert StoredFile.objects.count() > 5
    assert len(bytes_kept()) > len(files)
    shared = KnowledgeAssetPage.objects.exclude(pk=kept.pk).exclude(tagged_items=None).first()
    assert shared is not None
    word = shared.tags.first()
    kept.tags.add(word)
    kept.save()
    with django_capture_on_commit_callbacks(execute=True):
        run("km_demo", "--remove")
    assert list(kept.tags.all()) == [word]
    kept.tags.clear()
    kept.save()
    word.delete()
    assert {
        name: (before[name], now) for name, now in counts().items() if before[name] != now
    } == {}
    assert bytes_kept() == files
    assert Team.objects.filter(pk=kept.get_parent().specific.team_id).exists()
