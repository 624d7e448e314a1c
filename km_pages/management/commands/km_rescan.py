"""``km_rescan``: have stored files checked for viruses anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from km_pages.actions.look_again import SCAN_AGAIN, LookAgain
from km_pages.conf import conf
from km_pages.files.scan import ping
from km_pages.models import ScanState, StoredFile

UNSETTLED = [ScanState.PENDING, ScanState.UNSCANNED, ScanState.ERROR]


class Command(BaseCommand):
    """By default the files that were never checked or could not be; ``--all`` with new signatures.

    The worker does the checking. A file that was clean is given out until a virus is found.
    """

    help = "Has stored files checked for viruses by the scanner that KM_CLAMAV names."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--all``."""
        parser.add_argument("--all", action="store_true", help="also files that were clean")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for the checks and say for how many files."""
        address = conf().clamav
        if not address:
            raise CommandError("KM_CLAMAV names no scanner: see docs/how-to/look-after-files.md")
        files = StoredFile.objects.exclude(scan_state=ScanState.INFECTED)
        if not options["all"]:
            files = files.filter(scan_state__in=UNSETTLED)
        number = LookAgain(files=files.order_by("pk").iterator(), kind=SCAN_AGAIN).execute()
        self.stdout.write(f"{number} files will be checked by the worker.")
        if not ping(address):
            self.stderr.write(f"The scanner at {address} does not answer; they wait until it does.")
