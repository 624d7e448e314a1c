"""The editor's form of a technique: mistakes are shown at their field, oddities as warnings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm


class TechniquePageForm(WagtailAdminPageForm):
    """Checks that need more than one field of a technique."""

    def clean(self) -> dict[str, Any]:
        """Ask for the main phase to be one of the phases, and note steps that do not fit."""
        cleaned = super().clean()
        main, phases = cleaned.get("primary_phase"), cleaned.get("phases")
        if main and phases is not None and phases and main not in phases:
            self.add_error(
                "primary_phase", _("The main phase is not among the phases. Tick it there as well.")
            )
        return cleaned

    @property
    def km_warnings(self) -> list[str]:
        """What an editor is told, and may leave: formats whose steps do not fit their minutes."""
        formsets = getattr(self, "formsets", {})
        rows = formsets["formats"].forms if "formats" in formsets else []
        return [
            _(
                "%(format)s: the steps take %(total)d minutes, but the format takes "
                "%(low)s to %(high)s. The page was saved as it is."
            )
            % {
                "format": row.instance,
                "total": row.instance.total_minutes,
                "low": row.instance.minutes_min,
                "high": row.instance.minutes_max,
            }
            for row in rows
            if row.instance.steps_outside_minutes
        ]
