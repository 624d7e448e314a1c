"""What the last approval of a workflow does: the setting ``WAGTAIL_FINISH_WORKFLOW_ACTION``."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _


def publish(workflow_state: Any, user: Any = None) -> None:
    """Publish what was approved, as ``user``, who need not have the right to publish.

    Wagtail publishes as the approver and refuses those without that right: a knowledge editor may
    approve an item for a wider audience without being allowed to change the team's space. Raises
    ``PermissionDenied`` for a knowledge item whose holder has not agreed to so wide an audience:
    in the admin, an approver may change it before approving.
    """
    # Wagtail imports this module while its own models are being loaded.
    from wagtail.actions.publish_page_revision import PublishPageRevisionAction
    from wagtail.actions.publish_revision import PublishRevisionAction
    from wagtail.models import Page

    from km_pages.actions.agreement import has_agreement, holder_in_words
    from km_pages.models import KnowledgeAssetPage

    item = workflow_state.content_object
    revision = item.get_latest_revision()
    newest = revision.as_object()
    if isinstance(newest, KnowledgeAssetPage) and not has_agreement(newest):
        raise PermissionDenied(
            _("%(who)s has not agreed to this audience. Send it back, so that they are asked.")
            % {"who": holder_in_words(newest)}
        )
    action = PublishPageRevisionAction if isinstance(item, Page) else PublishRevisionAction
    action(revision, user=user).execute(skip_permission_checks=True)
