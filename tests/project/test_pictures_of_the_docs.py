"""The pictures of the documentation: listed, made by the script, small, and described in words."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from pictures import PICTURES  # noqa: E402

IMAGES = ROOT / "docs" / "images"
EMBEDDED = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
MOST_BYTES = 4_000_000
FEWEST_LETTERS = 20


def embedded() -> list[tuple[Path, str, Path]]:
    """Every (page, words, picture) of the documentation."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return [
        (page, words, (page.parent / address).resolve())
        for page in pages
        for words, address in EMBEDDED.findall(page.read_text(encoding="utf-8"))
    ]


def test_every_picture_shown_is_there_listed_and_said_in_words() -> None:
    listed = {IMAGES / f"{each.name}.png" for each in PICTURES}
    assert len(listed) == len(PICTURES), "a name is used twice"
    wrong = [
        f"{page.name}: {picture.name}"
        for page, words, picture in embedded()
        if picture not in listed or not picture.exists() or len(words) < FEWEST_LETTERS
    ]
    assert not wrong


def test_all_pictures_together_are_small() -> None:
    files = list(IMAGES.iterdir())
    assert {each.stem for each in files} <= {each.name for each in PICTURES}
    assert sum(each.stat().st_size for each in files) < MOST_BYTES
