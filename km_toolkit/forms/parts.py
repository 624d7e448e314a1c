"""Forms of the single steps of a handover."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.models import OutputType
from km_pages.visibility import Visibility
from km_toolkit.forms.handovers import PersonField, date_field
from km_toolkit.forms.offering import (
    listed_colleagues,
    offer,
    offer_actions,
    offer_activities,
    offer_areas,
)
from km_toolkit.models import (
    ActivityPage,
    Handover,
    KnowledgeArea,
    Priority,
    Prompt,
    TransferAction,
)

LONG = {"rows": 4}


class AreaForm(forms.ModelForm):
    """One knowledge area. ``key`` keeps a form that is sent twice from adding two."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = KnowledgeArea
        fields = ["title", "why", "who_relies", "who_else", "kind"]
        fields += ["criticality", "uniqueness", "urgency"]
        widgets = {
            "why": forms.Textarea(attrs={"rows": 2}),
            "who_relies": forms.Textarea(attrs={"rows": 2}),
            "who_else": forms.Textarea(attrs={"rows": 2}),
            "kind": forms.RadioSelect,
        }
        help_texts = {
            "title": gettext_lazy("For example: whom to call when the ventilator alarm fails"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [each for each in self.fields["kind"].choices if each[0]]
        self.initial.setdefault("key", uuid.uuid4())

    def details(self) -> dict[str, Any]:
        """What the action takes, besides the title."""
        return {k: v for k, v in self.cleaned_data.items() if k != "key"}

    def _post_clean(self) -> None:
        """Leave the instance alone: an action changes it."""


class OpenQuestionsForm(forms.Form):
    """Until when the team may ask."""

    until = date_field(
        gettext_lazy("Until which day may people ask?"),
        required=False,
        help_text=gettext_lazy("Leave it empty to close it yourself."),
    )

    def clean_until(self) -> Any:
        """Not a day that has passed."""
        day = self.cleaned_data["until"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return day


class QuestionForm(forms.Form):
    """A question to the leaver, with a name or without."""

    text = forms.CharField(
        label=gettext_lazy("What would you like to know?"),
        widget=forms.Textarea(attrs=LONG),
        max_length=4000,
        help_text=gettext_lazy("Leave out names of patients and colleagues."),
    )
    named = forms.ChoiceField(
        label=gettext_lazy("With your name?"),
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("With my name")), ("no", gettext_lazy("Without my name"))],
        initial="yes",
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4())
        self.fields["named"].choice_hints = {  # type: ignore[attr-defined]
            "no": _(
                "We do not keep who you are or when you asked. It is shown later, together with "
                "the others. In a small team people may still guess."
            )
        }


class AnswerForm(forms.Form):
    """An answer of the leaver or the manager."""

    answer = forms.CharField(
        label=gettext_lazy("Your answer"), widget=forms.Textarea(attrs=LONG), max_length=20_000
    )


class WaiveForm(forms.Form):
    """Why what is missing may stay open."""

    reason = forms.CharField(label=gettext_lazy("Or: why it may stay open"), max_length=1000)


class FileQuestionForm(forms.Form):
    """To which area a question belongs: one there is, or a new one."""

    area = forms.ModelChoiceField(
        label=gettext_lazy("Which area?"),
        queryset=KnowledgeArea.objects.none(),
        required=False,
        empty_label=gettext_lazy("A new one"),
    )
    title = forms.CharField(
        label=gettext_lazy("If it is new: what is it about?"), max_length=160, required=False
    )

    def __init__(self, *args: Any, handover: Handover, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_areas(self, handover)


class InviteForm(forms.Form):
    """Somebody without an account who should be asked."""

    email = forms.EmailField(label=gettext_lazy("Their e-mail address"))


class PriorityForm(forms.Form):
    """The priority of one area; one of these stands beside each area of the list."""

    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=Priority.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("If not now: why?"), required=False, max_length=1000
    )

    def clean(self) -> dict[str, Any]:
        """Whoever says "not now" says why."""
        cleaned = super().clean() or {}
        reason = cleaned.get("reason", "").strip()
        if cleaned.get("priority") == Priority.NOT_NOW and not reason:
            self.add_error("reason", _("Say in a few words why not now."))
        return cleaned


class ActivityField(forms.ModelChoiceField):
    """An activity of the toolbox, by its title."""

    def label_from_instance(self, obj: Any) -> str:
        """Its title."""
        return str(obj.title)

    def to_python(self, value: Any) -> Any:
        """The activity. A number that no database holds is a wrong choice, and no fault.

        Django says so by itself where the key is a number, and not where it is another table's.
        """
        try:
            return super().to_python(value)
        except OverflowError:
            raise self._wrong(value) from None

    def _wrong(self, value: Any) -> ValidationError:
        wrong = self.error_messages["invalid_choice"]
        return ValidationError(wrong, code="invalid_choice", params={"value": value})


class ActionForm(forms.Form):
    """One action of the plan."""

    area = forms.ModelChoiceField(
        label=gettext_lazy("For which area?"), queryset=KnowledgeArea.objects.none()
    )
    activity = ActivityField(
        label=gettext_lazy("Which activity of the toolbox?"),
        queryset=ActivityPage.objects.none(),
        required=False,
        empty_label=gettext_lazy("None of these"),
    )
    title = forms.CharField(
        label=gettext_lazy("What will you do?"),
        max_length=160,
        required=False,
        help_text=gettext_lazy("Leave it empty to use the activity's name."),
    )
    recipient = forms.CharField(label=gettext_lazy("For whom?"), max_length=160)
    due = date_field(gettext_lazy("By when?"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes, about"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=gettext_lazy("Leave it empty to use the activity's time."),
    )
    place = forms.CharField(label=gettext_lazy("Where?"), max_length=160, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, handover: Handover, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_areas(self, handover)
        offer_activities(self)
        self.initial.setdefault("key", uuid.uuid4())
        self.initial.setdefault("due", handover.last_day)

    def clean(self) -> dict[str, Any]:
        """An activity gives its name and its minutes, unless others were typed."""
        cleaned = super().clean() or {}
        activity = cleaned.get("activity")
        if not cleaned.get("title", "").strip():
            if activity is None:
                self.add_error("title", _("Choose an activity, or say what you will do."))
            else:
                cleaned["title"] = activity.title[:160]
        if activity is not None and cleaned.get("minutes") is None and "minutes" not in self.errors:
            cleaned["minutes"] = activity.minutes_max or activity.minutes_min
        return cleaned

    def details(self) -> dict[str, Any]:
        """What the action takes."""
        return {k: v for k, v in self.cleaned_data.items() if k != "key"}


class RosterForm(forms.Form):
    """How much time is rostered for the plan."""

    hours = forms.DecimalField(
        label=gettext_lazy("How many hours are rostered for this?"),
        min_value=0,
        max_value=2000,
        decimal_places=2,
        required=False,
    )

    def minutes(self) -> int | None:
        """The hours as whole minutes."""
        hours = self.cleaned_data.get("hours")
        return None if hours is None else round(hours * 60)


class HelperForm(forms.Form):
    """Whom to ask for help."""

    person = PersonField(
        label=gettext_lazy("Who could help?"),
        queryset=None,
        help_text=gettext_lazy(
            "Somebody who listens well and can write. Better not the line manager."
        ),
    )

    def __init__(self, *args: Any, handover: Handover, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = listed_colleagues([handover.post.team], besides=handover.leaver_id)
        known = [each.pk for each in people]
        users = get_user_model()._default_manager
        offer(self, "person", people, lambda: users.filter(pk__in=known))


class OutputForm(forms.Form):
    """Something captured: a few words, files beside it, who should see it."""

    title = forms.CharField(label=gettext_lazy("What is it called?"), max_length=160)
    summary = forms.CharField(
        label=gettext_lazy("What does it say?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Two sentences are enough. Leave out names of patients."),
    )
    output_type = forms.ModelChoiceField(
        label=gettext_lazy("What kind of thing is it?"),
        queryset=OutputType.objects.all(),
        required=False,
        empty_label=gettext_lazy("I do not know"),
    )
    area = forms.ModelChoiceField(
        label=gettext_lazy("Which area does it belong to?"),
        queryset=KnowledgeArea.objects.none(),
        required=False,
        empty_label=gettext_lazy("None of them"),
    )
    action = forms.ModelChoiceField(
        label=gettext_lazy("Did it come of something in the plan?"),
        queryset=TransferAction.objects.none(),
        required=False,
        empty_label=gettext_lazy("No"),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who should see it once you share it?"),
        widget=forms.RadioSelect,
        choices=[
            (each.value, each.label)
            for each in (Visibility.TEAM, Visibility.ORGANISATION, Visibility.OPEN)
        ],
        initial=Visibility.TEAM,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, handover: Handover, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_actions(self, handover)
        offer_areas(self, handover)
        self.initial.setdefault("key", uuid.uuid4())
        hints = {
            Visibility.TEAM: _("%(team)s, as soon as you share it.") % {"team": handover.post.team},
            Visibility.ORGANISATION: _("A steward looks at it first."),
            Visibility.OPEN: _("On the open web. A steward looks at it first."),
        }
        self.fields["visibility"].choice_hints = hints  # type: ignore[attr-defined]


class ExpressForm(forms.Form):
    """The five questions of Express, a field each; any may stay empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for prompt in Prompt:
            self.fields[prompt.value] = forms.CharField(
                label=prompt.label,
                widget=forms.Textarea(attrs=LONG),
                max_length=20_000,
                required=False,
            )


class SayBackForm(forms.Form):
    """What the successor understood of one area."""

    text = forms.CharField(
        label=gettext_lazy("In your own words: what did you understand?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=10_000,
    )


class GapForm(forms.Form):
    """What is still missing."""

    text = forms.CharField(
        label=gettext_lazy("What is still missing?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )
    area = forms.ModelChoiceField(
        label=gettext_lazy("Which area is it about?"),
        queryset=KnowledgeArea.objects.none(),
        required=False,
        empty_label=gettext_lazy("None of them"),
    )
    to_manager = forms.BooleanField(
        label=gettext_lazy("Ask the line manager instead of the leaver"), required=False
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, handover: Handover, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_areas(self, handover)
        self.initial.setdefault("key", uuid.uuid4())


class AfterwardsForm(forms.Form):
    """What the leaver offers for the time after the last day."""

    email = forms.EmailField(
        label=gettext_lazy("An e-mail address for after your last day"),
        required=False,
        help_text=gettext_lazy(
            "Only if you like. We write twice, 4 and 12 weeks after your last day."
        ),
    )
    thank_you = forms.BooleanField(
        label=gettext_lazy("Show me how often my notes were opened"), required=False
    )
