"""Forms to add to the repository: the whole one, and the shortest for a lesson."""

from __future__ import annotations

from html import unescape
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.write_draft import ItemDraft
from km_pages.conf import conf
from km_pages.models import KnowledgeAssetPage, OutputType, StoredFile, Team
from km_pages.models.knowledge_form import audience_problem
from km_pages.models.people import people_named
from km_pages.numbers import whole_ones
from km_pages.visibility import Visibility
from km_pages.wording import who_sees

LONGEST_TEXT = 50_000
ME, NOBODY = "me", "none"
AUDIENCES = (Visibility.TEAM, Visibility.ORGANISATION, Visibility.OPEN, Visibility.NAMED)


class AddForm(forms.Form):
    """One page, one minute: what it is called, what it says, who should see it.

    Files are not fields of the form: each is stored as soon as it comes, and the view keeps the
    keys of those that are stored, so that a mistake elsewhere loses none.
    """

    title = forms.CharField(
        label=gettext_lazy("What is it called?"),
        max_length=160,
        help_text=gettext_lazy("For example: How to restart the label printer"),
    )
    summary = forms.CharField(
        label=gettext_lazy("What does it say, and for whom?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Two sentences are enough. Leave out names of patients."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Anything to write down here?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=LONGEST_TEXT,
        required=False,
    )
    output_type = forms.ModelChoiceField(
        label=gettext_lazy("What kind of thing is it?"),
        queryset=OutputType.objects.all(),
        required=False,
        empty_label=gettext_lazy("I do not know"),
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Whose space does it go to?"), queryset=None, to_field_name="slug"
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who should see it?"), widget=forms.RadioSelect, initial=Visibility.TEAM
    )
    people = forms.CharField(
        label=gettext_lazy("The people you name"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=5000,
        required=False,
        help_text=gettext_lazy("Their e-mail addresses. Only needed for “Only the people I name”."),
    )
    holder = forms.ChoiceField(
        label=gettext_lazy("Whose knowledge is it?"),
        required=False,
        initial=ME,
        help_text=gettext_lazy("If it is not yours, that person agrees before it is shared."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, user: Any, page: KnowledgeAssetPage | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.page, self.given = user, page, kwargs
        self.teams = list(Team.objects.with_member(user).distinct())
        self._fill_team()
        self._fill_audience()
        self._fill_holder()
        if page is not None:
            del self.fields["key"]
            if not writes_plain_text(page):
                del self.fields["notes"]

    def as_typed(self) -> AddForm:
        """The same form with what was typed, without a word on what is missing yet."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        given = {**self.given, "initial": {**self.initial, **typed}}
        return type(self)(user=self.user, page=self.page, **given)

    @property
    def home_team(self) -> Team | None:
        """The team that it goes to, where that is certain before the form is sent."""
        if self.page is not None:
            return self.page.home_team
        return self.teams[0] if len(self.teams) == 1 else None

    def _fill_team(self) -> None:
        field = self.fields["team"]
        field.queryset = Team.objects.filter(pk__in=[each.pk for each in self.teams])
        field.empty_label = None if len(self.teams) == 1 else _("Choose a team")
        if self.page is not None:
            del self.fields["team"]
        elif len(self.teams) == 1:
            field.initial = self.initial["team"] = self.teams[0].slug
            field.widget = forms.HiddenInput()

    def _fill_audience(self) -> None:
        field = self.fields["visibility"]
        field.choices = [(each.value, each.label) for each in AUDIENCES]
        team = self.home_team
        names = [str(team), *(str(each) for each in self._shared_with())] if team else []
        field.choice_hints = {  # type: ignore[attr-defined]
            Visibility.TEAM: _("%(who)s, as soon as you share it.")
            % {"who": who_sees(Visibility.TEAM, teams=names)}
            if names
            else _("Only the team you chose sees this, as soon as you share it."),
            Visibility.ORGANISATION: _(
                "Everyone who works here sees this. A steward looks at it first."
            ),
            Visibility.OPEN: _(
                "It is on the open web, for patients and journalists too. "
                "A steward looks at it first."
            ),
            Visibility.NAMED: _("Only they and you see this. Your team's stewards do not."),
        }

    def _shared_with(self) -> list[Team]:
        return list(self.page.shared_with.all()) if self.page is not None else []

    def _fill_holder(self) -> None:
        pairs = [(each.members_group_id, each.stewards_group_id) for each in self.teams]
        people = get_user_model()._default_manager
        pks = people.filter(is_active=True, groups__in=[pk for pair in pairs for pk in pair])
        wanted: set[int | None] = set(pks.values_list("pk", flat=True))
        # Whoever is named already stays named, also with an account that was closed.
        wanted |= {self.page.holder_id} if self.page is not None else set()
        colleagues = people.filter(pk__in=wanted - {self.user.pk, None})
        self.colleagues = {
            str(each.pk): each for each in colleagues.order_by("last_name", "first_name", "pk")
        }
        self.fields["holder"].choices = [
            (ME, _("Mine")),
            *((key, name_of(each)) for key, each in self.colleagues.items()),
            (NOBODY, _("Somebody's who has no account here: a steward agrees in their place")),
        ]

    def clean(self) -> dict[str, Any]:
        """Find the named people's accounts; refuse addresses that have none, naming them."""
        cleaned = super().clean() or {}
        named, unknown = people_named(cleaned.get("people", ""))
        is_named = self.is_for_named(cleaned)
        if unknown and is_named:
            self.add_error(
                "people",
                _("Nobody here has this address: %(who)s. Check it, or leave it out.")
                % {"who": ", ".join(unknown)[:300]},
            )
        elif is_named and (problem := audience_problem(Visibility.NAMED, len(named))):
            self.add_error("people", problem)
        cleaned["named_people"] = named
        return cleaned

    def is_for_named(self, cleaned: dict[str, Any]) -> bool:
        """Whether it is to be seen by named people only."""
        return bool(cleaned.get("visibility") == Visibility.NAMED)

    def draft(self, *, files: list[int], came_from: Any = None) -> ItemDraft:
        """What was typed, as the action takes it. Call it on a valid form."""
        data = self.cleaned_data
        chosen = data["holder"] or ME
        return ItemDraft(
            title=data["title"],
            summary=data["summary"],
            notes=data.get("notes") if "notes" in self.fields else None,
            visibility=data["visibility"],
            output_type=data["output_type"],
            holder=self.user if chosen == ME else self.colleagues.get(chosen),
            named_people=data["named_people"],
            files=files,
            came_from=came_from,
            key=data.get("key"),
        )

    @property
    def share_label(self) -> str:
        """What the button to share does, as far as it can be known now."""
        chosen = self["holder"].value() or ME
        if chosen == NOBODY:
            return _("Send to the stewards")
        if chosen in self.colleagues:
            return _("Send to %(who)s") % {"who": name_of(self.colleagues[chosen])}
        visibility = self["visibility"].value()
        if visibility in (Visibility.ORGANISATION, Visibility.OPEN):
            return _("Send to the stewards")
        return _("Share it") if visibility == Visibility.NAMED else _("Share with my team")


class LessonForm(AddForm):
    """The shortest form: what happened, and what to do next time."""

    field_order = ["title", "summary", "notes", "team", "visibility", "people", "holder", "key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].label = _("The lesson in one line")
        self.fields["title"].help_text = _("For example: Ring the lab before you send the van")
        self.fields["summary"].label = _("What happened?")
        self.fields["summary"].help_text = _("Say what, not who was to blame.")
        self.fields["notes"].label = _("What should people do next time?")
        for name in ("output_type", "people", "holder"):
            del self.fields[name]
        field: Any = self.fields["visibility"]
        field.choices = [each for each in field.choices if each[0] != Visibility.NAMED]

    def clean(self) -> dict[str, Any]:
        """A lesson is of the type "lesson", where the list has one, and one's own."""
        cleaned = super().clean()
        lesson = OutputType.objects.filter(slug="lesson").first()
        return {**cleaned, "output_type": lesson, "holder": ME}

    @property
    def share_label(self) -> str:
        """A lesson is one's own, so only the audience counts."""
        wider = self["visibility"].value() != Visibility.TEAM
        return _("Send to the stewards") if wider else _("Share with my team")


def name_of(person: Any) -> str:
    """What colleagues call ``person``."""
    return person.get_full_name() or person.get_username()


def writes_plain_text(page: KnowledgeAssetPage) -> bool:
    """Whether the body is nothing but the one text that the form itself writes."""
    kinds = [block.block_type for block in page.body]
    return kinds in ([], ["text"]) and (not kinds or _is_simple(str(page.body[0].value.source)))


def _is_simple(source: str) -> bool:
    return "<" not in source.replace("<p>", "").replace("</p>", "").replace("<br/>", "")


def initial_of(page: KnowledgeAssetPage, user: Any) -> dict[str, Any]:
    """What the form shows ``user`` of a draft."""
    notes = ""
    if writes_plain_text(page) and len(page.body):
        source = str(page.body[0].value.source)
        notes = unescape(strip_tags(source.replace("</p><p>", "\n\n").replace("<br/>", "\n")))
    holder = str(page.holder_id or NOBODY)
    return {
        "title": page.title,
        "summary": page.summary,
        "notes": notes,
        "output_type": page.output_type_id,
        "visibility": page.visibility,
        "people": "\n".join(each.get_username() for each in page.named_people.all()),
        "holder": ME if page.holder_id == user.pk else holder,
    }


def kept_files(
    values: list[str], *, user: Any, page: KnowledgeAssetPage | None
) -> list[StoredFile]:
    """The stored files that the form names, in its order: one's own, or the draft's already.

    At most as many as one item takes; what is nobody's business is left out without a word.
    """
    keys = whole_ones(values)[:200]
    found = StoredFile.objects.in_bulk(keys)
    allowed = {each.stored_file_id for each in page.attachments.all()} if page else set()
    kept = [
        found[key]
        for key in keys
        if key in found and (found[key].uploader_id == user.pk or key in allowed)
    ]
    return kept[: conf().upload_max_files]
