"""Eight people send large files at once: what the web processes hold, and what others wait.

A gunicorn of its own answers on this machine, as in a deployment. Wall time, since others' waiting
is the question; the sender, the server and the readers share the machine's processors.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model

from benchmarks.measuring import share
from benchmarks.sending import AT_ONCE
from benchmarks.serving import Server, a_server, cookie_of
from benchmarks.tables import table

# The first is there to warm everything up; memory is compared with what it took.
SIZES = (1, 20, 60)
WORKERS, THREADS = 2, 12
READINGS = 60
PAGES = ("/", "/search/?q=handover", "/techniques/")


def measure() -> None:
    """Print memory and waiting for each size; needs a database with its tables and content."""
    with a_server(_cookie(), workers=WORKERS, threads=THREADS) as server:
        for page in PAGES:
            server.get(page)
        alone = [server.get(page) for _time in range(READINGS // len(PAGES)) for page in PAGES]
        rows: list[Sequence[Any]] = [
            ("nobody uploads", None, None, server.peak_megabytes(), *_both(alone))
        ]
        senders = Senders(server)
        for megabytes in SIZES:
            waited, seconds = _while_sending(server, senders, megabytes)
            rows.append(
                (
                    f"{AT_ONCE} x {megabytes} MB at once",
                    seconds,
                    AT_ONCE * megabytes / seconds,
                    server.peak_megabytes(),
                    *_both(waited),
                )
            )
        senders.close()
    table(
        f"Uploads at once: gunicorn, {WORKERS} processes of {THREADS} threads",
        ["", "seconds", "MB a second", "peak MB of a process", "others: p50 ms", "p95 ms"],
        rows,
    )


def _while_sending(server: Server, senders: Senders, megabytes: int) -> tuple[list[float], float]:
    """Milliseconds that pages took meanwhile, and how long one round lasted on average."""
    waited: list[float] = []
    began, rounds = time.perf_counter(), 0
    while len(waited) < READINGS:
        senders.begin(megabytes, first=rounds * AT_ONCE)
        while not senders.have_finished():
            waited.append(server.get(PAGES[len(waited) % len(PAGES)]))
        rounds += 1
    return waited, (time.perf_counter() - began) / rounds


class Senders:
    """The process in which eight people send; see :mod:`benchmarks.sending`."""

    def __init__(self, server: Server) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sending", str(server.port), server.cookie],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, megabytes: int, *, first: int) -> None:
        """Have all of them send one file each."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"megabytes": megabytes, "first": first}) + "\n")
        self.process.stdin.flush()

    def have_finished(self) -> bool:
        """Whether all of it has been stored."""
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], 0)[0]:
            return False
        said = self.process.stdout.readline().strip()
        assert said == "done", said
        return True

    def close(self) -> None:
        """Send them home."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


def _both(values: list[float]) -> tuple[float | None, float | None]:
    return (share(values, 0.5), share(values, 0.95)) if values else (None, None)


def _cookie() -> str:
    person = get_user_model()._default_manager.create_user(username="uploads@example.org")
    return cookie_of(person)
