"""Asking a confined child about one file; whatever the file is, the child comes to an end."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, BinaryIO

import km_pages
from km_pages.conf import conf
from km_pages.files.confinement import Bounds
from km_pages.files.sandbox import Outcome, python, run

ROOT = Path(km_pages.__file__).resolve().parent.parent
_START = "import sys; sys.path.append(sys.argv[1]); from km_pages.files.{} import main; main()"


def bounds_from_settings() -> Bounds:
    """How much one child may take on this site."""
    current = conf()
    return Bounds(
        wall_seconds=current.extract_wall_seconds,
        cpu_seconds=current.extract_cpu_seconds,
        memory_bytes=current.extract_memory_bytes,
        text_bytes=current.extract_output_bytes,
    )


def ask(
    source: IO[bytes],
    order: dict[str, Any],
    *,
    bounds: Bounds,
    output_bytes: int,
    by: str = "child",
) -> Outcome:
    """What the child :mod:`km_pages.files.child` (or another, ``by`` name) says to ``order``.

    ``source`` is a file on a disk. Raises ``SandboxUnavailable`` where none can be started.
    """
    told = {
        **order,
        "bounds": asdict(bounds),
        "parent": os.getpid(),
        "path": [each for each in sys.path if Path(each).is_absolute()],
    }
    return run(
        [python(), "-I", "-c", _START.format(by), str(ROOT), json.dumps(told)],
        stdin=source,
        wall_seconds=bounds.wall_seconds,
        output_bytes=output_bytes,
    )


@contextlib.contextmanager
def on_disk(source: Path | BinaryIO) -> Iterator[IO[bytes]]:
    """``source`` as an open file that stands on a disk; raises ``OSError`` where it cannot."""
    if isinstance(source, Path):
        with source.open("rb") as opened:
            yield opened
    elif _is_on_disk(source):
        yield source
    else:
        # Without a name, so that nothing stays whatever happens to this process.
        with tempfile.TemporaryFile() as spooled:
            shutil.copyfileobj(source, spooled)
            spooled.flush()
            yield spooled


def _is_on_disk(source: BinaryIO) -> bool:
    try:
        return os.path.isfile(source.fileno())  # noqa: PTH113 (a number, not a path)
    except (AttributeError, OSError, ValueError):
        return False
