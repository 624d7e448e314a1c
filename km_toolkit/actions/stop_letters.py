"""No more letters after the last day, asked for from the letter itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction
from wagtail.log_actions import log

from km_toolkit.actions.base import locked, save
from km_toolkit.models import Handover

SALT = "km_toolkit.letters"


def letter_token(handover: Handover) -> str:
    """What stands in the address of a letter's page. It ends with the address it was sent to."""
    return signing.dumps([handover.pk, _digest(handover.email_afterwards)], salt=SALT)


def handover_of_letter(token: str) -> Handover | None:
    """The handover whose letters ``token`` is about; ``None`` where they have been stopped."""
    try:
        pk, digest = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    handover = Handover.objects.select_related("post__team").filter(pk=pk).first()
    if handover is None or handover.holder_away or not handover.email_afterwards:
        return None
    return handover if _digest(handover.email_afterwards) == digest else None


def _digest(address: str) -> str:
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class StopLetters:
    """Whoever has the letter wants no more of them. The account may be closed by then."""

    handover: Any

    def execute(self) -> None:
        """Forget the address; a second time does nothing."""
        with transaction.atomic():
            handover = locked(self.handover.pk)
            if handover.email_afterwards:
                save(handover, email_afterwards="")
                log(handover, "km_toolkit.letters_stopped")
