"""Ask for a link to sign in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SignInLinkForm(forms.Form):
    """One question: the e-mail address."""

    email = forms.EmailField(
        label=_("Your work e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
