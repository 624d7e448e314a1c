"""What a child process gives up before it opens a stranger's file.

Runs in the child, after everything it needs has been imported. The limits on memory, time and
files hold on every Unix. What only some Linux systems allow (no network, no disk) is taken where
it is given and named in the answer; it is never required.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

# The last part of the memory is kept for saying that it ran out.
RESERVE_BYTES = 192 * 1024 * 1024
# The largest file that a program may write onto its desk.
DESK_BYTES = 256 * 1024 * 1024
# Time between the polite end, which can still answer, and the kernel's.
GRACE_SECONDS = 2

_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_NEW_MOUNTS, _BIND, _RECURSIVE, _PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000
TMP = "/tmp"  # noqa: S108 (where programs look for it)
_DIE_WITH_PARENT, _NO_NEW_PRIVILEGES = 1, 38
# https://docs.kernel.org/userspace-api/landlock.html
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_FILE_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_EXECUTE, _LIST = 1 << 0, 1 << 3
_READ = 1 << 2 | _LIST
_TCP = 1 << 0 | 1 << 1


class TimeUp(BaseException):
    """The time for this file is over. No ``except Exception`` of a library can swallow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much the reading of one file may take: seconds, and bytes of memory and of text."""

    wall_seconds: int = 60
    cpu_seconds: int = 30
    memory_bytes: int = 2 * 1024 * 1024 * 1024
    text_bytes: int = 20 * 1024 * 1024


def confine(
    bounds: Bounds,
    *,
    parent: int,
    readable: Iterable[str],
    programs: Iterable[str] = (),
    desk: str = "",
) -> list[str]:
    """Give up what reading a file does not need; return the names of what is in force.

    ``parent`` is the process that started this one; where it has gone, this one ends. Only files
    below ``readable`` can still be opened, and ``programs`` run, where the system can hold that.
    A folder ``desk`` is for a program that works with threads and writes files, there and nowhere
    else: it stands in the place of ``/tmp``. Raises ``OSError`` where the system cannot do that.
    """
    held = ["limits"]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _be_killed_first()
        if _leave_network(libc, has_desk=bool(desk)):
            held.append("network")
        if desk:
            _put_in_place_of_tmp(libc, desk)
        if _leave_disk(libc, readable, programs, desk):
            held.append("disk")
    if os.getppid() != parent:
        os._exit(1)
    os.nice(10)
    _limit(bounds, has_desk=bool(desk))
    return held


def lift_reserve() -> None:
    """Allow the memory that was kept back for the answer, and let no clock interrupt it."""
    for number in (signal.SIGXCPU, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _limit(bounds: Bounds, *, has_desk: bool) -> None:
    memory = bounds.memory_bytes
    _set(resource.RLIMIT_AS, max(memory - RESERVE_BYTES, memory // 2), memory)
    _set(resource.RLIMIT_CPU, bounds.cpu_seconds, bounds.cpu_seconds + GRACE_SECONDS)
    _set(resource.RLIMIT_CORE, 0, 0)
    if has_desk:
        # Threads count as processes, of all that this user runs: they are not counted then.
        _set(resource.RLIMIT_FSIZE, DESK_BYTES, DESK_BYTES)
        _set(resource.RLIMIT_NOFILE, 512, 512)
    else:
        _set(resource.RLIMIT_FSIZE, 0, 0)
        _set(resource.RLIMIT_NOFILE, 64, 64)
        _set(resource.RLIMIT_NPROC, 0, 0)
    for number in (signal.SIGXCPU, signal.SIGALRM):
        signal.signal(number, _time_up)
    signal.setitimer(signal.ITIMER_REAL, max(bounds.wall_seconds - GRACE_SECONDS, 0.5), 0.5)


def _set(which: int, soft: int, hard: int) -> None:
    _now_soft, now_hard = resource.getrlimit(which)
    if now_hard != resource.RLIM_INFINITY:
        hard = min(hard, now_hard)
    resource.setrlimit(which, (min(soft, hard), hard))


def _time_up(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TimeUp


def _be_killed_first() -> None:
    """Where the whole machine runs out of memory, the kernel takes this process, not a server."""
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError:
        return


def _leave_network(libc: ctypes.CDLL, *, has_desk: bool) -> bool:
    """Move to a network of our own that has no interface; as no user that the system knows."""
    alone = _NEW_NET | _NEW_IPC | (_NEW_MOUNTS if has_desk else 0)
    if libc.unshare(_NEW_USER | alone) == 0:
        return True
    return libc.unshare(alone) == 0


def _put_in_place_of_tmp(libc: ctypes.CDLL, desk: str) -> None:
    """Let this process, and no other, see the folder ``desk`` as ``/tmp``."""
    if (
        libc.mount(None, b"/", None, _PRIVATE | _RECURSIVE, None) != 0
        or libc.mount(desk.encode(), TMP.encode(), None, _BIND, None) != 0
    ):
        raise OSError(ctypes.get_errno(), "This system gives no folder of its own to a program")
    os.chdir(TMP)


def _leave_disk(
    libc: ctypes.CDLL, readable: Iterable[str], programs: Iterable[str], desk: str
) -> bool:
    """With Landlock: no file can be opened any more except below ``readable``, and none made or
    changed except in ``desk``.
    """
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << _FILE_RIGHTS_BY_VERSION.get(version, 16)) - 1
    attributes = struct.pack("=QQ", rights, _TCP) if version >= 4 else struct.pack("=Q", rights)
    rules = libc.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    for folder in readable:
        _allow(libc, rules, folder, _READ)
    for program in programs:
        _allow(libc, rules, program, _READ | _EXECUTE)
    if desk:
        _allow(libc, rules, TMP, rights & ~_EXECUTE)
    restricted = libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return restricted


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        below = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 (pathlib costs the child time)
        # The kernel refuses the rule of a file that speaks of listing a folder.
        rights &= ~_LIST
    libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", rights, below), 0)
    os.close(below)
