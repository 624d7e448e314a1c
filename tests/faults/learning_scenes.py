"""Scenes for :mod:`tests.faults.test_learning_at_once`: one learner on several devices."""

from __future__ import annotations

import time
from typing import Any

from tests.faults.stage import make_tables, scenes_of, serve

NAME = "ines@example.org"


def learner() -> Any:
    """Who learns."""
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username=NAME)


def module() -> Any:
    """What is learned."""
    from km_toolkit.models import LearningModulePage

    return LearningModulePage.objects.get()


def scene_setup() -> None:
    """A learner, and a module."""
    make_tables()
    from tests.factories import UserFactory, tree_root
    from tests.toolkit.learning import make_module

    tree_root()
    UserFactory(username=NAME)
    make_module()


def scene_learn(start: str) -> None:
    """From the first section to the end, by the pages, from the moment ``start``.

    No answer is a fault, and the last is the end of the module.
    """
    from django.test import Client
    from django.urls import reverse

    from km_toolkit.modules import sections_of

    client, page = Client(), module()
    client.force_login(learner())
    time.sleep(max(0.0, float(start) - time.time()))
    for each in sections_of(page):
        address = reverse("km_learning:section", args=[page.pk, each.number])
        right = [answer.key for answer in each.answers if answer.right]
        typed = {"text": "The porters know.", "answer": right, "do": "next"}
        answer = client.post(address, typed)
        assert answer.status_code == 302, (address, answer.status_code, answer.content[:2000])
    ended = client.get(answer.url)
    assert ended.status_code == 200, ended.content[:2000]


def scene_check() -> None:
    """Completed once; one entry in the record; what was written is there."""
    from km_toolkit.models import LearningEntry, ModuleProgress

    progress = ModuleProgress.objects.get()
    assert progress.completed_on is not None
    assert {each["text"] for each in progress.reflections.values()} == {"The porters know."}
    entry = LearningEntry.objects.get()
    assert (entry.owner, entry.origin) == (learner(), "module")


if __name__ == "__main__":
    serve(scenes_of(globals()))
