"""Modules and learners for the tests of learning."""

from __future__ import annotations

from typing import Any

from km_toolkit.models import LearningIndexPage, LearningModulePage
from km_toolkit.modules import sections_of
from tests.factories import home_page

CHECK = {
    "heading": "What comes first?",
    "question": "Which question opens the talk?",
    "several": False,
    "answers": [
        {"text": "What did we expect?", "right": True, "feedback": "Yes. Begin there."},
        {"text": "Who was late?", "right": False, "feedback": "That seeks somebody to blame."},
    ],
    "explanation": "",
}
SECTIONS = [
    ("text", {"heading": "Why at all", "text": "<p>What is said early counts.</p>"}),
    ("reflection", {"heading": "Now you", "prompt": "Which event would you take?", "hint": ""}),
    ("check", CHECK),
]


def make_index(**values: Any) -> LearningIndexPage:
    """A published menu below the home page."""
    page = LearningIndexPage(title="Learning", slug="learning", **values)
    home_page().add_child(instance=page)
    return page


def make_module(index: Any = None, *, title: str = "Learn it", **values: Any) -> LearningModulePage:
    """A published module with a text, a reflection and a check; ``values`` override."""
    index = index or LearningIndexPage.objects.first() or make_index()
    values.setdefault("sections", SECTIONS)
    page = LearningModulePage(title=title, **values)
    LearningIndexPage.objects.get(pk=index.pk).add_child(instance=page)
    found: LearningModulePage = LearningModulePage.objects.get(pk=page.pk)
    return found


def keys(page: LearningModulePage) -> list[str]:
    """The keys of the sections of ``page``, in order."""
    return [each.key for each in sections_of(page)]
