"""What lists with filters share: chosen filters to take away, and what to relax when none fits.

Everything is in the address, so every state can be kept, sent and gone back to without script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Narrowed:
    """A link that changes what is asked for; ``count`` is how much is found behind it."""

    label: str
    url: str
    count: int | None = None
    current: bool = False


class FilterForm(forms.Form):
    """Questions above a list. A wrong answer narrows nothing and is shown at its field."""

    # Fields that say how to show, not what to find.
    not_wishes: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.fields.values():
            if isinstance(each, forms.IntegerField):
                words = _("Write a whole number from %(low)s to %(high)s.") % {
                    "low": each.min_value,
                    "high": number_format(str(each.max_value)),
                }
                each.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), words)

    @property
    def wishes(self) -> dict[str, Any]:
        """What was asked for and understood, by field; nought counts, empty does not."""
        self.is_valid()
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in (None, "") and name not in self.not_wishes
        }

    def in_words(self, name: str, value: Any) -> str:
        """One wish in words, such as "Goal: Connect people"."""
        choices = getattr(self.fields[name], "choices", None)
        if isinstance(self.fields[name], forms.ChoiceField) and choices:
            value = dict(choices).get(value, value)
        return f"{self.fields[name].label}: {value}"


def address(request: HttpRequest, anchor: str = "", **changes: Any) -> str:
    """The address of ``request`` with ``changes`` in its query; ``None`` takes a name out.

    Always leads to the first part of a long list.
    """
    query = request.GET.copy()
    for name, value in {**changes, "page": None}.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    given = query.urlencode()
    return f"{request.path}?{given}{anchor}" if given else f"{request.path}{anchor}"


def chosen(
    form: FilterForm, wishes: Mapping[str, Any], request: HttpRequest, anchor: str = ""
) -> list[Narrowed]:
    """The filters in force, each a link that takes it away."""
    return [
        Narrowed(form.in_words(name, value), address(request, anchor, **{name: None}))
        for name, value in wishes.items()
    ]


def looser(
    form: FilterForm,
    wishes: Mapping[str, Any],
    request: HttpRequest,
    count: Callable[[dict[str, Any]], int],
    anchor: str = "",
) -> list[Narrowed]:
    """Which single wish to leave out so that something fits, the most fruitful first.

    ``count`` says how much fits given wishes: one query for each wish, at most one each.
    """
    rows = []
    for name, value in wishes.items():
        rest = {each: wishes[each] for each in wishes if each != name}
        if rest and (number := count(rest)):
            words = _("Leave out “%(wish)s”") % {"wish": form.in_words(name, value)}
            rows.append(Narrowed(words, address(request, anchor, **{name: None}), number))
    return sorted(rows, key=lambda row: -(row.count or 0))


def with_counts(field: forms.Field, counts: Mapping[str, int]) -> None:
    """Write behind each choice of ``field`` how much it finds, also where that is nothing."""
    rows = [(str(value), label) for value, label in field.choices]  # type: ignore[attr-defined]
    field.choices = [  # type: ignore[attr-defined]
        (value, f"{label} ({counts.get(value, 0)})" if value else label) for value, label in rows
    ]
