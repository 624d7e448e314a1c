"""Which files somebody may attach to an item, and may learn the names of, in the admin."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from km_pages.models.files import Attachment, RevisionFile, ScanState, StoredFile
from km_pages.visibility import Reader, visible_to, work_of


def files_seen_by(user: Any) -> QuerySet[StoredFile]:
    """Files that ``user`` may know of: their own, and those of items they see or keep.

    A draft's file counts for those whose work the draft is. Superusers know of all but private
    files, which no list of files names.
    """
    rows = StoredFile.objects.public()
    if user.is_superuser:
        return rows
    reader = Reader(user)
    items = Attachment._meta.get_field("page").related_model._default_manager.all()
    attached = Attachment.objects.filter(stored_file=OuterRef("pk"))
    drafted = RevisionFile.objects.filter(stored_file=OuterRef("pk"))
    kept = work_of(items, reader).values("pk")
    return rows.filter(
        Q(uploader=user)
        | Exists(attached.filter(page__in=visible_to(items, reader).values("pk")))
        | Exists(attached.filter(page__in=kept))
        | Exists(drafted.filter(page_id__in=kept))
    )


def files_to_attach(user: Any, *, page: Any = None) -> QuerySet[StoredFile]:
    """Files that ``user`` may attach: of :func:`files_seen_by` those without a virus.

    What was not checked yet can be attached by its uploader only. ``page``, an item as it is being
    edited, keeps the files that it has.
    """
    may = Q(pk__in=files_seen_by(user).values("pk"))
    may &= Q(pk__in=StoredFile.objects.servable().values("pk")) | Q(uploader=user)
    may &= ~Q(scan_state=ScanState.INFECTED) & Q(binned_at=None)
    if page is not None:
        may |= Q(pk__in=[each.stored_file_id for each in page.attachments.all()])
    return StoredFile.objects.filter(may)
