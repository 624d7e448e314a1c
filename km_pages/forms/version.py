"""What may be said about a newer version of a file."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from km_pages.models import FileReplacement

LONGEST_NOTE = FileReplacement._meta.get_field("note").max_length


class VersionForm(forms.Form):
    """Why there is a newer version: shown in the list of versions, never asked for."""

    note = forms.CharField(
        label=_("What is new in it?"),
        help_text=_("One sentence, for those who look at the versions later."),
        max_length=LONGEST_NOTE,
        required=False,
        error_messages={"max_length": _("Say it in at most %(limit_value)d letters and spaces.")},
    )
