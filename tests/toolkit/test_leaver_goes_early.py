"""The leaver's account is closed in the middle: the work goes on with the manager, nothing lost."""

from __future__ import annotations

import pytest
from django.urls import reverse

from km_toolkit.actions.capture import CaptureOutput
from km_toolkit.models import Handover
from tests.pages.adding import client_of
from tests.toolkit.handovers import cast
from tests.toolkit.test_handover_rules import area

pytestmark = pytest.mark.django_db


def test_a_closed_account_leaves_areas_and_drafts_with_the_manager() -> None:
    """Case 27."""
    ward = cast()
    area(ward, "Whom to call at night")
    output = CaptureOutput(
        handover=ward.handover, by=ward.leaver, title="Suppliers", details={"summary": "By name."}
    ).execute()
    leaver, manager = client_of(ward.leaver), client_of(ward.manager)
    address = reverse("km_toolkit:handover", args=[ward.handover.pk])
    assert leaver.get(address).status_code == 200
    ward.leaver.is_active = False
    ward.leaver.save()
    assert leaver.get(address).status_code in (302, 404)
    assert Handover.objects.seen_by(ward.manager).get() == ward.handover
    assert manager.get(address).status_code == 200
    assert ward.handover.areas.get().title == "Whom to call at night"
    output.refresh_from_db()
    assert output.title == "Suppliers"
