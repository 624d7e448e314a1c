"""The editor's form of a technique: mistakes are shown at their field."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm


class TechniquePageForm(WagtailAdminPageForm):
    """Checks that need more than one field of a technique."""

    def clean(self) -> dict[str, Any]:
        """Ask for the main phase to be one of the phases."""
        cleaned = super().clean()
        main, phases = cleaned.get("primary_phase"), cleaned.get("phases")
        if main and phases is not None and phases and main not in phases:
            self.add_error(
                "primary_phase", _("The main phase is not among the phases. Tick it there as well.")
            )
        return cleaned
