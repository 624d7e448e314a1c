"""What follows from signals: which revision names which file, mails on decisions, signing in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save, pre_delete
from wagtail.admin.mail import (
    WorkflowStateApprovalEmailNotifier,
    WorkflowStateRejectionEmailNotifier,
    WorkflowStateSubmissionEmailNotifier,
)
from wagtail.models import Revision, WorkflowState
from wagtail.signals import workflow_approved, workflow_rejected, workflow_submitted

from km_pages import notifications
from km_pages.actions.pass_on import PassOn
from km_pages.models import KnowledgeAssetPage, RevisionFile, StoredFile
from km_pages.models.files import files_named_in
from km_pages.signals import item_shared
from km_pages.typed import drop_what_others_typed


def connect() -> None:
    """Connect the receivers of this module; called once when the app is ready."""
    post_save.connect(revision_saved, sender=Revision, dispatch_uid="km_pages.revision_files")
    user = get_user_model()
    post_save.connect(account_saved, sender=user, dispatch_uid="km_pages.account_saved")
    pre_delete.connect(account_deleted, sender=user, dispatch_uid="km_pages.account_deleted")
    user_logged_in.connect(drop_what_others_typed, dispatch_uid="km_pages.typed_by_others")
    workflow_approved.connect(approved, dispatch_uid="km_pages.workflow_approved")
    workflow_rejected.connect(rejected, dispatch_uid="km_pages.workflow_rejected")
    for signal, notifier in (
        (workflow_submitted, OthersSubmitted()),
        (workflow_approved, OthersApproved()),
        (workflow_rejected, OthersRejected()),
    ):
        # Under Wagtail's own name: whoever is connected first, this is the one that counts.
        uid = f"workflow_state_{notifier.notification}_email_notification"
        signal.disconnect(sender=WorkflowState, dispatch_uid=uid)
        signal.connect(notifier, sender=WorkflowState, weak=False, dispatch_uid=uid)


def account_saved(
    instance: Any, created: bool, update_fields: Any = None, raw: bool = False, **_kwargs: Any
) -> None:
    """What somebody keeps right is passed on when their account is closed."""
    said = update_fields is None or "is_active" in update_fields
    if said and not (instance.is_active or created or raw):
        PassOn(person=instance).execute()


def account_deleted(instance: Any, **_kwargs: Any) -> None:
    """The same where the account goes altogether."""
    PassOn(person=instance).execute()


def item_of(workflow_state: Any) -> KnowledgeAssetPage | None:
    """The knowledge item that a workflow is about; ``None`` for everything else."""
    found = getattr(workflow_state.content_object, "specific", None)
    return found if isinstance(found, KnowledgeAssetPage) else None


class _Others:
    """Wagtail's mails lead to the admin, which leavers never meet: ours go out for our items."""

    def can_handle(self, instance: Any, **kwargs: Any) -> bool:
        return super().can_handle(instance, **kwargs) and item_of(instance) is None  # type: ignore[misc]


class OthersSubmitted(_Others, WorkflowStateSubmissionEmailNotifier):
    """Wagtail's mail to superusers, for what is no knowledge item."""


class OthersApproved(_Others, WorkflowStateApprovalEmailNotifier):
    """Wagtail's mail to the author, for what is no knowledge item."""


class OthersRejected(_Others, WorkflowStateRejectionEmailNotifier):
    """Wagtail's mail to the author, for what is no knowledge item."""


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


def approved(instance: Any, user: Any = None, **_kwargs: Any) -> None:
    """Tell the author that a wider audience was approved."""
    item = item_of(instance)
    if item is not None:
        notifications.tell_approved(item, instance.requested_by)
        item_shared.send(KnowledgeAssetPage, page=item, by=user)


def rejected(instance: Any, **_kwargs: Any) -> None:
    """Tell the author that it came back, with the comment."""
    item = item_of(instance)
    if item is not None:
        state = instance.current_task_state
        comment = state.specific.get_comment() if state else ""
        notifications.tell_sent_back(item, instance.requested_by, comment)
