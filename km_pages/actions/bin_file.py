"""Delete a file, with thirty days to think again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from km_pages.models import StoredFile


@dataclass(frozen=True, kw_only=True)
class BinFile:
    """Take ``stored`` from everybody but its uploader and the stewards; ``back`` undoes that.

    Who may is asked before: :func:`km_pages.file_access.may_delete`. The index is told with the
    change. After :data:`km_pages.sweep.BIN_KEPT` the sweep removes bytes and text for good.
    """

    stored: StoredFile
    by: Any
    back: bool = False

    def execute(self) -> StoredFile:
        """Do it and return the file; doing it twice changes nothing."""
        with transaction.atomic():
            stored = StoredFile.objects.select_for_update().get(pk=self.stored.pk)
            if (stored.binned_at is None) is self.back or not stored.blob:
                return stored
            stored.binned_at = None if self.back else timezone.now()
            stored.binned_by = None if self.back else self.by
            stored.save(update_fields=["binned_at", "binned_by"])
            action = "km_pages.unbinned" if self.back else "km_pages.binned"
            log(stored, action, user=self.by, title=stored.logged_as)
        return stored
