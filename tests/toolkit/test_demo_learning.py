"""The demonstration's learners have learned something, privately, and it goes with them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from km_pages.setup.plan import read_data
from km_toolkit.models import LearningEntry, LearningTarget, ModuleProgress
from km_toolkit.setup.demo_learning import FILE, learn
from tests.factories import UserFactory
from tests.toolkit.learning import SECTIONS, make_module

ROWS = {row["learner"]: row for row in read_data(FILE)}
SAM = "sam.whitlock@example.org"


@pytest.fixture
def sam(db: None) -> Any:
    # A text, a reflection and a check, and as much again.
    for each in ROWS[SAM]["modules"]:
        make_module(title=each["slug"], slug=each["slug"], sections=SECTIONS * 2)
    return UserFactory(username=SAM)


def test_what_a_learner_did_stands_in_menu_and_record(sam: Any, client: Any) -> None:
    learn(ROWS[SAM])
    progress = {each.page.slug: each for each in ModuleProgress.objects.filter(user=sam)}
    for each in ROWS[SAM]["modules"]:
        assert (progress[each["slug"]].completed_on is not None) is each["done"], each["slug"]
        assert progress[each["slug"]].reflections
    done = sum(each["done"] for each in ROWS[SAM]["modules"])
    assert LearningEntry.objects.filter(owner=sam, origin="module").count() == done
    named = LearningEntry.objects.filter(owner=sam, origin="hand")
    assert named.count() == len(ROWS[SAM]["entries"])
    assert LearningTarget.objects.filter(owner=sam).exists()
    client.force_login(sam)
    shown = client.get(reverse("km_record:record")).content.decode()
    for each in ROWS[SAM]["entries"]:
        assert each["what"] in shown
    client.force_login(UserFactory())
    for each in ROWS[SAM]["entries"]:
        assert each["what"] not in client.get(reverse("km_record:record")).content.decode()


def test_the_standards_that_are_named_exist() -> None:
    schemes = read_data(FILE.parent / "schemes.yaml")["schemes"]
    shipped = {part["name"] for scheme in schemes for part in scheme["parts"]}
    entries = [each for row in ROWS.values() for each in row["entries"]]
    assert {name for each in entries for name in each.get("parts", [])} <= shipped


def test_with_the_account_goes_all_of_it(sam: Any) -> None:
    learn(ROWS[SAM])
    get_user_model().objects.filter(username=SAM).delete()
    for model in (ModuleProgress, LearningEntry, LearningTarget):
        assert not model.objects.exists()


def test_whoever_is_not_there_learned_nothing(db: None) -> None:
    learn(ROWS[SAM])
    assert not LearningEntry.objects.exists()
