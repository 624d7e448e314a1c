"""The editor's form of a technique: mistakes are shown at their field."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminPageForm

TWICE = {
    "related_links": gettext_lazy("You have chosen this technique in a row above."),
    "framework_entries": gettext_lazy("You have chosen this framework in a row above."),
}


class TechniquePageForm(WagtailAdminPageForm):
    """Checks that need more than one field of a technique."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in TWICE.items():
            if name in self.formsets:
                rows = self.formsets[name]
                rows.get_form_error = lambda words=words: words
                rows.get_unique_error_message = lambda _check, words=words: words

    def clean(self) -> dict[str, Any]:
        """Ask for the main phase to be one of the phases."""
        cleaned = super().clean()
        main, phases = cleaned.get("primary_phase"), cleaned.get("phases")
        if main and phases is not None and phases and main not in phases:
            self.add_error(
                "primary_phase", _("The main phase is not among the phases. Tick it there as well.")
            )
        return cleaned
