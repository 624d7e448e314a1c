"""What happens when the last approval of a workflow is given.

The setting ``WAGTAIL_FINISH_WORKFLOW_ACTION`` names :func:`publish`.
"""

from __future__ import annotations

from typing import Any


def publish(workflow_state: Any, user: Any = None) -> None:
    """Publish what was approved, as ``user``, who need not have the right to publish.

    Wagtail publishes as the approver and refuses those without that right: a knowledge editor may
    approve an item for a wider audience without being allowed to change the team's space.
    """
    # Wagtail imports this module while its own models are being loaded.
    from wagtail.actions.publish_page_revision import PublishPageRevisionAction
    from wagtail.actions.publish_revision import PublishRevisionAction
    from wagtail.models import Page

    item = workflow_state.content_object
    action = PublishPageRevisionAction if isinstance(item, Page) else PublishRevisionAction
    action(item.get_latest_revision(), user=user).execute(skip_permission_checks=True)
