"""Forms to start a handover, and to change its facts."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.models import Post
from km_toolkit.forms.offering import colleagues, listed_colleagues, offer
from km_toolkit.models import HOLDER_AWAY, MANAGE_HANDOVERS, Handover, Reason
from km_toolkit.posts import posts_to_hand_over


def date_field(label: Any, **given: Any) -> forms.DateField:
    """A day, picked by the browser's own calendar."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given
    )


ROLES = ("line_manager", "deputy", "successor")


class PersonField(forms.ModelChoiceField):
    """Somebody with an account, shown by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Their name."""
        return obj.get_full_name() or obj.get_username()


def starts_for_others(user: Any, posts: Any) -> bool:
    """Whether ``user`` may start a handover of one of ``posts`` for somebody else."""
    return user.has_perm(MANAGE_HANDOVERS) or any(each.line_manager_id == user.pk for each in posts)


class StartForm(forms.Form):
    """Post, last day and manager; the rest can wait."""

    post = forms.ModelChoiceField(
        label=gettext_lazy("Which post is handed over?"),
        queryset=Post.objects.none(),
        empty_label=gettext_lazy("Choose a post"),
    )
    last_day = date_field(
        gettext_lazy("When is the last day in this post?"),
        help_text=gettext_lazy("You can change it later."),
    )
    line_manager = PersonField(
        label=gettext_lazy("Who is the line manager?"),
        queryset=get_user_model()._default_manager.none(),
        empty_label=gettext_lazy("Choose a person"),
        help_text=gettext_lazy("Not in the list? Ask a steward to add them to the team."),
    )
    leaver = PersonField(
        label=gettext_lazy("Who hands it over?"),
        queryset=get_user_model()._default_manager.none(),
        empty_label=gettext_lazy("Whoever holds the post"),
        required=False,
        help_text=gettext_lazy("Only if the site does not know who holds it, or it is wrong."),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"), choices=Reason.choices, initial=Reason.LEAVING
    )
    away_reason = forms.CharField(
        label=gettext_lazy("Why the holder cannot take part"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        required=False,
        help_text=gettext_lazy(
            "Only for “Away without notice” and “Has died”. No mail is sent to the holder then."
        ),
    )

    def __init__(self, *args: Any, user: Any, posts: list[Post], **kwargs: Any) -> None:
        """``posts``: those that are offered, of what ``user`` may hand over."""
        super().__init__(*args, **kwargs)
        teams = {post.team_id: post.team for post in posts}
        offer(self, "post", posts, lambda: posts_to_hand_over(user))
        people = listed_colleagues(teams.values())
        offer(self, "line_manager", people, lambda: colleagues(list(teams)))
        if starts_for_others(user, posts):
            offer(self, "leaver", people, lambda: colleagues(list(teams)))
        else:
            # For a holder who cannot take part only a manager starts.
            del self.fields["leaver"], self.fields["away_reason"]
            self.fields["reason"].choices = [
                each for each in Reason.choices if each[0] not in HOLDER_AWAY
            ]
        self._fill_in(posts, user)

    def _fill_in(self, posts: list[Post], user: Any) -> None:
        """The post that is meant, with its line manager, where only one can be."""
        asked = str(self.initial.get("post") or "")
        meant = [each for each in posts if str(each.pk) == asked]
        meant = meant or [each for each in posts if each.holder_id == user.pk] or posts
        if len(meant) == 1:
            self.initial["post"] = meant[0].pk
            self.initial.setdefault("line_manager", meant[0].line_manager_id)

    def clean_last_day(self) -> datetime.date:
        """A day that somebody can mean."""
        day: datetime.date = self.cleaned_data["last_day"]
        today = timezone.localdate()
        if not (today - datetime.timedelta(days=730) <= day <= today + datetime.timedelta(3650)):
            raise forms.ValidationError(_("This day is far away. Is the year right?"))
        return day

    def clean(self) -> dict[str, Any]:
        """Whoever starts for somebody who is away says why."""
        cleaned = super().clean() or {}
        away = cleaned.get("reason") in {str(each) for each in HOLDER_AWAY}
        post, leaver = cleaned.get("post"), cleaned.get("leaver")
        if post and post.holder_id is None and leaver is None and "leaver" in self.fields:
            self.add_error("leaver", _("Say who hands over: nobody is known to hold this post."))
        if away and not cleaned.get("away_reason", "").strip():
            self.add_error("away_reason", _("Say in a few words why the holder cannot take part."))
        return cleaned


class FactsForm(forms.ModelForm):
    """Dates and people of a handover."""

    last_day = date_field(gettext_lazy("Last day in the post"))
    notice_date = date_field(gettext_lazy("Date of notice"), required=False)

    class Meta:
        model = Handover
        fields = ["last_day", "notice_date", "reason", "line_manager", "deputy", "successor"]
        fields += ["holder_away", "away_reason"]
        field_classes = {
            "line_manager": PersonField,
            "deputy": PersonField,
            "successor": PersonField,
        }
        widgets = {"away_reason": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "deputy": gettext_lazy("Asked if the line manager does not answer in five days."),
            "successor": gettext_lazy("Leave it empty while nobody is known."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        handover = self.instance
        people = listed_colleagues([handover.post.team], besides=handover.leaver_id)
        known = {each.pk for each in people}
        # Whoever is named already stays in the list, wherever they work now.
        for role in ROLES:
            named = getattr(handover, role)
            if named is not None and named.pk not in known | {handover.leaver_id}:
                known.add(named.pk)
                people.append(named)
        users = get_user_model()._default_manager
        for role in ROLES:
            offer(self, role, people, lambda: users.filter(pk__in=known))

    def facts(self) -> dict[str, Any]:
        """What differs from what there was."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def _post_clean(self) -> None:
        """Leave the instance alone: an action changes it."""


class ReasonForm(forms.Form):
    """A few words on why."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
