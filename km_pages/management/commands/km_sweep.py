"""``km_sweep``: clear away left-over uploads, unused files and old jobs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from km_pages.sweep import sweep


class Command(BaseCommand):
    """The worker does this every hour; here it is by hand."""

    help = "Removes left-over uploads, files that nothing refers to, and old finished jobs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say what was removed."""
        done = sweep()
        self.stdout.write(
            f"Removed: {done.left_overs} left-over uploads, {done.files} unused files, "
            f"{done.jobs} old jobs."
        )
