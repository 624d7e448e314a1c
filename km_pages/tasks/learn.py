"""Count searches, forget what is old, and tell the knowledge team of gaps."""

from __future__ import annotations

from km_pages.outlets.gaps import mail_new_gaps
from km_pages.outlets.search_log import count_events, prune


def count_searches(_target: str) -> None:
    """Count everything that waits. Running twice counts once."""
    while count_events():
        pass


def prune_searches(_target: str) -> None:
    """Forget keys and digests of past months, and counts that are old. Count before forgetting."""
    count_searches("")
    prune()


def tell_gaps(_target: str) -> None:
    """Mail the gaps that nobody was mailed about. Running twice mails once."""
    mail_new_gaps()
