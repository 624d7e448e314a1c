"""Who may be given a file: those who may see an item it belongs to, and nobody else."""

from __future__ import annotations

from django.db.models import Q
from wagtail import hooks
from wagtail.models import Task

from km_pages.actions.agreement import asked_of
from km_pages.listings.kept_back import told_of
from km_pages.models import (
    Attachment,
    KnowledgeAssetPage,
    RevisionFile,
    ScanState,
    StoredFile,
    TeamApprovalTask,
)
from km_pages.visibility import Reader, stewarded_by, visible_to, work_of

# A function (stored_file, reader) -> bool: whether an app's own records let the reader have it.
FILE_ACCESS_HOOK = "km_file_access"


def may_open(stored: StoredFile, reader: Reader) -> bool:
    """Whether ``reader`` may be given ``stored``.

    ==================================  ==============  =====================  ========
    Reader                              checked         not checked, or in     infected
                                                        vain
    ==================================  ==============  =====================  ========
    its uploader, superusers            yes             yes                    no
    may see an item it is attached to   yes             no                     no
    owner, holder of an item or draft   yes             no                     no
    steward of that item's team         yes             yes                    no
    asked to approve that draft         yes             no                     no
    by a record of another app (hook)   yes             no                     no
    everybody else                      no              no                     no
    ==================================  ==============  =====================  ========

    A private file, such as evidence in a learning record, is for its uploader alone.
    A file in the bin is treated as one not checked. A steward has no part in items for named
    people. "Checked" includes sites without a scanner. Of a file that is not checked, or in vain,
    :func:`km_pages.listings.kept_back.told_of` says who knows; of an infected one they only know.
    """
    if stored.scan_state == ScanState.INFECTED or not stored.blob:
        return False
    if stored.private:
        return _is_uploader(stored, reader)
    if not stored.is_servable:
        return stored.pk in told_of([stored], reader)
    if reader.sees_everything or _is_uploader(stored, reader):
        return True
    items = KnowledgeAssetPage.objects.all()
    attached = items.filter(pk__in=Attachment.objects.filter(stored_file=stored).values("page_id"))
    named = items.filter(pk__in=RevisionFile.objects.filter(stored_file=stored).values("page_id"))
    return (
        visible_to(attached, reader).exists()
        or work_of(attached, reader).exists()
        or work_of(named, reader).exists()
        or _is_asked(stored, reader)
        or any(may(stored, reader) for may in hooks.get_hooks(FILE_ACCESS_HOOK))
    )


def may_delete(stored: StoredFile, reader: Reader) -> bool:
    """Whether ``reader`` may put ``stored`` into the bin and have it back: its uploader, the
    stewards of the items it stands in, and superusers. Infected files are left to superusers.
    """
    if stored.private:
        return _is_uploader(stored, reader)
    if reader.sees_everything:
        return True
    if stored.scan_state == ScanState.INFECTED:
        return False
    if _is_uploader(stored, reader):
        return True
    items = KnowledgeAssetPage.objects.all()
    attached = items.filter(pk__in=Attachment.objects.filter(stored_file=stored).values("page_id"))
    return stewarded_by(attached, reader).exists()


def _is_uploader(stored: StoredFile, reader: Reader) -> bool:
    return reader.user_id is not None and stored.uploader_id == reader.user_id


def _is_asked(stored: StoredFile, reader: Reader) -> bool:
    """Whether the reader is asked about a draft whose newest version names the file."""
    if reader.user_id is None:
        return False
    newest = Q(
        latest_revision__in=RevisionFile.objects.filter(stored_file=stored).values("revision")
    )
    drafts = KnowledgeAssetPage.objects.filter(newest)
    if asked_of(reader).filter(page__in=drafts).exists():
        return True
    pks = [str(pk) for pk in drafts.values_list("pk", flat=True)]
    tasks = TeamApprovalTask.objects.filter(active=True) if pks else Task.objects.none()
    return any(
        task.get_task_states_user_can_moderate(reader.user)
        .filter(workflow_state__object_id__in=pks)
        .exists()
        for task in tasks
    )
