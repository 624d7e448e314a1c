"""Clocks: the CPU time of this process, because other work on the machine does not change it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any


def cpu_ms(do: Callable[[], Any]) -> float:
    """Milliseconds of CPU, of all threads of this process, that ``do`` takes."""
    began = time.process_time_ns()
    do()
    return (time.process_time_ns() - began) / 1e6


def share(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` (0.5, 0.95) of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
