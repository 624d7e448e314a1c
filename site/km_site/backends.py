"""Ways of signing in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from km_pages.conf import conf
from km_pages.setup.demo import PASSWORD


class NoDemonstration:
    """Refuses the password that everybody knows wherever ``KM_DEMO`` is off.

    A data folder that began as a demonstration may end up on a real site, accounts included.
    No subclass of Django's: it must never be asked who somebody is that has signed in already.
    """

    def authenticate(self, request: Any, password: str | None = None, **_given: Any) -> None:
        """Raise ``PermissionDenied``, after which no other way of signing in is tried."""
        if password == PASSWORD and not conf().demo:
            raise PermissionDenied
