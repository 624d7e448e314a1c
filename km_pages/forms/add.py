"""Forms to add to the repository: the whole one, and the shortest for a lesson."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.write_draft import ItemDraft, people_named
from km_pages.conf import conf
from km_pages.models import KnowledgeAssetPage, OutputType, StoredFile, Team
from km_pages.models.knowledge_form import audience_problem
from km_pages.visibility import Visibility

LONGEST_TEXT = 50_000


class ManyFilesInput(forms.FileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class AddForm(forms.Form):
    """One page, one minute: what it is called, what it says, who should see it.

    Files are not fields of the form: each is stored as soon as it comes, and ``kept`` holds the
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
    holder = forms.ModelChoiceField(
        label=gettext_lazy("Whose knowledge is it?"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Mine"),
        help_text=gettext_lazy("Somebody else agrees before it is shared."),
    )

    def __init__(
        self, *args: Any, user: Any, page: KnowledgeAssetPage | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.page = user, page
        teams = Team.objects.with_member(user).distinct()
        self.fields["team"].queryset = teams
        self._fill_team(list(teams), page)
        self._fill_audience(page)
        self._fill_holder(list(teams), page)
        if page is not None and not writes_plain_text(page):
            del self.fields["notes"]

    def _fill_team(self, teams: list[Team], page: KnowledgeAssetPage | None) -> None:
        field = self.fields["team"]
        field.empty_label = None if len(teams) == 1 else _("Choose a team")
        if page is not None:
            del self.fields["team"]
        elif len(teams) == 1:
            field.initial = teams[0].slug
            field.widget = forms.HiddenInput()

    def _fill_audience(self, page: KnowledgeAssetPage | None) -> None:
        field = self.fields["visibility"]
        field.choices = [(each.value, each.label) for each in AUDIENCES]
        field.choice_hints = {  # type: ignore[attr-defined]
            Visibility.TEAM: _("Shared at once. Nobody outside the team finds it."),
            Visibility.ORGANISATION: _("A steward looks at it first."),
            Visibility.OPEN: _("A steward looks at it first. Then it is on the open web."),
            Visibility.NAMED: _("Only they and you find it, not even your steward."),
        }

    def _fill_holder(self, teams: list[Team], page: KnowledgeAssetPage | None) -> None:
        groups = [pk for team in teams for pk in (team.members_group_id, team.stewards_group_id)]
        users = get_user_model()._default_manager
        field = self.fields["holder"]
        colleagues = users.filter(is_active=True, groups__in=groups).exclude(pk=self.user.pk)
        if page is not None and page.holder_id not in (None, self.user.pk):
            colleagues = colleagues | users.filter(pk=page.holder_id)
        field.queryset = colleagues.order_by("last_name", "first_name").distinct()
        field.label_from_instance = lambda person: person.get_full_name()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Find the named people's accounts; refuse addresses that have none, naming them."""
        cleaned = super().clean() or {}
        named, unknown = people_named(cleaned.get("people", ""))
        if unknown and cleaned.get("visibility") == Visibility.NAMED:
            self.add_error(
                "people",
                _("Nobody here has this address: %(who)s. Check it, or leave it out.")
                % {"who": ", ".join(unknown)[:300]},
            )
        elif cleaned.get("visibility"):
            problem = audience_problem(cleaned["visibility"], len(named))
            if problem:
                self.add_error("people", problem)
        cleaned["named_people"] = named
        return cleaned

    def draft(self, *, files: list[int], came_from: Any = None) -> ItemDraft:
        """What was typed, as the action takes it. Call it on a valid form."""
        data = self.cleaned_data
        shared = list(self.page.shared_with.all()) if self.page else []
        return ItemDraft(
            title=data["title"],
            summary=data["summary"],
            notes=data.get("notes") if "notes" in self.fields else None,
            visibility=data["visibility"],
            output_type=data["output_type"],
            holder=data["holder"] or self.user,
            shared_with=shared,
            named_people=data["named_people"],
            files=files,
            came_from=came_from,
        )


AUDIENCES = (Visibility.TEAM, Visibility.ORGANISATION, Visibility.OPEN, Visibility.NAMED)


class LessonForm(AddForm):
    """The shortest form: what happened, and what to do next time."""

    field_order = ["title", "summary", "notes", "team", "visibility", "people", "holder"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].label = _("The lesson in one line")
        self.fields["title"].help_text = _("For example: Ring the lab before you send the van")
        self.fields["summary"].label = _("What happened?")
        self.fields["summary"].help_text = _("Say what, not who was to blame.")
        self.fields["notes"].label = _("What should people do next time?")
        del self.fields["output_type"]
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """A lesson is of the type "lesson", where the list has one."""
        cleaned = super().clean()
        cleaned["output_type"] = OutputType.objects.filter(slug="lesson").first()
        return cleaned


def writes_plain_text(page: KnowledgeAssetPage) -> bool:
    """Whether the body is nothing but the one text that the form itself writes."""
    kinds = [block.block_type for block in page.body]
    return kinds in ([], ["text"]) and (not kinds or _is_simple(str(page.body[0].value.source)))


def _is_simple(source: str) -> bool:
    return "<" not in source.replace("<p>", "").replace("</p>", "").replace("<br/>", "")


def initial_of(page: KnowledgeAssetPage) -> dict[str, Any]:
    """What the form shows of a draft."""
    notes = ""
    if writes_plain_text(page) and len(page.body):
        source = str(page.body[0].value.source)
        notes = strip_tags(source.replace("</p><p>", "\n\n").replace("<br/>", "\n"))
        for entity, sign in (
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", '"'),
            ("&#x27;", "'"),
            ("&amp;", "&"),
        ):
            notes = notes.replace(entity, sign)
    return {
        "title": page.title,
        "summary": page.summary,
        "notes": notes,
        "output_type": page.output_type_id,
        "visibility": page.visibility,
        "people": "\n".join(each.get_username() for each in page.named_people.all()),
        "holder": page.holder_id,
    }


def kept_files(
    values: list[str], *, user: Any, page: KnowledgeAssetPage | None
) -> list[StoredFile]:
    """The stored files that the form names, in its order: one's own, or the draft's already.

    Raises ``ValidationError`` for more files than one item takes.
    """
    keys = [int(each) for each in dict.fromkeys(values) if each.isascii() and each.isdigit()]
    found = {each.pk: each for each in StoredFile.objects.filter(pk__in=keys[:500])}
    allowed = {each.stored_file_id for each in page.attachments.all()} if page else set()
    kept = [
        found[k] for k in keys if k in found and (found[k].uploader_id == user.pk or k in allowed)
    ]
    if len(kept) > conf().upload_max_files:
        raise ValidationError(
            _("One item takes at most %(most)d files. Make a second item for the rest.")
            % {"most": conf().upload_max_files}
        )
    return kept
