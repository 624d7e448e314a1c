"""Send a link to sign in, if the address may have one."""

from __future__ import annotations

from km_pages.actions.sign_in_link import SendSignInLink
from km_pages.tasks.errors import NotNow


def send_sign_in_link(target: str) -> None:
    """Decide and send. Raises ``NotNow`` while the mail server is away; too late is never sent."""
    try:
        SendSignInLink(pk=int(target)).execute()
    except OSError as problem:
        raise NotNow(f"the mail server: {problem}") from problem
