"""Mails whose text is written only when they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from km_pages.notifications import SEALED_MAIL
from km_pages.outlets.following import MAIL_KIND, Written, written
from km_pages.sealing import opened


def unsealed(data: dict[str, Any]) -> Written:
    """The mail with a secret that was written before. Raises ``InvalidToken`` under another key."""
    content = opened(data)
    return Written(content["subject"], content["body"])


WRITERS: dict[str, Callable[[dict[str, Any]], Written | None]] = {
    MAIL_KIND: written,
    SEALED_MAIL: unsealed,
}
"""What writes a mail of each kind, from its data; ``None`` where there is nothing to tell."""
