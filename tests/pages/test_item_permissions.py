"""Wagtail's permissions on a knowledge item, narrowed to who may see it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import KnowledgeAssetPageFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_superuser_may_edit_and_reads_the_item_with_wagtails_own_bar(client: Client) -> None:
    item = KnowledgeAssetPageFactory()
    user = UserFactory(is_superuser=True, is_staff=True)
    assert item.permissions_for_user(user).can_edit()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(item.url)
    assert response.status_code == 200
    assert "wagtail-userbar" in response.content.decode()


def test_a_closed_account_may_do_nothing() -> None:
    item = KnowledgeAssetPageFactory()
    for superuser in (True, False):
        user = UserFactory(is_active=False, is_superuser=superuser)
        assert not item.permissions_for_user(user).can_edit()
