"""The form with which people say what they may be asked about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.forms.choosing import SeveralField
from km_pages.models import Offer, TechniquePage, Topic
from km_pages.visibility import Reader, visible_to

LONGEST = 300
YEARS_AHEAD = 20


def _date(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class OfferForm(forms.Form):
    """About what, how, by whom, until when. Nothing is chosen before the person chooses it."""

    topics = SeveralField(
        label=gettext_lazy("Topics that people may ask you about"),
        queryset=Topic.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    techniques = SeveralField(
        label=gettext_lazy("Techniques that you have run"),
        queryset=TechniquePage.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label=gettext_lazy("Anything else"),
        max_length=LONGEST,
        required=False,
        help_text=gettext_lazy("In the words people search with: label printer, rota for nights"),
    )
    reach = forms.CharField(
        label=gettext_lazy("How can people reach you?"),
        max_length=LONGEST,
        help_text=gettext_lazy("For example: extension 4312, best after two o'clock"),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who should see this?"),
        choices=Offer.Visibility.choices,
        initial=Offer.Visibility.TEAM,
        widget=forms.RadioSelect,
    )
    until = _date(
        gettext_lazy("Until when?"), gettext_lazy("Empty: until you take it back or leave.")
    )
    leaves_on = _date(
        gettext_lazy("Are you leaving? Your last day in the post"),
        gettext_lazy("Nobody is shown this after your last day, unless you say so below."),
    )
    after_leaving_until = _date(
        gettext_lazy("May people still ask you after you have left? Until when?"),
        gettext_lazy(
            "Empty: no. Give a telephone number or address above that still works then. It ends "
            "at once when your account is closed."
        ),
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pages = visible_to(TechniquePage.objects.all(), Reader(person))
        self.fields["techniques"].queryset = pages.order_by("title")  # type: ignore[attr-defined]
        self.fields["visibility"].choice_hints = {  # type: ignore[attr-defined]
            Offer.Visibility.TEAM: _("Who is in a team with you, and the knowledge managers."),
            Offer.Visibility.ORGANISATION: _("Everybody who can sign in."),
        }

    @staticmethod
    def initial_of(offer: Offer | None) -> dict[str, Any]:
        """What the form shows for an ``offer`` that is there already."""
        if offer is None:
            return {}
        names = ("words", "reach", "visibility", "until", "leaves_on", "after_leaving_until")
        return {name: getattr(offer, name) for name in names} | {
            "topics": [each.pk for each in offer.topics.all()],
            "techniques": [each.pk for each in offer.techniques.all()],
        }

    def clean_until(self) -> dt.date | None:
        """A day that is not over."""
        return self._coming("until")

    def clean_after_leaving_until(self) -> dt.date | None:
        """A day that is not over."""
        return self._coming("after_leaving_until")

    def _coming(self, name: str) -> dt.date | None:
        day: dt.date | None = self.cleaned_data[name]
        today = timezone.localdate()
        if day and day < today:
            raise forms.ValidationError(_("This day is over. Give a later one, or leave it empty."))
        if day and day.year > today.year + YEARS_AHEAD:
            raise forms.ValidationError(_("This is too far away. Give an earlier day."))
        return day

    def clean(self) -> dict[str, Any]:
        """At least one subject, and days in their order."""
        cleaned = super().clean() or {}
        if not any(cleaned.get(name) for name in ("topics", "techniques", "words")):
            field = "topics" if self.fields["topics"].queryset else "words"  # type: ignore[attr-defined]
            self.add_error(field, _("Say at least one thing that people may ask you about."))
        after, last = cleaned.get("after_leaving_until"), cleaned.get("leaves_on")
        if after and not last:
            self.add_error("leaves_on", _("Give your last day as well."))
        elif after and last and after < last:
            self.add_error("after_leaving_until", _("Give a day after your last day."))
        return cleaned
