"""A confined child that becomes another program, such as tesseract. Started like ``child``.

The program keeps every limit of :mod:`km_pages.files.confinement`: it can start no process, open
no network and write no file; it reads its standard input and its own data. One that needs a folder
of its own to write in, such as LibreOffice, names it as its ``desk``; it sees that as ``/tmp``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from km_pages.files.confinement import TMP, Bounds, confine

# Exit code where the system gives no desk: the site's fault, not the file's.
NO_DESK = 4
SYSTEM = ("/usr/lib", "/lib", "/lib64", "/dev/null")


def main() -> None:
    """Confine this process as the order on the command line says, then become the program."""
    order: dict[str, Any] = json.loads(sys.argv[2])
    program = order["program"]
    try:
        confine(
            Bounds(**order["bounds"]),
            parent=order["parent"],
            readable=[*SYSTEM, *order["readable"]],
            programs=[os.path.realpath(program), *SYSTEM],
            desk=order.get("desk", ""),
        )
    except OSError as problem:
        sys.stderr.write(str(problem))
        sys.exit(NO_DESK)
    environment = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
    if order.get("desk"):
        environment |= dict.fromkeys(("HOME", "TMPDIR"), TMP)
    os.execve(program, [program, *order["arguments"]], environment)  # noqa: S606 (no shell meant)
