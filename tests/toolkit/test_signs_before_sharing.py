"""Signs of patients in a handover: shown masked before anything is shared, and confirmed first."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from km_pages.models import KnowledgeAssetPage
from km_pages.work import run_due_jobs
from km_toolkit.models import KnowledgeOutput
from tests.toolkit.handovers import cast
from tests.toolkit.test_handover_pages import Door

pytestmark = pytest.mark.django_db

NHS = "943 476 5919"


@pytest.mark.parametrize("where", ["typed", "in a file"])
def test_nothing_is_shared_before_somebody_has_looked(where: str) -> None:
    """Case 22, for what a leaver shares out of a handover."""
    ward = cast()
    leaver = Door(ward, ward.leaver)
    words = f"NHS number: {NHS}, ring the lab."
    given: dict[str, Any] = {"title": "Contacts", "visibility": "team", "rows": 2, "do": "share"}
    given |= {"name-0": "Ana Reyes", "what_for-0": "Broken pumps"}
    if where == "typed":
        given |= {"what_for-0": words}
    else:
        given |= {"files": SimpleUploadedFile("notes.txt", words.encode(), "text/plain")}
    assert leaver.post("new_output", "contacts", **given).status_code == 302
    run_due_jobs()
    output = KnowledgeOutput.objects.get()
    warned = leaver.get("share_output", output.pk).content.decode()
    seen = output.changed_at.isoformat()
    refused = leaver.post("share_output", output.pk, seen=seen)
    assert refused.status_code == 200
    assert not KnowledgeAssetPage.objects.exists()
    (looked,) = re.findall(r'name="looked" value="([^"]+)"', warned)
    if where == "in a file":
        assert NHS not in warned
    shared = leaver.post("share_output", output.pk, seen=seen, looked=looked)
    assert shared.status_code == 302
    assert KnowledgeAssetPage.objects.get().live
