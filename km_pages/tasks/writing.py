"""Mails whose text is written only when they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from km_pages.outlets.following import MAIL_KIND, Written, written

WRITERS: dict[str, Callable[[dict[str, Any]], Written | None]] = {MAIL_KIND: written}
"""What writes a mail of each kind, from its data; ``None`` where there is nothing to tell."""
