"""Eight people send large files at once: what the web processes hold, and what others wait.

A gunicorn of its own answers on this machine, as in a deployment. Wall time, since others' waiting
is the question; the sender, the server and the readers share the machine's processors.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from benchmarks.measuring import share
from benchmarks.tables import table

AT_ONCE = 8
MEGABYTE = 1_000_000
# The first is there to warm everything up; memory is compared with what it took.
SIZES = (1, 20, 60)
WORKERS, THREADS = 2, 12
READINGS = 60
PAGES = ("/", "/search/?q=handover", "/techniques/")
EDGE, TOKEN = "edge-of-the-parts", "t" * 32
START_SECONDS = 90
LINE = b"Ring the laboratory before the van leaves, and note it in the red book.\n"


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

    def send(self, number: int, megabytes: int) -> None:
        """Upload one file as the script of the form does."""
        head = (
            f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{megabytes}-{number}.txt"\r\nContent-Type: text/plain\r\n\r\n'
            f"{megabytes} {number}\n"
        ).encode()
        tail = f"\r\n--{EDGE}--\r\n".encode()
        piece = LINE * (100_000 // len(LINE))
        pieces = megabytes * MEGABYTE // len(piece)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.putrequest("POST", "/add/upload/", skip_host=True)
        for name, value in {
            "Host": "localhost",
            "Cookie": f"{self.cookie}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": f"multipart/form-data; boundary={EDGE}",
            "Content-Length": str(len(head) + pieces * len(piece) + len(tail)),
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(head)
        for _piece in range(pieces):
            connection.send(piece)
        connection.send(tail)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        assert answer.status == 201, (answer.status, said[:500])


def measure() -> None:
    """Print memory and waiting for each size; needs a database with its tables and content."""
    with _server() as server:
        for page in PAGES:
            server.get(page)
        alone = [server.get(page) for _time in range(READINGS // len(PAGES)) for page in PAGES]
        rows: list[Sequence[Any]] = [
            ("nobody uploads", None, None, server.peak_megabytes(), *_both(alone))
        ]
        for megabytes in SIZES:
            waited, seconds = _while_sending(server, megabytes)
            rows.append(
                (
                    f"{AT_ONCE} x {megabytes} MB at once",
                    seconds,
                    AT_ONCE * megabytes / seconds,
                    server.peak_megabytes(),
                    *_both(waited),
                )
            )
    table(
        f"Uploads at once: gunicorn, {WORKERS} processes of {THREADS} threads",
        ["", "seconds", "MB a second", "peak MB of a process", "others: p50 ms", "p95 ms"],
        rows,
    )


def _while_sending(server: Server, megabytes: int) -> tuple[list[float], float]:
    """Milliseconds that pages took meanwhile, and how long one round lasted on average."""
    waited: list[float] = []
    began, rounds = time.perf_counter(), 0
    while len(waited) < READINGS:
        waited += _round(server, megabytes, rounds * AT_ONCE)
        rounds += 1
    return waited, (time.perf_counter() - began) / rounds


def _round(server: Server, megabytes: int, first: int) -> list[float]:
    faults: list[BaseException] = []

    def send(number: int) -> None:
        try:
            server.send(number, megabytes)
        except (AssertionError, OSError) as fault:
            faults.append(fault)

    senders = [threading.Thread(target=send, args=(first + each,)) for each in range(AT_ONCE)]
    for each in senders:
        each.start()
    waited = []
    while any(each.is_alive() for each in senders):
        waited.append(server.get(PAGES[len(waited) % len(PAGES)]))
    for each in senders:
        each.join()
    assert not faults, faults
    return waited


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
