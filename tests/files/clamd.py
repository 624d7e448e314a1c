"""A real clamd with a signature of our own, to be started and killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from km_pages.files.scan import ping

CLAMD = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# The harmless file that every scanner calls a virus, in two halves so that none finds it here.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SETTINGS = """DatabaseDirectory {folder}/signatures
LocalSocket {folder}/socket
Foreground yes
AlertExceedsMax yes
MaxFileSize 2M
MaxScanSize 4M
StreamMaxLength 8M
"""


class Scanner:
    """A clamd of our own, to be started and killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"{folder}/socket"
        (folder / "signatures").mkdir()
        signature = f"Test.Eicar:0:*:{EICAR.hex()}\n"
        (folder / "signatures" / "own.ndb").write_text(signature)
        (folder / "clamd.conf").write_text(SETTINGS.format(folder=folder))
        self.process: Any = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        Path(self.address).unlink(missing_ok=True)
        with (self.folder / "log").open("w") as said:
            self.process = subprocess.Popen(
                [str(CLAMD), "-c", str(self.folder / "clamd.conf")], stdout=said, stderr=said
            )
        deadline = time.monotonic() + 60
        while not ping(self.address):
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
