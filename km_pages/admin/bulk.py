"""Wagtail's actions on many pages, without the names of pages that the editor may not see."""

from __future__ import annotations

from typing import Any

from wagtail.admin.views.pages.bulk_actions import (
    DeleteBulkAction,
    MoveBulkAction,
    PublishBulkAction,
    UnpublishBulkAction,
)
from wagtail.models import Page

from km_pages.admin.policy import seen_in_admin


class _Seen:
    """Wagtail lists what was chosen and may not be changed; a chosen key may be a guess."""

    request: Any

    def get_actionable_objects(self) -> tuple[list[Any], dict[str, list[Any]]]:
        """What may be changed, and of the rest what may be named."""
        objects, others = super().get_actionable_objects()  # type: ignore[misc]
        keys = [each.pk for rows in others.values() for each in rows]
        pages = Page.objects.filter(pk__in=keys)
        seen = set(seen_in_admin(pages, self.request.user).values_list("pk", flat=True))
        return objects, {
            name: [each for each in rows if each.pk in seen] for name, rows in others.items()
        }


class DeleteSeen(_Seen, DeleteBulkAction):
    """Delete."""


class MoveSeen(_Seen, MoveBulkAction):
    """Move."""


class PublishSeen(_Seen, PublishBulkAction):
    """Publish."""


class UnpublishSeen(_Seen, UnpublishBulkAction):
    """Unpublish."""


BULK_ACTIONS = (DeleteSeen, MoveSeen, PublishSeen, UnpublishSeen)
