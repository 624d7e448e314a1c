"""Editors keep other words for the search, and they count at once."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from km_pages.models import Synonym
from km_pages.setup.structure import EDITORS
from tests.factories import StandardPageFactory, UserFactory, tree_root
from tests.pages.indexing import finds, found_by, settle

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture
def pages() -> None:
    StandardPageFactory(title="After action review", introduction="Look back at a night.")
    StandardPageFactory(title="Notes", introduction="An AAR was held.")
    settle()


def test_other_words_count_from_the_next_search_on_and_until_they_are_deleted(pages: None) -> None:
    assert finds(None, "AAR", strict=True) == {"Notes"}
    entry = Synonym.objects.create(words="AAR", also="after action review")
    assert finds(None, "AAR", strict=True) == {"Notes", "After action review"}
    assert found_by(None, "AAR").also == ("after action review",)
    assert finds(None, "after action reviews", strict=True) == {"Notes", "After action review"}
    entry.both_ways = False
    entry.save()
    assert finds(None, "after action review", strict=True) == {"After action review"}
    entry.delete()
    assert finds(None, "AAR", strict=True) == {"Notes"}
    assert found_by(None, "AAR").also == ()


def test_commas_stand_between_several_other_words(pages: None) -> None:
    StandardPageFactory(title="A roster")
    settle()
    Synonym.objects.create(words="autopsy, hindsight", also="AAR; roster ,")
    for word in ("hindsight", "autopsy"):
        assert finds(None, word, strict=True) == {"Notes", "A roster"}
        assert found_by(None, word).also == ("AAR", "roster")
    assert found_by(None, "roster").also == ("autopsy", "hindsight")


@pytest.mark.parametrize(
    ("words", "also"), [("aar", "After Action Reviews"), ("after  action review", "AAR")]
)
def test_a_pair_that_is_there_already_is_not_kept_twice(words: str, also: str) -> None:
    entry = Synonym.objects.create(words="AAR", also="after action review")
    with pytest.raises(ValidationError) as refused:
        Synonym(words=words, also=also).full_clean()
    assert "This pair is there already." in refused.value.messages
    entry.full_clean()
    entry.both_ways = False
    entry.save()
    if words != "aar":
        Synonym(words=words, also=also).full_clean()


def test_the_page_says_what_was_searched_as_well(client: Client, pages: None) -> None:
    Synonym.objects.create(words="AAR", also="after action review")
    text = client.get(reverse("km_pages:search"), {"q": "AAR"}).content.decode()
    assert "Also searched: after action review." in text


@pytest.mark.parametrize(
    ("words", "also", "field"),
    [
        ("...", "x", "words"),
        (", ;", "x", "words"),
        ("x", "🎉", "also"),
        ("x", "rota, 🎉", "also"),
        ("Rotas", "rota", "also"),
        ("Rotas", "roster, rota", "also"),
    ],
)
def test_what_the_search_could_do_nothing_with_is_refused_beside_the_field(
    words: str, also: str, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Synonym(words=words, also=also).full_clean()
    assert list(refused.value.message_dict) == [field]


def test_an_editor_adds_other_words_in_the_admin(client: Client) -> None:
    tree_root()
    call_command("km_setup", "--without-content", stdout=io.StringIO())
    editor = UserFactory()
    editor.groups.add(Group.objects.get(name=EDITORS))
    client.force_login(editor)
    values: dict[str, Any] = {"words": " AAR ", "also": "after  action review", "both_ways": "on"}
    done = client.post(reverse("synonyms:add"), values)
    assert done.status_code == 302
    assert str(Synonym.objects.get()) == "AAR = after action review"
    again = client.post(reverse("synonyms:add"), values).content.decode()
    assert "This pair is there already." in again
    assert "after action review" in client.get(reverse("synonyms:index")).content.decode()


def test_the_starter_list_is_made_once_and_may_be_emptied() -> None:
    tree_root()
    call_command("km_setup", stdout=io.StringIO())
    assert Synonym.objects.filter(words="AAR").exists()
    Synonym.objects.all().delete()
    call_command("km_setup", stdout=io.StringIO())
    assert not Synonym.objects.exists()
