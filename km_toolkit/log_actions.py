"""What the audit log calls our actions. Registered by ``wagtail_hooks``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from km_toolkit.actions.every import all_actions
from km_toolkit.actions.record_learning import LEARNING_ACTIONS


def register_ours(actions: Any) -> None:
    """Name every change of a handover in Wagtail's audit log."""
    for each in all_actions():
        actions.register_action(f"km_toolkit.{each.name}", each.words, each.words)
    for learning in LEARNING_ACTIONS:
        actions.register_action(f"km_toolkit.{learning.name}", learning.words, learning.done)
    for name, doing, done in (
        ("calendar_made", _("Make a calendar address"), _("Made a calendar address")),
        ("calendar_ended", _("End a calendar address"), _("Ended a calendar address")),
    ):
        actions.register_action(f"km_toolkit.{name}", doing, done)
    stopped = _("Stopped the letters after the last day")
    actions.register_action("km_toolkit.letters_stopped", stopped, stopped)
    actions.register_action("km_toolkit.start", _("Start a handover"), _("Started a handover"))
    actions.register_action(
        "km_toolkit.not_checked_by_holder",
        _("Share without the holder"),
        _("Shared without the holder, who cannot take part"),
    )
