"""The rule of :mod:`km_pages.visibility` inside the admin.

Wagtail asks the page permission policy which pages somebody may explore, choose, search and report
on. Rights on a branch of the tree are not enough for a knowledge item: one must also see it, own
it, or be asked to approve it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from wagtail.admin.views.reports.page_types_usage import PageTypesUsageReportView
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from km_pages.models import TeamApprovalTask
from km_pages.visibility import Reader, item_models, visible_to, work_of


def seen_in_admin(pages: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Those of ``pages`` that ``user`` may see in the admin, drafts among them.

    ``pages`` is a queryset of ``Page``. Pages that are no knowledge items are left as they are.
    """
    if user.is_superuser:
        return pages
    reader = Reader(user)
    models = item_models()
    types = ContentType.objects.get_for_models(*models)
    seen = ~Q(content_type__in=[each.pk for each in types.values()])
    seen |= Q(pk__in=to_approve(user))
    for model in models:
        rows = model._default_manager
        seen |= Q(pk__in=visible_to(rows.all(), reader).values("pk"))
        seen |= Q(pk__in=work_of(rows.all(), reader).values("pk"))
    return pages.filter(seen)


def to_approve(user: Any) -> list[int]:
    """Ids of the pages that wait for ``user`` to approve them."""
    found: set[int] = set()
    for task in TeamApprovalTask.objects.filter(active=True):
        states = task.get_task_states_user_can_moderate(user)
        found.update(int(pk) for pk in states.values_list("workflow_state__object_id", flat=True))
    return sorted(found)


class VisiblePagePolicy(PagePermissionPolicy):
    """Wagtail's policy for pages, narrowed to what somebody may see."""

    def explorable_instances(self, user: Any) -> QuerySet[Any]:
        """Pages that ``user`` may find in the explorer, the chooser, the search and reports."""
        return seen_in_admin(super().explorable_instances(user), user)

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet[Any]:
        """Pages on which ``user`` may do one of ``actions``."""
        return seen_in_admin(super().instances_user_has_any_permission_for(user, actions), user)

    def user_has_any_permission_for_instance(self, user: Any, actions: Any, instance: Any) -> bool:
        """Whether ``user`` may do one of ``actions`` on ``instance``."""
        if not super().user_has_any_permission_for_instance(user, actions, instance):
            return False
        if instance.pk is None or not getattr(instance.specific_class, "km_has_visibility", False):
            return True
        return seen_in_admin(Page.objects.filter(pk=instance.pk), user).exists()


def narrow_pages(*args: Any) -> QuerySet[Any]:
    """The hooks of the explorer (parent, pages, request) and the chooser (pages, request)."""
    pages, request = args[-2], args[-1]
    ids = seen_in_admin(Page.objects.all(), request.user).values("pk")
    return pages if request.user.is_superuser else pages.filter(pk__in=ids)


def narrow_types_report() -> None:
    """Let the report on types of pages name no page that the reader may not see.

    It names the page of each type that was changed last, and Wagtail has no hook for that.
    """
    wagtails_own = PageTypesUsageReportView.decorate_paginated_queryset

    def decorate(view: Any, page_types: Any) -> Any:
        rows = wagtails_own(view, page_types)
        keys = [each.last_edited_page_id for each in rows if each.last_edited_page_id]
        pages = Page.objects.filter(pk__in=keys)
        seen = set(seen_in_admin(pages, view.request.user).values_list("pk", flat=True))
        for each in rows:
            if each.last_edited_page_id not in seen:
                each.last_edited_page = None
        return rows

    PageTypesUsageReportView.decorate_paginated_queryset = decorate
