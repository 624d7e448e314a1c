"""Tags and filters that present."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django import forms
from django.template import Context, Template

from km_pages.templatetags.km_pages_tags import bars, file_kind, in_words, paragraphs


@dataclass
class Step:
    number: int
    until: int


def rendered(source: str, **context: Any) -> str:
    return Template("{% load km_pages_tags %}" + source).render(Context(context)).strip()


def test_a_blank_line_begins_a_paragraph_and_a_line_break_stays() -> None:
    assert paragraphs("One\n\nTwo\nlines\r\n\r\n \nThree") == (
        "<p>One</p>\n<p>Two<br>lines</p>\n<p>Three</p>"
    )
    assert paragraphs("") == ""
    assert paragraphs(None) == ""


def test_markup_in_plain_text_is_shown_and_not_run() -> None:
    assert paragraphs("<script>x</script>") == "<p>&lt;script&gt;x&lt;/script&gt;</p>"


def test_dates_are_said_in_words() -> None:
    assert in_words(datetime.date(2026, 12, 4)) == "4 December 2026"
    assert in_words(None) == ""


def test_bars_fill_the_whole_picture_without_gaps() -> None:
    drawn = bars([Step(1, 3), Step(2, 7), Step(3, 20)])
    assert drawn[0].x == 0
    assert all(left.x + left.width == right.x for left, right in pairwise(drawn))
    assert drawn[-1].x + drawn[-1].width == 1000


def test_steps_without_minutes_have_no_bar_and_one_step_none_at_all() -> None:
    assert [bar.number for bar in bars([Step(1, 0), Step(2, 5), Step(3, 9)])] == [2, 3]
    assert bars([Step(1, 20)]) == []
    assert bars([Step(1, 0), Step(2, 0)]) == []
    assert bars([]) == []


def test_the_kind_of_a_file_is_its_ending() -> None:
    assert file_kind("contract.PDF") == "pdf"
    assert file_kind("notes.docx") == "docx"
    assert file_kind("README") == "file"
    assert file_kind(".profile") == "file"
    assert file_kind("a.<b>") == "file"


class ExampleForm(forms.Form):
    title = forms.CharField(label="Title", help_text="A few words.")
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    reach = forms.ChoiceField(
        label="Who sees it?",
        widget=forms.RadioSelect,
        choices=[("team", "My team"), ("open", "Anyone")],
    )
    agreed = forms.BooleanField(label="Agreed")
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reach"].choice_hints = {"open": "Also people outside."}


FIELD = '{% include "km_pages/components/field.html" %}'


def test_an_error_stands_beside_its_field_and_is_tied_to_it() -> None:
    form = ExampleForm({"note": "typed before"})
    html = rendered(FIELD, field=form["title"])
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert "nhsuk-input--error" in html


def test_what_was_typed_is_kept_beside_an_error() -> None:
    form = ExampleForm({"note": "typed before", "reach": "team"})
    assert "typed before" in rendered(FIELD, field=form["note"])
    assert 'value="team" id="id_reach_0" checked' in rendered(FIELD, field=form["reach"])


def test_radio_buttons_say_what_each_choice_means() -> None:
    html = rendered(FIELD, field=ExampleForm()["reach"])
    assert html.count('type="radio"') == 2
    assert 'aria-describedby="id_reach_1_hint"' in html
    assert "Also people outside." in html
    assert "<legend" in html


def test_a_password_is_never_written_back() -> None:
    form = ExampleForm({"secret": "hunter2"})
    assert "hunter2" not in rendered(FIELD, field=form["secret"])


def test_the_summary_names_each_field_and_leads_to_it() -> None:
    form = ExampleForm({"note": "x"})
    html = rendered('{% include "km_pages/components/error_summary.html" %}', form=form)
    assert 'href="#id_title">Title: ' in html
    assert 'href="#id_reach">Who sees it? ' in html
    assert 'href="#id_agreed">Agreed: ' in html
    assert "What you typed is still here." in html
    assert not rendered(
        '{% include "km_pages/components/error_summary.html" %}', form=ExampleForm()
    )


def test_optional_fields_say_so_except_in_filters() -> None:
    field = ExampleForm()["note"]
    assert "you can leave this empty" in rendered(FIELD, field=field)
    assert "you can leave this empty" not in rendered(FIELD, field=field, bare=True)
