"""Have files read or checked for viruses once more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from km_pages.models import Job, StoredFile

READ_AGAIN, SCAN_AGAIN = "read_again", "scan_again"


@dataclass(frozen=True, kw_only=True)
class LookAgain:
    """Have ``files`` looked at anew: ``kind`` is ``READ_AGAIN`` or ``SCAN_AGAIN``.

    What is known of a file stays until it was looked at: nothing disappears meanwhile.
    """

    files: Iterable[StoredFile]
    kind: str
    by: Any = None

    def execute(self) -> int:
        """Ask for it; returns for how many files. Asking twice is safe."""
        number = 0
        for stored in self.files:
            with transaction.atomic():
                Job.objects.enqueue(self.kind, stored.pk)
                log(stored, f"km_pages.{self.kind}", user=self.by)
            number += 1
        return number
