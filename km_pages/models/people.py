"""People by their e-mail addresses: for fields in which somebody names a few of many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def people_named(text: str) -> tuple[list[Any], list[str]]:
    """Accounts for the e-mail addresses in ``text``, and the addresses without an account."""
    wanted = [each.strip(";<>").lower() for each in text.replace(",", " ").split()]
    wanted = list(dict.fromkeys(each for each in wanted if each))
    users = get_user_model()._default_manager.filter(is_active=True, username__in=wanted)
    found = {each.username.lower(): each for each in users}
    return list(found.values()), [each for each in wanted if each not in found]


class PeopleField(forms.CharField):
    """E-mail addresses, one a line, that are read as a list of accounts.

    ``kept`` are people who stay where their address is left standing, also with a closed account.
    """

    widget = forms.Textarea(attrs={"rows": 3})
    kept: Iterable[Any] = ()

    def prepare_value(self, value: Any) -> Any:
        """What stands in the field: what was typed, or the addresses of the people of a page."""
        if value is None or isinstance(value, str):
            return value
        return "\n".join(each.get_username() for each in value)

    def clean(self, value: Any) -> list[Any]:
        """The accounts. Raises ValidationError that names the addresses without one."""
        found, unknown = people_named(super().clean(value))
        kept = {each.get_username().lower(): each for each in self.kept}
        if strangers := [each for each in unknown if each not in kept]:
            words = _("Nobody here has this address: %(who)s. Check it, or leave it out.")
            raise ValidationError(words % {"who": ", ".join(strangers)[:300]})
        return [*found, *(kept[each] for each in unknown)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other people are named, in whatever order and letters."""
        before = (self.prepare_value(initial) or "").lower().split()
        return sorted(before) != sorted((data or "").lower().split())
