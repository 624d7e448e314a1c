"""Static files of a package without what leads outside.

The stylesheet of wagtail-nhsuk-frontend names a typeface on another host, and browsers that are
driven by a program fetch it although no rule of ours uses it. Its stylesheet and its script also
name source maps that the package does not carry, on which ``collectstatic`` stops. This finder
stands before Django's own and gives cleaned copies under the same names.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

PACKAGE = "wagtailnhsukfrontend"
NAMES = (
    "wagtailnhsukfrontend/css/nhsuk-frontend-10.4.2.min.css",
    "wagtailnhsukfrontend/js/nhsuk-frontend-10.4.2.min.js",
)
FOREIGN_FONT = re.compile(r"@font-face\s*\{[^{}]*url\(\s*[\"']?https?:[^{}]*\}")
SOURCE_MAP = re.compile(r"/\*[#@] sourceMappingURL=[^*]*\*/|^//[#@] sourceMappingURL=.*$", re.M)


def cleaned(text: str) -> str:
    """``text`` of a stylesheet or script without fonts on other hosts and without source maps."""
    return SOURCE_MAP.sub("", FOREIGN_FONT.sub("", text))


class CleanedFinder(BaseFinder):
    """Finds the cleaned copies, made in the data folder when they are first asked for."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=Path(settings.KM_VAR) / "cleaned-static")

    def check(self, **_kwargs: Any) -> list[Any]:
        """Nothing can be set up wrongly here."""
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        """Where the cleaned copy of ``path`` stands; empty for every other file."""
        if path not in NAMES:
            return []
        found = self._copy(path)
        return [found] if find_all else found

    def list(self, _ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """The cleaned copies for ``collectstatic``."""
        for name in NAMES:
            self._copy(name)
            yield name, self.storage

    def _copy(self, name: str) -> str:
        text = cleaned((files(PACKAGE) / "static" / name).read_text(encoding="utf-8"))
        target = Path(self.storage.path(name))
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            self._write(target, text)
        return str(target)

    def _write(self, target: Path, text: str) -> None:
        """Write beside and swap: several processes may do so at once."""
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(beside).chmod(0o644)
        Path(beside).replace(target)
