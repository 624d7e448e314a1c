"""What the audit log calls our actions. Registered by ``wagtail_hooks``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _


def register_ours(actions: Any) -> None:
    """Name the actions of km_pages in Wagtail's audit log."""
    actions.register_action(
        "km_pages.membership", _("Change who is in a team"), _("Changed who is in a team")
    )
