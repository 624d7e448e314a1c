"""Word, Excel and PowerPoint files of before 2007: LibreOffice, where it is installed, turns them
into newer ones, which our readers take.

LibreOffice is a program of its own (Mozilla Public License). It runs confined, on a desk of its own
that is gone afterwards: without network, macros off as for every conversion, one file at a time.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from km_pages.files.children import ask
from km_pages.files.confinement import TMP, Bounds
from km_pages.files.sandbox import End, Outcome

logger = logging.getLogger(__name__)

# What each kind is turned into.
NEWER = {"doc": "docx", "xls": "xlsx", "ppt": "pptx"}
_PLACES = tuple(f"{each}/libreoffice/program" for each in ("/usr/lib", "/usr/lib64", "/opt"))
_DATA = (
    "/usr/share",
    "/usr/lib/libreoffice",
    "/usr/lib64/libreoffice",
    "/opt/libreoffice",
    "/etc/libreoffice",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/locale.alias",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/var/cache/fontconfig",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/proc",
    "/dev/urandom",
)
_OUTPUT_BYTES = 1024 * 1024
# What it ends with where it has just made its own folder, and wants to be started once more.
_AGAIN = 81


def converter() -> str:
    """LibreOffice's program; "" where it is not installed."""
    # Not the script of that name, which starts others.
    return shutil.which("soffice.bin", path=":".join(_PLACES)) or ""


def can_be_converted(extension: str) -> bool:
    """Whether files with ``extension`` can be turned into newer ones on this site."""
    return extension in NEWER and bool(converter())


def _run(given: Path, order: dict[str, Any], bounds: Bounds) -> Outcome:
    with given.open("rb") as source:
        return ask(source, order, bounds=bounds, output_bytes=_OUTPUT_BYTES, by="program")


@contextmanager
def converted(
    source: IO[bytes], extension: str, bounds: Bounds
) -> Iterator[tuple[IO[bytes] | None, Outcome]]:
    """``source`` as a newer file, open on disk while this lasts, and how the program ended.

    No file where it could not be made. Raises ``SandboxUnavailable`` where no child can be started.
    """
    with tempfile.TemporaryDirectory(prefix="km-older-", ignore_cleanup_errors=True) as desk:
        given = Path(desk, f"file.{extension}")
        source.seek(0)
        with given.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        order = {
            "program": converter(),
            "arguments": [
                f"-env:UserInstallation=file://{TMP}/profile",
                "--headless",
                "--norestore",
                "--convert-to",
                NEWER[extension],
                "--outdir",
                f"{TMP}/out",
                f"{TMP}/{given.name}",
            ],
            "readable": list(_DATA),
            "desk": desk,
        }
        outcome = _run(given, order, bounds)
        if outcome.exit_code == _AGAIN:
            outcome = _run(given, order, bounds)
        made = Path(desk, "out", f"file.{NEWER[extension]}")
        if outcome.end is not End.ANSWERED or not made.is_file():
            logger.warning(
                "The conversion of a %s file ended: %s after %.1f s. %s",
                extension,
                outcome.end,
                outcome.seconds,
                outcome.complaint[-1000:],
            )
            yield None, outcome
            return
        with made.open("rb") as opened:
            yield opened, outcome
