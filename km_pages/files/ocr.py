"""Words read off pictures by tesseract, where it is installed: marked as such, never trusted.

tesseract is a program of its own (Apache licence); it runs confined as every reader does.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import BinaryIO

from km_pages.conf import conf
from km_pages.files.children import ask, bounds_from_settings
from km_pages.files.drawing import can_be_drawn, page_for_ocr
from km_pages.files.extract.cleaning import clean
from km_pages.files.sandbox import ENVIRONMENT, End

logger = logging.getLogger(__name__)
_DATA_FOLDERS = ("/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/local/share/tessdata")
_LANGUAGE = re.compile(r"^[A-Za-z_]{3,24}$")
_MOST_OUTPUT = 8 * 1024 * 1024
# Percent. Below it tesseract sees letters in what is none: shadows, photographs, stamps.
_SURE_ENOUGH = 45
_GUESSED = 10
_PLAUSIBLE = re.compile(r"(?<!\w)(?:[^\W\d_]?[a-z\u00df-\u024f]{2,}|[A-Z]{3,})(?!\w)")
_WORD = re.compile(r"\w{2,}")
_PAGE, _BLOCK, _PARAGRAPH, _LINE, _CONFIDENCE, _TEXT = 1, 2, 3, 4, 10, 11
_COLUMNS = 12


def languages() -> tuple[str, ...]:
    """The languages that are both wanted and installed; none where there is no tesseract."""
    program = _program()
    if not program:
        return ()
    wanted = [each for each in re.split(r"[+,\s]+", conf().ocr_languages) if each]
    here = _installed(program)
    return tuple(each for each in wanted if _LANGUAGE.match(each) and each in here)


def can_read_off(extension: str) -> bool:
    """Whether words can be read off files with ``extension`` on this site."""
    return can_be_drawn(extension) and bool(languages())


def read_off(source: Path | BinaryIO, *, extension: str, page: int = 1) -> str:
    """The words on one page or picture; "" where there are none or it could not be read.

    Raises ``SandboxUnavailable`` where no child can be started, and ``OSError`` for the storage.
    """
    drawn = page_for_ocr(source, extension=extension, page=page)
    if drawn is None:
        return ""
    with tempfile.TemporaryFile() as picture:
        picture.write(drawn)
        picture.flush()
        picture.seek(0)
        order = {
            "program": _program(),
            "arguments": ["stdin", "stdout", "-l", "+".join(languages()), "tsv"],
            "readable": list(_DATA_FOLDERS),
        }
        outcome = ask(
            picture, order, bounds=bounds_from_settings(), output_bytes=_MOST_OUTPUT, by="program"
        )
    if outcome.end is not End.ANSWERED:
        logger.warning("OCR of a page ended: %s. %s", outcome.end, outcome.complaint[-500:])
        return ""
    return words_of(outcome.output.decode("utf-8", "replace"))


def words_of(table: str) -> str:
    """The lines in tesseract's table of words, without what it was not sure of."""
    lines: dict[tuple[str, ...], list[tuple[float, str]]] = {}
    place: tuple[str, ...]
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) < _COLUMNS or not cells[_TEXT].strip():
            continue
        place = (cells[_PAGE], cells[_BLOCK], cells[_PARAGRAPH], cells[_LINE])
        lines.setdefault(place, []).append((_sureness(cells[_CONFIDENCE]), cells[_TEXT].strip()))
    kept: list[str] = []
    before: tuple[str, ...] = ()
    for place, words in lines.items():
        line = " ".join(_believed(words))
        if not _WORD.search(line):
            continue
        if before and before[:3] != place[:3]:
            kept.append("")
        kept.append(line)
        before = place
    return clean("\n".join(kept))


def is_clearer(text: str, other: str) -> bool:
    """Whether ``text`` holds at least as many words that look like words as ``other``.

    Letters that a scanner took for others give themselves away: "SUNivors", "Unlversfties and".
    """
    return len(_PLAUSIBLE.findall(text)) >= len(_PLAUSIBLE.findall(other))


def _believed(words: list[tuple[float, str]]) -> list[str]:
    """The words of a line. A blurred word among clear ones is one; a line that is blurred as a
    whole is taken for a shadow, and only what is clear in it is kept.
    """
    is_clear = sum(sure for sure, _word in words) / len(words) >= _SURE_ENOUGH
    least = _GUESSED if is_clear else _SURE_ENOUGH
    return [word for sure, word in words if sure >= least]


def _sureness(confidence: str) -> float:
    try:
        return float(confidence)
    except ValueError:
        return 0.0


def _program() -> str:
    return shutil.which("tesseract", path=f"/usr/local/bin:{ENVIRONMENT['PATH']}") or ""


@cache
def _installed(program: str) -> frozenset[str]:
    """What ``tesseract --list-langs`` names. Asked once by each process."""
    try:
        answer = subprocess.run(  # noqa: S603 (the command is ours)
            [program, "--list-langs"],
            capture_output=True,
            timeout=10,
            env=ENVIRONMENT,
            text=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(answer.stdout.split())
