"""Editors in the admin, and what their browser sends when they press a button there."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page
from wagtail.test.utils.form_data import querydict_from_html

STEWARD_RIGHTS = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")


def let_edit(group: Any, page: Page, *, rights: tuple[str, ...] = STEWARD_RIGHTS) -> None:
    """Let ``group`` enter the admin and do ``rights`` on ``page`` and below."""
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", codename__in=rights
    ):
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)


def edit_url(page: Page) -> str:
    """The address of the page's editor."""
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def form_of(client: Client, address: str) -> Any:
    """What a browser would send from the page's form at ``address`` without a change.

    StreamFields are built by script, so they are sent as empty ones.
    """
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    html = response.content.decode()
    form = querydict_from_html(html, form_id="page-edit-form")
    for prefix in re.findall(r'id="([\w-]+)"[^>]*data-controller="w-block"', html):
        form.setdefault(f"{prefix}-count", "0")
    return form
