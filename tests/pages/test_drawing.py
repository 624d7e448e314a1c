"""Form fields that are drawn without templates."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy

from km_pages.drawing import drawn_widget, field_of

HOSTILE = "\"><script>alert('x')</script>&amp;"
PLACES = [
    ("", "Nowhere"),
    (None, "None"),
    (7, HOSTILE),
    (1234, 1234),
    ("Group <1>", [("a", "A & B"), ("b", gettext_lazy("Yes"))]),
]


class EveryForm(forms.Form):
    """A field of every kind."""

    text = forms.CharField(max_length=20, help_text="A <b>few</b> words.")
    long = forms.CharField(widget=forms.Textarea(attrs={"rows": 2, "data-x": HOSTILE}))
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    moment = forms.DateTimeField()
    hour = forms.TimeField()
    number = forms.IntegerField(min_value=0, max_value=9000, localize=True)
    part = forms.DecimalField(decimal_places=2, required=False)
    mail = forms.EmailField(disabled=True)
    address = forms.URLField(required=False)
    secret = forms.CharField(widget=forms.PasswordInput)
    place = forms.ChoiceField(choices=PLACES)
    places = forms.MultipleChoiceField(choices=PLACES, required=False)
    agreed = forms.BooleanField()
    maybe = forms.NullBooleanField()
    file = forms.FileField(required=False)
    radios = forms.ChoiceField(choices=PLACES[2:4], widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(choices=PLACES[2:4], widget=forms.CheckboxSelectMultiple)
    several = forms.SplitDateTimeField(required=False)
    hidden = forms.CharField(widget=forms.HiddenInput)


NAMES = list(EveryForm.base_fields)
FILLED = {
    "text": HOSTILE,
    "long": f"Two\nlines {HOSTILE}",
    "day": datetime.date(2028, 2, 29),
    "moment": datetime.datetime(2026, 12, 4, 8, 30),
    "hour": datetime.time(8, 30),
    "number": 8000,
    "part": "2.50",
    "place": "b",
    "places": ["a", "7"],
    "agreed": True,
    "radios": 7,
    "boxes": ["7", "1234"],
    "hidden": HOSTILE,
}
SENT = {"text": "", "long": HOSTILE, "day": "no day", "place": "7", "places": ["b", "1234"]}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "given", [{}, {"initial": FILLED}, {"data": SENT}, {"auto_id": False}, {"prefix": "a-1"}]
)
def test_each_widget_is_drawn_to_the_letter_as_django_draws_it(name: str, given: Any) -> None:
    field = EveryForm(**given)[name]
    attrs = {"class": "nhsuk-input", "data-one": True, "data-none": False}
    assert drawn_widget(field, attrs) == field.as_widget(attrs=attrs)


def test_no_template_is_rendered_for_the_plain_fields_of_a_form(monkeypatch: Any) -> None:
    def fail(*_given: Any) -> str:
        raise AssertionError("a template was rendered")

    monkeypatch.setattr(DjangoTemplates, "render", fail)
    form = EveryForm(initial=FILLED)
    for name in set(NAMES) - {"file", "several"}:
        field_of(form[name])


def test_a_site_that_draws_forms_in_another_way_gets_its_own_widgets() -> None:
    class Own(DjangoTemplates):
        def render(self, template_name: str, context: Any, request: Any = None) -> str:
            return f"<own-{context['widget']['name']}>"

    form = EveryForm(renderer=Own())
    assert "<own-text>" in field_of(form["text"])


def test_nothing_that_was_typed_or_named_becomes_markup() -> None:
    form = EveryForm({**FILLED, "text": HOSTILE * 9, "place": HOSTILE})
    for name in form.fields:
        form.fields[name].label = HOSTILE
        form.fields[name].choice_hints = {"7": HOSTILE}
        assert "<script>" not in field_of(form[name])
    assert "<script>" in HOSTILE
