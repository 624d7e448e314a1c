"""Kept pieces of a page: the same as rendered afresh, never stale, never somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from km_pages.models import TechniquePage
from km_pages.templatetags.km_keep import lists, pieces
from tests.factories import (
    PhaseFactory,
    TechniqueFormatFactory,
    TechniquePageFactory,
    UserFactory,
)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Begin each test with nothing kept."""
    pieces.clear()


@dataclass(frozen=True)
class Fact:
    label: Any
    value: str


class Spy:
    """Says how often it was looked at."""

    def __init__(self) -> None:
        self.seen = 0

    def __str__(self) -> str:
        self.seen += 1
        return "looked at"


def render(source: str, **values: Any) -> str:
    return Template("{% load km_keep i18n %}" + source).render(Context(values))


TEMPLATE = Template(
    "{% load km_keep %}{% keep by fact with spy %}{{ fact.value }}{{ spy }}{% endkeep %}"
)


def test_the_same_is_rendered_once() -> None:
    spy = Spy()
    for _each in range(3):
        assert TEMPLATE.render(Context({"fact": Fact("a", "b"), "spy": spy})) == "blooked at"
    assert spy.seen == 1


def test_what_differs_is_rendered_again() -> None:
    spy = Spy()
    values: list[Any] = [
        Fact("a", "b"),
        Fact("a", "<b>"),
        Fact("a", mark_safe("<b>")),
        Fact("a", ""),
        Fact(gettext_lazy("Close"), "b"),
    ]
    made = [TEMPLATE.render(Context({"fact": each, "spy": spy})) for each in values]
    assert made[1:3] == ["&lt;b&gt;looked at", "<b>looked at"]
    assert spy.seen == len(values)


def test_each_language_has_its_own() -> None:
    source = '{% keep by n %}{% translate "Monday" %}{% endkeep %}'
    template = Template("{% load km_keep i18n %}" + source)
    with override("en-gb"):
        assert template.render(Context({"n": 1})) == "Monday"
    with override("cy"):
        assert template.render(Context({"n": 1})) == "Dydd Llun"


def test_nothing_but_what_was_named_can_be_used_inside(rf: RequestFactory) -> None:
    source = "{% keep by n %}[{{ request }}{{ user }}{{ account }}{{ csrf_token }}]{% endkeep %}"
    request = rf.get("/")
    request.user = AnonymousUser()
    assert render(source, n=1, request=request, user="Ann", account="Ann", csrf_token="x") == "[]"


@pytest.mark.django_db
def test_what_asked_the_database_is_not_kept() -> None:
    phase = PhaseFactory(name="Before")
    page = TechniquePageFactory(title="Huddle", primary_phase=phase)
    source = "{% keep by page %}{{ page.primary_phase.name }}{% endkeep %}"

    def shown() -> str:
        return render(source, page=TechniquePage.objects.get(pk=page.pk))

    assert shown() == "Before"
    type(phase).objects.filter(pk=phase.pk).update(name="Afterwards")
    assert shown() == "Afterwards"


@pytest.mark.django_db
def test_a_kind_of_value_that_is_not_known_is_rendered_each_time() -> None:
    spy = Spy()
    for _each in range(2):
        assert render("{% keep by spy %}{{ spy }}{% endkeep %}", spy=spy) == "looked at"
    assert spy.seen == 2


@pytest.mark.parametrize("source", ["{% keep %}{% endkeep %}", "{% keep by with x %}{% endkeep %}"])
def test_a_tag_without_what_it_is_kept_by_is_a_mistake(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        render(source)


@pytest.mark.django_db
def test_a_technique_shows_every_change_at_once_whatever_was_changed(client: Client) -> None:
    phase = PhaseFactory(name="Before", strapline="Learn first")
    page = TechniquePageFactory(title="Huddle", primary_phase=phase, phases=[phase])
    chosen = TechniqueFormatFactory(technique=page, label="Ten minutes")
    TechniqueFormatFactory(technique=page, kind="online")
    rows = TechniquePage.objects.filter(pk=page.pk)
    client.get(page.url)
    changes: list[tuple[Any, dict[str, Any]]] = [
        (rows, {"tips": [("line", "Sit in a ring")]}),
        (rows, {"source_credit": "By the Ward 7 team"}),
        (rows, {"reviewed_by": UserFactory(first_name="Nadia"), "last_reviewed": date(2026, 3, 2)}),
        (type(chosen).objects.filter(pk=chosen.pk), {"label": "A quarter of an hour"}),
        (type(chosen).objects.filter(pk=chosen.pk), {"minutes_note": "Our estimate"}),
        (type(phase).objects.filter(pk=phase.pk), {"strapline": "Look before you leap"}),
    ]
    for queryset, change in changes:
        # By hand in SQL it would show after some minutes; this is how people change it.
        changed = queryset.get()
        for name, value in change.items():
            setattr(changed, name, value)
        changed.save()
        html = client.get(page.url).content.decode()
        value = next(iter(change.values()))
        shown = {"tips": "Sit in a ring", "reviewed_by": "Nadia"}.get(next(iter(change)), value)
        assert str(shown) in html, change
    assert lists.size
