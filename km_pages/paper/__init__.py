"""Paper: tagged PDF from a template and data.

Typst sets the pages: one wheel, nothing else to install, and it writes PDF/UA-1 with tags,
language, title and reading order. Data reaches a template as JSON, so that nothing that people
have typed is code.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

HOUSE = Path(__file__).with_name("house.typ")
NO_GLYPH = "could not be displayed with font"


class PaperError(Exception):
    """A page could not be set; the message is for whoever keeps the templates."""


def as_pdf(template: Path, data: dict[str, Any]) -> bytes:
    """``template`` (a Typst file) filled with ``data``, as the bytes of a tagged PDF.

    It is PDF/UA-1, unless a character was typed that the typeface does not have.

    The template finds ``data`` as ``data`` and the functions of ``house.typ`` without importing
    them. ``data`` needs ``title`` and may have ``language`` ("en") and ``region`` ("GB"). Raises
    ``PaperError``.
    """
    source = (HOUSE.read_text(encoding="utf-8") + template.read_text(encoding="utf-8")).encode()
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        return _set(source, inputs, ignore_system_fonts=True, pdf_standards="ua-1")
    except typst.TypstError as problem:
        if NO_GLYPH not in str(problem):
            raise PaperError(f"{template.name}: {problem}") from problem
    # Somebody has typed a character that our typeface does not have. PDF/UA would refuse the whole
    # file for it; with the machine's own typefaces it is set, or shown as a box, and still tagged.
    try:
        return _set(source, inputs, ignore_system_fonts=False)
    except typst.TypstError as problem:
        raise PaperError(f"{template.name}: {problem}") from problem


def _set(source: bytes, inputs: dict[str, str], **how: Any) -> bytes:
    # Its types cannot be met by a list of paths beside a source in bytes.
    compile_pages: Any = typst.compile
    return bytes(compile_pages(source, sys_inputs=inputs, font_paths=[str(font_folder())], **how))


def font_folder() -> Path:
    """Where the typeface is: Source Sans, under the SIL Open Font License, from its package."""
    spec = find_spec("font_source_sans_pro")
    if spec is None or spec.origin is None:
        raise PaperError("The package font-source-sans-pro is not installed.")
    return Path(spec.origin).parent / "files"
