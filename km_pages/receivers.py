"""What follows from Wagtail's signals: which revision names which file, and mails on decisions."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from wagtail.models import Revision
from wagtail.signals import workflow_approved, workflow_rejected

from km_pages import notifications
from km_pages.models import KnowledgeAssetPage, RevisionFile, StoredFile
from km_pages.models.files import files_named_in


def connect() -> None:
    """Connect the receivers of this module; called once when the app is ready."""
    post_save.connect(revision_saved, sender=Revision, dispatch_uid="km_pages.revision_files")
    workflow_approved.connect(approved, dispatch_uid="km_pages.workflow_approved")
    workflow_rejected.connect(rejected, dispatch_uid="km_pages.workflow_rejected")


def revision_saved(instance: Revision, **_kwargs: Any) -> None:
    """Note the files that a revision names, so that a draft's files are kept and can be seen."""
    if instance.content_type.model_class() is not KnowledgeAssetPage:
        return
    named = files_named_in(instance.content)
    known = StoredFile.objects.filter(pk__in=named).values_list("pk", flat=True)
    rows = [
        RevisionFile(revision=instance, page_id=int(instance.object_id), stored_file_id=pk)
        for pk in known
    ]
    RevisionFile.objects.bulk_create(rows, ignore_conflicts=True)


def approved(instance: Any, **_kwargs: Any) -> None:
    """Tell the author that a wider audience was approved."""
    item = getattr(instance.content_object, "specific", None)
    if isinstance(item, KnowledgeAssetPage):
        notifications.tell_approved(item, instance.requested_by)


def rejected(instance: Any, **_kwargs: Any) -> None:
    """Tell the author that it came back, with the comment."""
    item = getattr(instance.content_object, "specific", None)
    if isinstance(item, KnowledgeAssetPage):
        state = instance.current_task_state
        comment = state.specific.get_comment() if state else ""
        notifications.tell_sent_back(item, instance.requested_by, comment)
