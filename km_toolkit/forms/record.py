"""The form of an entry in a learning record, and of a target."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from km_toolkit.actions.record_learning import Learned, problem_of
from km_toolkit.models import (
    LearningActivity,
    LearningDraft,
    LearningEntry,
    LearningScheme,
    LearningTarget,
)
from km_toolkit.models.records import MOST_MINUTES

LONGEST = 20_000
MOST_KEPT = 120_000
# What stands in the form besides what is typed.
NOT_TYPED = frozenset(
    {"csrfmiddlewaretoken", "key", "seen", "window", "corrects", "kept", "do", "looked"}
)
# What is typed in words and stands in what is printed.
WRITTEN = ("what", "role", "aim", "reflection", "practice_change", "reference")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _text(label: Any, hint: Any, rows: int = 4) -> forms.CharField:
    box = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, help_text=hint, widget=box, max_length=LONGEST, required=False
    )


def _minutes(label: Any, hint: Any, *, least: int) -> forms.IntegerField:
    box = forms.NumberInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-5"})
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=least,
        max_value=MOST_MINUTES,
        widget=box,
        required=least > 0,
    )


class EntryForm(forms.Form):
    """Four answers that are needed, and as many more as somebody wants to give."""

    date = forms.DateField(label=_("When was it?"), widget=DAY)
    activity = forms.ChoiceField(
        label=_("How did you learn?"), choices=LearningActivity.choices, widget=forms.RadioSelect
    )
    what = forms.CharField(
        label=_("What was it about?"),
        help_text=_("For example: after action review of the winter rota."),
        max_length=255,
    )
    minutes = _minutes(_("How many minutes did it take?"), "", least=1)
    participatory_minutes = _minutes(
        _("How many of these minutes with other people?"),
        _("Talking, trying out or working it out together. Reading by yourself is none."),
        least=0,
    )
    role = forms.CharField(
        label=_("What was your part in it?"),
        help_text=_("For example: I led it, I took notes, I brought the question."),
        max_length=160,
        required=False,
    )
    aim = _text(_("What did you want to learn?"), "", rows=3)
    reflection = _text(
        _("What do you take from it?"),
        _("Only you read this. It is in what you print, because professional bodies ask for it."),
        rows=6,
    )
    practice_change = _text(
        _("What do you do differently now?"), _("And who is better off for it."), rows=4
    )
    reference = forms.CharField(
        label=_("Another standard or code it belongs to"), max_length=255, required=False
    )
    page = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    window = forms.UUIDField(widget=forms.HiddenInput, required=False)
    corrects = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, schemes: list[LearningScheme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schemes = schemes
        for scheme in schemes:
            self.fields[scheme_field(scheme)] = forms.MultipleChoiceField(
                label=scheme.name,
                help_text=scheme.summary,
                choices=[(part.pk, str(part)) for part in scheme.parts.all()],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def needed(self) -> list[Any]:
        """The fields that everybody fills in."""
        return [self[name] for name in ("date", "activity", "what", "minutes")]

    def more(self) -> list[Any]:
        """Those that many leave empty."""
        names = ("participatory_minutes", "role", "aim", "reflection", "practice_change")
        return [self[name] for name in names]

    def standards(self) -> list[Any]:
        """One field for each scheme, and one for what stands in none."""
        return [*(self[scheme_field(each)] for each in self.schemes), self["reference"]]

    @property
    def names_standards(self) -> bool:
        """Whether a standard is chosen already, so that they are shown at once."""
        return any(bound.value() for bound in self.standards())

    def clean(self) -> dict[str, Any]:
        """Check what only both answers together can say."""
        data = super().clean() or {}
        if not self.errors:
            problem = problem_of(self.learned())
            if problem is not None:
                self.add_error(*problem)
        return data

    def learned(self, files: tuple[int, ...] = ()) -> Learned:
        """What the action takes."""
        data = self.cleaned_data
        parts = [data.get(scheme_field(each)) or [] for each in self.schemes]
        return Learned(
            date=data["date"],
            activity=data["activity"],
            minutes=data["minutes"],
            participatory_minutes=data.get("participatory_minutes") or 0,
            parts=frozenset(int(pk) for chosen in parts for pk in chosen),
            files=files,
            **{name: _as_kept(data.get(name) or "") for name in WRITTEN},
        )


def _as_kept(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def scheme_field(scheme: LearningScheme) -> str:
    """The name of the field with the parts of ``scheme``."""
    return f"parts-{scheme.pk}"


def schemes_for(entry: LearningEntry | None = None) -> list[LearningScheme]:
    """The schemes that a form offers, and those that ``entry`` names already. Two queries."""
    wanted = Q(offered=True)
    if entry is not None:
        wanted |= Q(pk__in=entry.parts.values("scheme_id"))
    offered = LearningScheme.objects.filter(wanted)
    return [each for each in offered.prefetch_related("parts") if each.parts.all()]


def typed_in(posted: QueryDict) -> dict[str, list[str]]:
    """What was typed, as a draft keeps it: at most so much that nobody fills the disk."""
    kept: dict[str, list[str]] = {}
    room = MOST_KEPT
    for name, values in posted.lists():
        if name in NOT_TYPED or len(name) > 60:
            continue
        texts = [str(value).replace("\r\n", "\n")[:room] for value in values[:100]]
        room -= sum(len(each) for each in texts)
        if any(texts):
            kept[name] = texts
    return kept


def form_of_draft(draft: LearningDraft, schemes: list[LearningScheme]) -> EntryForm:
    """The form with what ``draft`` keeps, without any complaint about what is missing yet."""
    initial: dict[str, Any] = dict(_initial(draft.content))
    initial |= {"key": draft.key, "seen": draft.version}
    if draft.corrects is not None:
        initial["corrects"] = draft.corrects.key
    return EntryForm(initial=initial, schemes=schemes)


def _initial(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: values if name.startswith("parts-") else values[0]
        for name, values in content.items()
        if isinstance(values, list) and values
    }


def form_of_entry(entry: LearningEntry, schemes: list[LearningScheme], **hidden: Any) -> EntryForm:
    """The form with what ``entry`` says, to correct it."""
    names = ("date", "activity", "what", "minutes", "role", "aim", "reflection")
    initial: dict[str, Any] = {name: getattr(entry, name) for name in names}
    initial |= {"practice_change": entry.practice_change, "reference": entry.reference}
    initial["participatory_minutes"] = entry.participatory_minutes or None
    chosen = {each.pk for each in entry.parts.all()}
    for scheme in schemes:
        initial[scheme_field(scheme)] = [p.pk for p in scheme.parts.all() if p.pk in chosen]
    return EntryForm(initial={**initial, **hidden, "corrects": entry.key}, schemes=schemes)


class PeriodForm(forms.Form):
    """From when until when."""

    starts = forms.DateField(label=_("From"), widget=DAY, required=False)
    ends = forms.DateField(label=_("Until"), widget=DAY, required=False)

    def clean(self) -> dict[str, Any]:
        """The end may not come before the beginning."""
        data = super().clean() or {}
        if data.get("starts") and data.get("ends") and data["ends"] < data["starts"]:
            self.add_error("ends", _("This day comes before the first one."))
        return data


class TargetForm(forms.ModelForm):
    """How much, in which time, for what. Hours are how people count this."""

    hours = forms.DecimalField(
        label=_("How many hours?"), min_value=0.25, max_value=5000, decimal_places=2
    )
    participatory_hours = forms.DecimalField(
        label=_("How many of these with other people?"),
        min_value=0,
        max_value=5000,
        decimal_places=2,
        required=False,
    )
    field_order = ["scheme", "starts", "ends", "hours", "participatory_hours"]

    class Meta:
        model = LearningTarget
        fields = ["scheme", "starts", "ends"]
        widgets = {"starts": DAY, "ends": DAY}
        labels = {"scheme": _("What is it for?")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scheme: Any = self.fields["scheme"]
        scheme.queryset = LearningScheme.objects.filter(offered=True)
        scheme.empty_label = _("All that I learn")
        today = timezone.localdate()
        self.fields["starts"].initial = datetime.date(today.year, 1, 1)
        self.fields["ends"].initial = datetime.date(today.year, 12, 31)

    def clean(self) -> dict[str, Any]:
        """Say what does not go together, and count in minutes."""
        data = super().clean() or {}
        if data.get("starts") and data.get("ends") and data["ends"] < data["starts"]:
            self.add_error("ends", _("This day comes before the first one."))
        whole, together = data.get("hours"), data.get("participatory_hours") or 0
        if whole is not None and together > whole:
            self.add_error("participatory_hours", _("This cannot be more than the whole time."))
        if whole is not None:
            self.instance.minutes = round(whole * 60)
            self.instance.participatory_minutes = round(together * 60)
        return data
