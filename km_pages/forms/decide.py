"""The form of somebody who was asked to approve an item."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

APPROVE, BACK = "approve", "back"


class DecisionForm(forms.Form):
    """Approve, or send back with a word on why. ``seen`` is the revision that was read."""

    comment = forms.CharField(
        label=gettext_lazy("A word to the author"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("If you send it back, say what should be different."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, max_value=2**53)
    do = forms.ChoiceField(choices=[(APPROVE, APPROVE), (BACK, BACK)], widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Whoever sends something back says why: the author can do nothing with a bare no."""
        cleaned = super().clean() or {}
        if cleaned.get("do") == BACK and not cleaned.get("comment"):
            self.add_error("comment", _("Say what should be different, then send it back again."))
        return cleaned
