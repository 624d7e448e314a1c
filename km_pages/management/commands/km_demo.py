"""``km_demo``: add, list or remove the demonstration."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from km_pages.conf import conf
from km_pages.setup.demo import PASSWORD, read_demo
from km_pages.setup.demo_removal import remove_demo
from km_pages.setup.plan import DEMO_HOOK, carry_out, missing, steps_of


class Command(BaseCommand):
    """Demonstration teams, people and knowledge; only where ``KM_DEMO`` allows it."""

    help = "Adds three teams, their people and about thirty knowledge items to look at."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--remove`` and ``--accounts``."""
        parser.add_argument("--remove", action="store_true", help="take it out again")
        parser.add_argument("--accounts", action="store_true", help="print the accounts only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add, print or remove."""
        if options["remove"]:
            self.stdout.write(f"Demonstration removed: {remove_demo()} things.")
            return
        if not conf().demo:
            raise CommandError(
                "Demonstration accounts have a known password, so they exist only where KM_DEMO "
                "is true, as in the development settings. Nothing was changed."
            )
        if not options["accounts"]:
            done = sum(1 for _step in carry_out(missing(steps_of(DEMO_HOOK))))
            self.stdout.write(f"Demonstration: {done} made, the rest was there.")
        for row in read_demo()["people"]:
            role = str(row.get("role", "member")).replace("_", " ")
            self.stdout.write(f"  {role:<22} {row['username']}")
        self.stdout.write(f"  password of all         {PASSWORD}")
