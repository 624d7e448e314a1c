"""``km_setup``: make what a site needs, once, and leave alone what editors have changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from km_pages.setup.plan import SETUP_HOOK, carry_out, missing, steps_of


class Command(BaseCommand):
    """Make tree, groups, permissions, workflow, lists and first content; safe to run again."""

    help = (
        "Makes the page tree, groups, permissions, workflow, lists and the first content. "
        "Run again after an upgrade: it adds what is new and changes nothing that is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """``--without-content`` and ``--dry-run``."""
        parser.add_argument("--without-content", action="store_true", help="no shipped texts")
        parser.add_argument("--dry-run", action="store_true", help="print the plan, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print or carry out what is missing."""
        steps = missing(steps_of(SETUP_HOOK), with_content=not options["without_content"])
        if options["dry_run"]:
            for step in steps:
                self.stdout.write(f"would make  {step.description}")
            self.stdout.write(f"{len(steps)} to make. Nothing was changed.")
            return
        done = 0
        for step in carry_out(steps):
            done += 1
            if options["verbosity"] > 1:
                self.stdout.write(f"made  {step.description}")
        self.stdout.write(f"Set-up: {done} made, the rest was there.")
