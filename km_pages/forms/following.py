"""The form with which people follow a search."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from km_pages.models import SavedSearch


class FollowForm(forms.Form):
    """What the search is called on one's own page, and how often mails come."""

    name = forms.CharField(label=gettext_lazy("What do you call this search?"), max_length=120)
    rhythm = forms.ChoiceField(
        label=gettext_lazy("Shall we write to you?"),
        choices=SavedSearch.Rhythm.choices,
        initial=SavedSearch.Rhythm.WEEKLY,
        widget=forms.RadioSelect,
    )


class RhythmForm(forms.Form):
    """How often mails about one search come."""

    rhythm = forms.ChoiceField(
        label=gettext_lazy("E-mail"), choices=SavedSearch.Rhythm.choices, widget=forms.Select
    )
