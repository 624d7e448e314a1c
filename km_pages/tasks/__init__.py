"""Work in the background. Each task takes a primitive, can run twice, and calls one function."""

from __future__ import annotations

from collections.abc import Callable

from km_pages.actions.store_file import READ_FILE
from km_pages.tasks.read_file import read_file

TASKS: dict[str, Callable[[str], None]] = {READ_FILE: read_file}
"""What a job of each kind calls, with the job's target."""
