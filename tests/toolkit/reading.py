"""Reading of content files for the tests about words: walk, sentences, runs of words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from km_pages.setup.plan import LOADER

ROOT = Path(__file__).resolve().parents[2]
TOOLKIT = ROOT / "km_toolkit" / "content"
PAGES = ROOT / "km_pages" / "content"

# Keys whose value is a name for programs or an address, never a sentence on screen.
NOT_ON_SCREEN = {
    "slug", "url", "url_or_path", "techniques", "activities", "output_type", "topics", "came_from",
    "visibility", "shared_with", "named_people", "email", "username", "kind", "type", "filename",
    "team", "teams", "holder", "owner_username", "licence",
}  # fmt: skip
FORBIDDEN = re.compile(r"\b(tacit\w*|elicit\w*|assets?|rcts?)\b", re.IGNORECASE)
AMERICAN = re.compile(
    r"\b(organiz\w*|recogniz\w*|prioritiz\w*|summariz\w*|colors?|behaviors?|centers?|favorites?"
    r"|programs?|catalogs?|analyz\w*|licenses?|fulfill|skillful|gotten|labor)\b",
    re.IGNORECASE,
)
PHONE = re.compile(r"\b0\d[\d ]{8,12}\d\b")
# Numbers that Ofcom keeps free for drama: London, Manchester, Leeds, no area, mobiles.
DRAMA = ("0207946", "0161496", "0113496", "01632960", "07700900")
EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
RUN = 8


def load(path: Path) -> Any:
    """What the YAML file at ``path`` holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def texts(value: Any, *, where: str = "") -> Iterator[tuple[str, str]]:
    """Every string that a reader may see, with its place in the file."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in NOT_ON_SCREEN:
                yield from texts(each, where=f"{where}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from texts(each, where=f"{where}[{number}]")
    elif isinstance(value, str) and value.strip():
        yield where.lstrip("."), value


def sentences(text: str) -> list[str]:
    """The sentences of ``text``; a colon, semicolon or line end closes one too."""
    return [each for each in re.split(r"(?<=[.?!:;])\s+|\n+", text) if each.strip()]


def words(text: str) -> list[str]:
    """The words of ``text`` in lower case, without marks."""
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))


def runs(text: str) -> set[str]:
    """Every run of eight words that follow each other in ``text``."""
    listed = words(text)
    return {" ".join(listed[at : at + RUN]) for at in range(len(listed) - RUN + 1)}


def source_runs() -> set[str]:
    """Runs of eight words in our notes of the sources; skips where the notes are not at hand.

    The notes lie outside the project: ``KM_SHARED`` names their folder. Where it is set, a missing
    file is a failure, so that a check cannot be lost without anybody noticing.
    """
    named = os.environ.get("KM_SHARED")
    notes = (Path(named) if named else ROOT.parent / "shared") / "design" / "domain.md"
    if not notes.exists():
        if named:
            pytest.fail(f"KM_SHARED is set, but {notes} does not exist")
        pytest.skip("the notes of the sources are not on this machine; set KM_SHARED to compare")
    return runs(notes.read_text(encoding="utf-8"))


def wording_faults(value: Any) -> list[str]:
    """What is wrong with the words in ``value``: jargon, spelling, shouting, real numbers."""
    faults = []
    for where, text in texts(value):
        for pattern in (FORBIDDEN, AMERICAN):
            faults += [f"{where}: {found.group()}" for found in pattern.finditer(text)]
        if "!" in text:
            faults.append(f"{where}: exclamation mark")
        for found in PHONE.findall(text):
            if not found.replace(" ", "").startswith(DRAMA):
                faults.append(f"{where}: {found} may be somebody's real number")
        faults += [f"{where}: {host}" for host in EMAIL.findall(text) if host != "example.org"]
    return faults


def slugs_of(folder: Path) -> set[str]:
    """The slugs that the files of ``folder`` are named after."""
    return {path.stem for path in folder.glob("*.yaml")}
