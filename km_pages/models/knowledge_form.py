"""The editor's form of a knowledge item."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminPageForm

from km_pages.conf import conf
from km_pages.models.attaching import files_to_attach
from km_pages.models.people import PeopleField
from km_pages.visibility import Visibility


def audience_problem(visibility: str, named_count: int) -> str:
    """What is wrong with an audience, in words, or nothing.

    ``visibility`` is one of :class:`Visibility`; ``named_count`` how many people are named.
    """
    limit = conf().named_people_limit
    if visibility == Visibility.NAMED and named_count == 0:
        return _("Name at least one person, or choose who else should see it.")
    if visibility == Visibility.NAMED and named_count > limit:
        return _("Name at most %(limit)d people. For more, share it with their team.") % {
            "limit": limit
        }
    return ""


class KnowledgeAssetPageForm(WagtailAdminPageForm):
    """Checks that need more than one field of a knowledge item, or know who is asking."""

    named_people = PeopleField(
        label=gettext_lazy("People who see it"),
        required=False,
        help_text=gettext_lazy(
            "E-mail addresses, one a line. Counts when it is only for the people you name."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "named_people" in self.fields and self.instance.pk:
            self.fields["named_people"].kept = self.instance.named_people.all()
        if self.for_user is not None and "attachments" in getattr(self, "formsets", {}):
            self._offer_files()

    def _offer_files(self) -> None:
        """Take no file that this editor may not attach: not by guessing its key either."""
        offered = files_to_attach(self.for_user, page=self.instance)
        for row in self.formsets["attachments"].forms:
            field = row.fields["stored_file"]
            field.queryset = field.widget.offered = offered

    def clean(self) -> dict[str, Any]:
        """Refuse an audience of named people that names nobody, or a crowd."""
        cleaned = super().clean()
        named = cleaned.get("named_people")
        if named is not None and not getattr(self, "defer_required_fields", False):
            problem = audience_problem(cleaned.get("visibility", ""), len(named))
            if problem:
                self.add_error("named_people", problem)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Save. A new item is a draft until it is published.

        Wagtail's button "Publish" would put a new page among the live ones first and ask then.
        """
        if self.instance._state.adding:
            self.instance.live = False
        return super().save(commit)
