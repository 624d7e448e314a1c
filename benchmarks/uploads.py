"""Eight people send large files at once: what the web processes hold, and what others wait.

A gunicorn of its own answers on this machine, as in a deployment. Wall time, since others' waiting
is the question; the sender, the server and the readers share the machine's processors.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from benchmarks.measuring import share
from benchmarks.sending import AT_ONCE
from benchmarks.tables import table

# The first is there to warm everything up; memory is compared with what it took.
SIZES = (1, 20, 60)
WORKERS, THREADS = 2, 12
READINGS = 60
PAGES = ("/", "/search/?q=handover", "/techniques/")
START_SECONDS = 90


@dataclass(frozen=True)
class Server:
    """A gunicorn that runs: its port, its own process, and a cookie of a signed-in person."""

    port: int
    pid: int
    cookie: str

    def peak_megabytes(self) -> float:
        """The most that any of its processes has held so far."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_peak(each) for each in children)

    def get(self, path: str) -> float:
        """Milliseconds for one page."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", path, headers={"Host": "localhost", "Cookie": self.cookie})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status in (200, 302, 404), (path, answer.status)
        return (time.perf_counter() - began) * 1000


def measure() -> None:
    """Print memory and waiting for each size; needs a database with its tables and content."""
    with _server() as server:
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


@contextlib.contextmanager
def _server() -> Iterator[Server]:
    users = get_user_model()._default_manager
    person = users.create_user(username="uploads@example.org", password=None)
    client = Client()
    client.force_login(person)
    cookie = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "km_site.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", str(THREADS)]
    process = subprocess.Popen([*command, "--log-level", "error"], env=dict(os.environ))
    server = Server(port, process.pid, cookie)
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            server.get("/-/bare/")
            return
        except OSError:
            assert process.poll() is None, "gunicorn did not start"
            assert time.monotonic() < until, "gunicorn does not answer"
            time.sleep(0.2)


def _peak(pid: str) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0
