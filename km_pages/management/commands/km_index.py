"""The index of the search: build it anew, compare it with the database, mend it, show it."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from km_pages.drain import Drained, Ending, drain
from km_pages.index_upkeep import Checked, check, repair, standing
from km_pages.rebuilding import Progress, rebuild
from km_pages.search import EngineUnavailable, get_engine
from km_pages.turns import TurnError, TurnTakenError, is_rebuilding

BAR_WIDTH = 30
SECONDS_BETWEEN_LINES = 0.2
SHARE_BETWEEN_LINES = 0.1
MOST_LISTED = 50


class Command(BaseCommand):
    """``manage.py km_index``."""

    help = "Rebuild, check or repair the index of the search, or show how it stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of the things to do."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--rebuild",
            action="store_true",
            help="Build a new index beside the one in use, and put it in its place.",
        )
        what.add_argument(
            "--check",
            action="store_true",
            help="Compare every document with the database; exit code 1 when they differ.",
        )
        what.add_argument(
            "--repair", action="store_true", help="Check, and renew what differs from the database."
        )
        what.add_argument("--drain", action="store_true", help="Apply the changes that wait.")
        what.add_argument("--status", action="store_true", help="Show how the index stands.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what was asked for, in words that say what happened and what to do next."""
        # None may be called "check": Django calls that before every command.
        doings = {
            "rebuild": self.rebuild,
            "check": self.compare,
            "repair": self.repair,
            "drain": self.drain,
            "status": self.status,
        }
        do = next(doing for name, doing in doings.items() if options[name])
        try:
            do()
        except TurnTakenError as taken:
            raise CommandError(
                "Another process is rebuilding or writing the index. Nothing was changed. "
                "Try again when it has finished."
            ) from taken
        except (EngineUnavailable, TurnError) as fault:
            raise CommandError(
                f"The index cannot be used: {fault}. No page was changed. "
                "Make sure that its folder can be written and the disk is not full, then run: "
                "manage.py km_index --rebuild"
            ) from fault

    def rebuild(self) -> None:
        """Build the index anew."""
        started = time.monotonic()
        done = rebuild(progress=self._bar("Building"))
        seconds = time.monotonic() - started
        self.stdout.write(
            f"The new index is in use: {done.documents:,} documents in {seconds:.1f} s."
        )
        self._tell_failed(done.failed)
        self._tell_drained(done.drained)

    def compare(self) -> None:
        """Compare the index with the database; leave with 1 when they differ."""
        found = check(progress=self._bar("Comparing"))
        self._tell_checked(found)
        if not found.is_clean:
            self.stderr.write("Run manage.py km_index --repair to mend it.")
            sys.exit(1)

    def repair(self) -> None:
        """Compare, and renew what differs."""
        found = check(progress=self._bar("Comparing"))
        self._tell_checked(found)
        if not found.is_clean:
            self._tell_drained(repair(found))

    def drain(self) -> None:
        """Apply what waits."""
        self._tell_drained(drain())

    def status(self) -> None:
        """Show the figures of engine and outbox."""
        now = standing()
        self.stdout.write(f"Pages that can be found: {now.pages:,}")
        self.stdout.write(f"Changes that wait:       {now.waiting:,}")
        self.stdout.write(f"  left out of searches:  {now.narrowing:,}")
        if is_rebuilding():
            self.stdout.write("A new index is being built at this moment.")
        self.stdout.write(str(get_engine().status()))

    def _tell_checked(self, found: Checked) -> None:
        if found.damage:
            self.stdout.write(f"The index is damaged: {found.damage}. It must be made anew.")
            return
        for each in found.differences[:MOST_LISTED]:
            self.stdout.write(f"{each.what:>10}  page {each.page_id}  {each.title}")
        if len(found.differences) > MOST_LISTED:
            self.stdout.write(f"… and {len(found.differences) - MOST_LISTED:,} more")
        self.stdout.write(
            f"Documents compared: {found.documents:,}. Differences: {len(found.differences):,}. "
            f"Changes that wait to be applied: {found.waiting:,}."
        )

    def _tell_failed(self, failed: list[int]) -> None:
        if failed:
            listed = ", ".join(str(each) for each in failed[:MOST_LISTED])
            self.stderr.write(
                f"Pages that could not be read and cannot be found: {len(failed):,} ({listed}). "
                "The log says why."
            )

    def _tell_drained(self, drained: Drained) -> None:
        words = {
            Ending.DONE: f"Changed pages brought to the index: {drained.pages:,}.",
            Ending.PARTLY: f"Changed pages brought to the index: {drained.pages:,}; more wait.",
            Ending.BUSY: "Another process is bringing changes to the index; it will do the rest.",
            Ending.UNAVAILABLE: "The index cannot be written; the changes are kept. See the log.",
        }
        self.stdout.write(words[drained.ending])
        self._tell_failed(sorted(drained.failed))
        if drained.ending is Ending.UNAVAILABLE:
            sys.exit(1)

    def _bar(self, word: str) -> Progress:
        """A progress bar on a terminal; a line for every tenth elsewhere."""
        started, shown_at, shown = time.monotonic(), 0.0, -1.0
        live = self.stdout.isatty()

        def show(done: int, total: int) -> None:
            nonlocal shown_at, shown
            now, share = time.monotonic(), done / max(total, 1)
            enough = now - shown_at if live else share - shown
            if done < total and enough < (SECONDS_BETWEEN_LINES if live else SHARE_BETWEEN_LINES):
                return
            shown_at, shown = now, share
            rate = done / max(now - started, 0.001)
            bar = "#" * int(BAR_WIDTH * share)
            line = f"{word} [{bar:<{BAR_WIDTH}}] {done:,} of {total:,}, {rate:,.0f} a second"
            ending = "\r" if live and done < total else "\n"
            self.stdout.write(line, ending=ending)
            self.stdout.flush()

        return show
