"""Forms to make an item of each of many files: what holds for all, and what differs."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from km_pages.actions.write_draft import ItemDraft
from km_pages.forms.add import AUDIENCES, AddForm
from km_pages.models import OutputType, StoredFile
from km_pages.visibility import Visibility

LONGEST_TITLE = 160


class FileRow(forms.Form):
    """What is said of one file: its title, and kind and audience where they differ."""

    title = forms.CharField(label=gettext_lazy("What is it called?"), max_length=LONGEST_TITLE)
    output_type = forms.ModelChoiceField(
        label=gettext_lazy("What kind of thing is it?"),
        queryset=OutputType.objects.all(),
        required=False,
        empty_label=gettext_lazy("As for all of them"),
    )
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who should see it?"),
        required=False,
        choices=[
            ("", gettext_lazy("As for all of them")),
            *((each.value, each.label) for each in AUDIENCES),
        ],
    )

    def __init__(self, posted: Any, *, stored: StoredFile, before: str = "") -> None:
        """Filled in from ``posted`` if the row was shown there; ``before`` begins its title."""
        self.stored = stored
        prefix = f"file-{stored.pk}"
        was_shown = posted is not None and f"{prefix}-title" in posted
        super().__init__(
            posted if was_shown else None,
            prefix=prefix,
            initial={"title": title_of(stored, before)},
        )


class EachForm(AddForm):
    """What holds for all files; ``rows`` are what is said of each."""

    field_order = ["team", "visibility", "people", "holder", "output_type", "summary", "notes"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: list[FileRow] = []
        del self.fields["title"]
        self.fields["output_type"].label = _("What kind of things are they?")
        self.fields["visibility"].label = _("Who should see them?")
        self.fields["holder"].label = _("Whose knowledge are they?")
        self.fields["summary"].label = _("What do they say, and for whom?")
        self.fields["summary"].help_text = _("It stands with each of them.")
        self.fields["notes"].label = _("Anything to write down with each of them?")

    def is_valid(self) -> bool:
        """Whether all that was typed can be used, of the rows as well."""
        rows = [row.is_valid() for row in self.rows]
        return super().is_valid() and all(rows)

    def is_for_named(self, cleaned: dict[str, Any]) -> bool:
        """Whether one of them is to be seen by named people only."""
        wanted = [row.data.get(row.add_prefix("visibility")) for row in self.rows]
        return super().is_for_named(cleaned) or Visibility.NAMED in wanted

    def clean(self) -> dict[str, Any]:
        """Titles stand in the rows."""
        return {**super().clean(), "title": ""}

    def draft_of(self, row: FileRow, *, came_from: Any = None) -> ItemDraft:
        """The item that the file of ``row`` becomes. Call it on a valid form."""
        said, for_all = row.cleaned_data, self.draft(files=[row.stored.pk], came_from=came_from)
        return replace(
            for_all,
            title=said["title"],
            output_type=said["output_type"] or for_all.output_type,
            visibility=said["visibility"] or for_all.visibility,
            # The same form sent twice makes each item once.
            key=uuid.uuid5(for_all.key, str(row.stored.pk)) if for_all.key else None,
        )


def title_of(stored: StoredFile, before: str = "") -> str:
    """A title for an item of ``stored``: what the file calls itself, else its name in words."""
    named = PurePath(stored.name).stem.replace("_", " ").strip()
    own = stored.document_title.strip() or named or stored.name
    return f"{before}: {own}"[:LONGEST_TITLE] if before else own[:LONGEST_TITLE]
