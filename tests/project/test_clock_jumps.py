"""The clock of the machine is put a day forward or back: no fault, and work goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from km_pages.models import Job, JobState, StoredFile, TextState
from km_pages.outbox import drain
from km_pages.sweep import sweep
from km_pages.work import run_due_jobs
from tests.pages.adding import add, client_of, make_world, text_file

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

PATHS = ("/", "/repository/", "/search/?q=printer", "/my-page/", "/add/", "/handovers/")


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_jumps_stops_nothing(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case 40."""
    world = make_world()
    author, member = client_of(world.author), client_of(world.member)
    assert add(author, files=text_file()).status_code == 302
    running = Job.objects.order_by("pk").first()
    real = timezone.datetime

    class Jumped(real):  # type: ignore[misc, valid-type] # a class that is looked up when it runs
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.now(tz) + timedelta(days=days)

    monkeypatch.setattr(timezone, "datetime", Jumped)
    assert add(author, title="Where the van stops", key="", do="share").status_code == 302
    new = text_file("later.txt", b"Ring the lab later.")
    assert author.post(reverse("km_pages:upload"), {"file": new}).status_code == 201
    run_due_jobs()
    sweep()
    drain()
    assert StoredFile.objects.get(name="later.txt").text_state == TextState.READ
    for client in (author, member):
        for path in PATHS:
            assert client.get(path).status_code == 200, path
    assert "Where the van stops" in member.get("/search/?q=van").content.decode()
    # Put right again, what was made before is done as well.
    monkeypatch.setattr(timezone, "datetime", real)
    run_due_jobs()
    sweep()
    run_due_jobs()
    assert running is None or Job.objects.get(pk=running.pk).state == JobState.DONE
    assert not Job.objects.exclude(state=JobState.DONE).exists()
