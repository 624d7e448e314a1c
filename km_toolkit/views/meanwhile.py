"""What somebody else has saved since a form was opened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from km_toolkit.merging import seen_mark


def saved_meanwhile(form: forms.BaseForm, row: Any) -> list[tuple[str, str]]:
    """Label and saved value of the fields in which ``row`` differs from what was typed."""
    return [
        (str(field.label), _in_words(row, name))
        for name, field in form.fields.items()
        if name != "key" and seen_mark(_stored(row, name)) != seen_mark(_typed(form, name))
    ]


def _stored(row: Any, name: str) -> Any:
    return getattr(row, f"{name}_id", getattr(row, name)) or ""


def _typed(form: forms.BaseForm, name: str) -> Any:
    widget = form.fields[name].widget
    return widget.value_from_datadict(form.data, form.files, form.add_prefix(name)) or ""


def _in_words(row: Any, name: str) -> str:
    value = getattr(row, f"get_{name}_display", lambda: "")() or getattr(row, name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(getattr(value, "get_full_name", lambda: "")() or value or "–")
