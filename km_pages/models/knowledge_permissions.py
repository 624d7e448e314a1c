"""Wagtail's page permissions, narrowed to what a person may see.

Wagtail asks a page's permission tester in every view of the admin that edits, copies, moves,
deletes, publishes or locks a page. Being allowed to change a branch of the tree is not enough for
a knowledge item: one must also be allowed to see it.
"""

from __future__ import annotations

from typing import Any

from wagtail.models import PagePermissionTester

from km_pages.visibility import Reader, visible_to, work_of


class ItemPermissionTester(PagePermissionTester):
    """Grants what Wagtail grants, to those who may see the item, own it, or are to approve it."""

    permissions: set[str]

    def __init__(self, user: Any, page: Any) -> None:
        super().__init__(user, page)
        # Wagtail sets no permissions for superusers and inactive accounts, and asks for none.
        narrowed = page.pk and user.is_active and not user.is_superuser
        if narrowed and self.permissions and not self._may_see(user, page):
            self.permissions = set()

    @staticmethod
    def _may_see(user: Any, page: Any) -> bool:
        reader = Reader(user)
        same = type(page)._default_manager.filter(pk=page.pk)
        return visible_to(same, reader).exists() or work_of(same, reader).exists()
