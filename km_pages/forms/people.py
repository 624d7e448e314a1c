"""Forms to take people into a team: by name, by e-mail, from a list."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

MOST_ROWS = 500
MOST_BYTES = 200_000
STEWARD_WORDS = {"steward", "stewards", "yes", "y", "1", "true"}


@dataclass(frozen=True)
class PersonRow:
    """One line of a list of people."""

    email: str
    steward: bool


class AddPersonForm(forms.Form):
    """One person: somebody with an account is added, anybody else is invited."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Somebody with an account joins at once. Others get an invitation."),
    )
    steward = forms.BooleanField(label=_("Make them a steward"), required=False)

    def clean_email(self) -> str:
        """In small letters, as account names are."""
        return self.cleaned_data["email"].strip().lower()


class PeopleListForm(forms.Form):
    """Many people at once: a CSV file, or the same pasted."""

    file = forms.FileField(label=_("CSV file"), required=False)
    text = forms.CharField(
        label=_("Or paste the list"),
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text=_("One person on each line: e-mail address, then steward if they are one."),
    )

    def clean(self) -> dict[str, Any]:
        """Read all rows; every line that cannot be understood is named."""
        cleaned = super().clean() or {}
        text = cleaned.get("text", "")
        if cleaned.get("file"):
            text = self._read(cleaned["file"])
        if not text.strip():
            raise ValidationError(_("Choose a file or paste a list."))
        cleaned["rows"] = self._rows(text)
        return cleaned

    @staticmethod
    def _read(upload: Any) -> str:
        if upload.size > MOST_BYTES:
            raise ValidationError({"file": _("This file is too large for a list of people.")})
        raw = upload.read()
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise ValidationError({"file": _("We could not read this file. Save it as CSV UTF-8.")})

    @staticmethod
    def _rows(text: str) -> list[PersonRow]:
        rows, problems = [], []
        plain = text.replace(";", ",").replace("\t", ",").replace("\0", "")
        try:
            lines = list(csv.reader(plain.splitlines()))
        except csv.Error as problem:
            words = _("We could not read this list. Give one person on each line.")
            raise ValidationError(words) from problem
        if len(lines) > MOST_ROWS:
            raise ValidationError(
                _("Give at most %(most)d people at a time.") % {"most": MOST_ROWS}
            )
        for number, cells in enumerate(lines, start=1):
            values = [cell.strip() for cell in cells if cell.strip()]
            email = next((each.lower() for each in values if "@" in each), "")
            if not values or (number == 1 and not email):
                continue
            try:
                validate_email(email)
            except ValidationError:
                problems.append(
                    _("Line %(number)d has no e-mail address: %(line)s")
                    % {"number": number, "line": ", ".join(values)[:80]}
                )
                continue
            steward = any(each.lower() in STEWARD_WORDS for each in values)
            rows.append(PersonRow(email, steward))
        if problems:
            raise ValidationError(
                [*problems, _("Nobody was added. Mend these lines and try again.")]
            )
        return rows


class JoinForm(forms.Form):
    """The account of somebody who was invited."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. Three words that you remember are good."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Hold the password against the site's rules."""
        cleaned = super().clean() or {}
        if cleaned.get("password"):
            user = get_user_model()(
                username=self.email,
                email=self.email,
                first_name=cleaned.get("first_name", ""),
                last_name=cleaned.get("last_name", ""),
            )
            try:
                password_validation.validate_password(cleaned["password"], user)
            except ValidationError as problem:
                self.add_error("password", problem)
        return cleaned
