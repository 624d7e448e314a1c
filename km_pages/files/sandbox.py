"""Running one child process that may come to any end without harm to this one."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

# What a child is told of the world: no settings, no passwords, no addresses of databases.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.M)
_COMPLAINT_BYTES = 8192
_READ_BYTES = 256 * 1024
_LOOK_SECONDS = 0.25
# How long a child that has closed its output may take to end by itself.
_LINGER_SECONDS = 1.0


class SandboxUnavailable(Exception):
    """No child could be started: the machine's trouble, not the file's. Try again later."""


class End(StrEnum):
    """How a child ended."""

    ANSWERED = "answered"  # exit code 0
    FAILED = "failed"  # another exit code, or a crash
    OUT_OF_TIME = "out_of_time"
    TOO_MUCH_OUTPUT = "too_much_output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is left of a child: how it ended (``exit_code`` below 0: by which signal), what it said
    and complained of last, and what it used.
    """

    end: End
    output: bytes
    complaint: str
    exit_code: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def python() -> str:
    """The interpreter that runs this site, also where it is embedded in a web server."""
    if Path(sys.executable or "").name.startswith("python"):
        return sys.executable
    return str(Path(sys.prefix) / "bin" / "python3")


def run(
    command: Sequence[str], *, stdin: IO[bytes] | int, wall_seconds: float, output_bytes: int
) -> Outcome:
    """Run ``command`` in a session of its own until it ends or ``wall_seconds`` are over.

    When this returns the child and every process of its group are gone. At most ``output_bytes``
    are taken from it. Raises :class:`SandboxUnavailable` where it cannot be started.
    """
    started = time.monotonic()
    try:
        child = subprocess.Popen(  # noqa: S603 (the command is ours)
            list(command),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxUnavailable(str(error)) from error
    with child.stdout as output, child.stderr as complaint:
        taken = _Taken(output_bytes)
        try:
            end = taken.take(output, complaint, child.pid, until=started + wall_seconds)
            if end is End.ANSWERED:
                _let_end(child, until=started + wall_seconds)
        finally:
            status, usage = _end_group(child)
    if end is End.ANSWERED and status != 0:
        end = End.FAILED
    return Outcome(
        end=end,
        output=bytes(taken.output),
        complaint=bytes(taken.complaint).decode("utf-8", "replace"),
        exit_code=status,
        seconds=time.monotonic() - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=taken.peak_bytes,
    )


class _Taken:
    """What has come out of a child so far."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.output = bytearray()
        self.complaint = bytearray()
        self.peak_bytes = 0

    def take(self, output: IO[bytes], complaint: IO[bytes], pid: int, *, until: float) -> End:
        """Take both streams until they are closed, the time is over or the output too much."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(output, selectors.EVENT_READ, self.output)
            waiting.register(complaint, selectors.EVENT_READ, self.complaint)
            while waiting.get_map():
                left = until - time.monotonic()
                if left <= 0:
                    return End.OUT_OF_TIME
                ready = waiting.select(min(left, _LOOK_SECONDS))
                self.peak_bytes = max(self.peak_bytes, _peak_bytes(pid))
                for key, _events in ready:
                    chunk = os.read(key.fd, _READ_BYTES)
                    if not chunk:
                        waiting.unregister(key.fileobj)
                    key.data.extend(chunk)
                del self.complaint[:-_COMPLAINT_BYTES]
                if len(self.output) > self.limit:
                    return End.TOO_MUCH_OUTPUT
        return End.ANSWERED


def _peak_bytes(pid: int) -> int:
    """The most memory that ``pid`` has held, where the system tells; else 0.

    Not ``ru_maxrss``: that counts this process too, whose copy the child was for a moment.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = _PEAK.search(status)
    return int(found[1]) * 1024 if found else 0


def _let_end(child: subprocess.Popen[bytes], *, until: float) -> None:
    """Wait a moment for a child that has said all it has to say, without collecting it."""
    until = min(until, time.monotonic() + _LINGER_SECONDS)
    while time.monotonic() < until:
        if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(0.002)


def _end_group(child: subprocess.Popen[bytes]) -> tuple[int, os.struct_rusage]:  # type: ignore[name-defined]
    """Kill what is left of the group, collect the child, return its exit code and its use.

    The group goes first: as long as the child is not collected, nobody else gets its number.
    """
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        child.kill()
    except PermissionError:
        # macOS answers so for a group of which only the uncollected child is left.
        child.kill()
    _pid, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage
