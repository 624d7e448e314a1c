"""``km_worker``: read files, publish what is scheduled, keep the index, sweep."""

from __future__ import annotations

import logging
import signal
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from wagtail import hooks

from km_pages.drain import Ending, drain, is_usable
from km_pages.models import IndexChange
from km_pages.outbox import note_overdue
from km_pages.outlets.due import note_due
from km_pages.sweep import sweep
from km_pages.work import HOURLY_HOOK, do_job, take_job

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 0.3
TROUBLE_SECONDS = 2
WATCH_SECONDS = 5
MINUTE = 60
HOUR = 60 * MINUTE


class Command(BaseCommand):
    """Work off jobs until told to stop; a job that has begun is finished first."""

    help = "Works in the background: reads files, drains the index's outbox, publishes, sweeps."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--once``."""
        parser.add_argument("--once", action="store_true", help="do what is due, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Loop until SIGTERM or SIGINT."""
        self.stopping, self.drain_at, self.mend_at = False, 0.0, 0.0
        if options["once"]:
            self._minute()
            while self._turn():
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        lengths = {self._minute: MINUTE, self._watch: WATCH_SECONDS, self._hour: HOUR}
        every = dict.fromkeys(lengths, 0.0)
        while not self.stopping:
            close_old_connections()
            now = time.monotonic()
            for work, due in every.items():
                if now >= due:
                    every[work] = now + lengths[work]
                    self._safely(work)
            if not self._safely(self._turn):
                time.sleep(PAUSE_SECONDS)

    def _ask_to_stop(self, *_args: Any) -> None:
        self.stopping = True

    def _safely(self, work: Any) -> bool:
        """Run ``work``; what goes wrong with it once does not end the worker."""
        try:
            return bool(work())
        except DatabaseError:
            logger.exception("The database did not answer; trying again")
        except Exception:
            # Scheduled pages of a host site may fail in any way; files and mails go on.
            logger.exception("%s failed; it is tried again later", work.__name__)
        time.sleep(TROUBLE_SECONDS)
        return False

    def _turn(self) -> bool:
        """Do one job and drain the outbox. Returns whether there was a job."""
        job = take_job()
        if job is not None:
            do_job(job)
        if time.monotonic() >= self.drain_at and IndexChange.objects.exists():
            drain()
            if IndexChange.objects.exists():
                # The engine is away, another process is at it, or a page cannot be read.
                self.drain_at = time.monotonic() + TROUBLE_SECONDS
        return job is not None

    def _minute(self) -> None:
        call_command("publish_scheduled", verbosity=0)
        note_overdue()
        note_due()
        # Also builds the index where there is none.
        drain()

    def _watch(self) -> None:
        """Build the index anew soon after it was lost or damaged, while people search by title."""
        if time.monotonic() < self.mend_at or is_usable():
            return
        if drain().ending is Ending.UNAVAILABLE:
            # The disk is full or the folder read-only: that takes a person, and so longer.
            self.mend_at = time.monotonic() + MINUTE

    def _hour(self) -> None:
        sweep()
        for work in hooks.get_hooks(HOURLY_HOOK):
            self._safely(work)
