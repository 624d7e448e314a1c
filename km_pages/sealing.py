"""Texts that wait in the database and hold a secret: readable with the site's key only.

A copy of the database alone, such as a backup, opens no account and no team.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

PURPOSE = b"km_pages.sealing:"


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(PURPOSE + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])


def sealed(content: dict[str, Any]) -> dict[str, str]:
    """``content`` as it may be stored."""
    return {"sealed": _box().encrypt(json.dumps(content).encode()).decode()}


def opened(stored: dict[str, str]) -> dict[str, Any]:
    """What was sealed. Raises ``cryptography.fernet.InvalidToken`` under another key."""
    return dict(json.loads(_box().decrypt(stored["sealed"].encode())))
