"""A gunicorn of its own on this machine, as in a deployment, and a worker beside it."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client

START_SECONDS = 90


@dataclass(frozen=True)
class Server:
    """A gunicorn that runs: its port, its own process, and a cookie of a signed-in person."""

    port: int
    pid: int
    cookie: str

    def processes(self) -> list[int]:
        """The processes that answer, without the one that looks after them."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(each) for each in children.split()]

    def peak_megabytes(self) -> float:
        """The most that any of its processes has held so far."""
        return max(_peak(each) for each in self.processes())

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


def cookie_of(person: Any) -> str:
    """The header that a browser sends in which ``person`` has signed in."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())


@contextlib.contextmanager
def a_server(cookie: str, *, workers: int, threads: int) -> Iterator[Server]:
    """A server that answers, for as long as the block lasts; ``cookie`` is its reader's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "km_site.wsgi:application"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
    process = subprocess.Popen([*command, "--log-level", "error"], env=dict(os.environ))
    server = Server(port, process.pid, cookie)
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def a_worker() -> Iterator[None]:
    """``km_worker``, for as long as the block lasts."""
    process = subprocess.Popen([sys.executable, "-m", "django", "km_worker"], env=dict(os.environ))
    try:
        yield
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


def _peak(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0
