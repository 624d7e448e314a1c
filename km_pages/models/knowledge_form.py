"""The editor's form of a knowledge item."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm

from km_pages.conf import conf
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
    """Checks that need more than one field of a knowledge item."""

    def clean(self) -> dict[str, Any]:
        """Refuse an audience of named people that names nobody, or a crowd."""
        cleaned = super().clean()
        named = cleaned.get("named_people")
        if named is not None and not getattr(self, "defer_required_fields", False):
            problem = audience_problem(cleaned.get("visibility", ""), len(named))
            if problem:
                self.add_error("named_people", problem)
        return cleaned
