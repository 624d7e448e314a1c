"""A confined child that becomes another program, such as tesseract. Started like ``child``.

The program keeps every limit of :mod:`km_pages.files.confinement`: it can start no process, open
no network and write no file; it reads its standard input and its own data.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from km_pages.files.confinement import Bounds, confine

SYSTEM = ("/usr/lib", "/lib", "/lib64", "/dev/null")


def main() -> None:
    """Confine this process as the order on the command line says, then become the program."""
    order: dict[str, Any] = json.loads(sys.argv[2])
    program = order["program"]
    confine(
        Bounds(**order["bounds"]),
        parent=order["parent"],
        readable=[*SYSTEM, *order["readable"]],
        programs=[os.path.realpath(program), *SYSTEM],
    )
    environment = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
    os.execve(program, [program, *order["arguments"]], environment)  # noqa: S606 (no shell meant)
