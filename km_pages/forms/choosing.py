"""A field for several records, which also takes keys that no database can hold for wrong ones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from km_pages.numbers import LONGEST_KEY


class SeveralField(forms.ModelMultipleChoiceField):
    """Django's own asks SQLite for any number among others, and that fails over long ones."""

    def clean(self, value: Any) -> Any:
        """The records with the keys in ``value``. Raises ``ValidationError``."""
        for each in value if isinstance(value, list | tuple) else ():
            if len(str(each)) > LONGEST_KEY:
                raise ValidationError(
                    self.error_messages["invalid_pk_value"],
                    code="invalid_pk_value",
                    params={"pk": f"{str(each)[:LONGEST_KEY]}…"},
                )
        return super().clean(value)
