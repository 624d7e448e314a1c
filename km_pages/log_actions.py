"""What the audit log calls our actions. Registered by ``wagtail_hooks``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter


def register_ours(actions: Any) -> None:
    """Name the actions of km_pages in Wagtail's audit log."""
    actions.register_action(
        "km_pages.membership", _("Change who is in a team"), _("Changed who is in a team")
    )
    for name, doing, done in (
        ("invite", _("Invite somebody to a team"), _("Invited somebody to a team")),
        ("invite_withdrawn", _("Withdraw an invitation"), _("Withdrew an invitation")),
        ("ask_holder", _("Ask the holder"), _("Asked the holder to agree")),
        ("holder_approved", _("Agree as the holder"), _("Agreed as the holder")),
        ("holder_declined", _("Send back as the holder"), _("Sent back as the holder")),
        ("taken_back", _("Take back"), _("Took it back")),
        ("read_again", _("Read a file anew"), _("Had a file read anew")),
        ("scan_again", _("Check a file anew"), _("Had a file checked for viruses anew")),
        ("variant", _("Copy as a variant"), _("Copied as a variant")),
        ("check_link", _("Check a link anew"), _("Had a link checked anew")),
        ("still_right", _("Say that it is still right"), _("Said that it is still right")),
        ("passed_on", _("Pass on what somebody keeps right"), _("Passed on to somebody else")),
        ("replaced", _("Put a newer version of a file"), _("Put a newer version of a file")),
        ("binned", _("Delete a file"), _("Deleted a file")),
        ("unbinned", _("Bring a file back"), _("Brought a file back")),
        ("infected", _("Find a virus"), _("Found a virus in a file")),
    ):
        actions.register_action(f"km_pages.{name}", doing, done)
    actions.register_action("km_pages.looked")(Looked)


class Looked(LogFormatter):
    """Somebody saw signs of private data and shared all the same, for a reason that may be kept."""

    label = _("Share in spite of a warning")
    message = _("Shared in spite of a warning")

    def format_comment(self, log_entry: Any) -> str:
        """The reason."""
        return str(log_entry.data.get("reason", ""))
