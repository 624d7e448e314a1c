"""The form for what was completed elsewhere."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 6000
MOST_LETTERS = 5000


class ElsewhereForm(forms.Form):
    """What, where, when, how long, and what shows it. ``row`` of the menu fills in the first."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(
        label=gettext_lazy("What did you complete?"),
        max_length=255,
        error_messages={"required": gettext_lazy("Say what you completed.")},
    )
    where = forms.CharField(
        label=gettext_lazy("Where?"),
        help_text=gettext_lazy("The name of the learning system, course or organiser."),
        max_length=200,
        required=False,
    )
    completed_on = forms.DateField(
        label=gettext_lazy("On which day?"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": gettext_lazy("Give the day.")},
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("How many minutes did it take?"),
        min_value=1,
        max_value=LONGEST,
        error_messages={"required": gettext_lazy("Give the minutes, as near as you know.")},
    )
    proof_text = forms.CharField(
        label=gettext_lazy("What shows it, in words"),
        help_text=gettext_lazy(
            "For example the number of a certificate, or the office that can confirm it. Or add a "
            "file below. Leave out names of patients and colleagues."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=MOST_LETTERS,
        required=False,
    )

    def __init__(self, *args: Any, row: Any = None, **kwargs: Any) -> None:
        initial = {"key": uuid.uuid4()}
        if row is not None:
            initial |= {"title": row.title, "minutes": row.minutes}
        super().__init__(*args, initial=initial, **kwargs)

    def clean_completed_on(self) -> Any:
        """Refuse a day that has not come yet."""
        given = self.cleaned_data["completed_on"]
        if given > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return given
