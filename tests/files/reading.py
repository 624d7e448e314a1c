"""Reading bytes in the sandbox, as the worker does."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from km_pages.files.reading import ExtractResult, bounds_from_settings, read_text


def read(data: bytes, extension: str, **bounds: Any) -> ExtractResult:
    """What comes of ``data`` as a file with ``extension``; ``bounds`` narrow the usual ones."""
    usual = bounds_from_settings()
    return read_text(io.BytesIO(data), extension=extension, bounds=replace(usual, **bounds))


def texts(data: bytes, extension: str) -> dict[str, str]:
    """The texts of ``data`` by the labels of its passages."""
    result = read(data, extension)
    assert result.state == "read", result.reason_code
    return {each.label: each.text for each in result.passages}
