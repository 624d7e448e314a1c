"""Have links to other sites checked once more, now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from km_pages.models import Job, JobState, OutsideLink

CHECK_LINK = "check_link"


@dataclass(frozen=True, kw_only=True)
class CheckLinksAgain:
    """Ask the worker to check ``links`` as soon as it can. What is known stays until then."""

    links: Iterable[OutsideLink]
    by: Any = None

    def execute(self) -> int:
        """Ask for it; returns for how many links. Asking twice asks once."""
        number = 0
        for link in self.links:
            with transaction.atomic():
                job = Job.objects.enqueue(CHECK_LINK, link.pk)
                # One that waits for its turn in this hour comes now.
                waiting = Job.objects.filter(pk=job.pk, state=JobState.WAITING)
                waiting.update(next_try_at=timezone.now())
                log(link, "km_pages.check_link", user=self.by)
            number += 1
        return number
