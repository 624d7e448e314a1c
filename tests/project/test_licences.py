"""What the site is made of may be used by anybody: nothing in it is under the GPL or the AGPL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
STRONG = re.compile(r"(?<!L)(?<!Lesser )\bA?GPL|(?<!Lesser )General Public License", re.I)
# Free libraries that a wheel carries, which are loaded and never changed, are under the LGPL.
CARRIED = re.compile(r"x264|x265|ghostscript|mupdf|poppler|readline|libgs\b", re.I)


def named_in(path: Path) -> Iterator[Requirement]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-")):
            yield Requirement(line)


def shipped() -> dict[str, Distribution]:
    """Everything in ``requirements.txt``, and all that stands behind it."""
    found: dict[str, Distribution] = {}
    todo = list(named_in(ROOT / "requirements.txt"))
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop().name).lower()
        if name not in found:
            found[name] = distribution(name)
            behind = [Requirement(each) for each in found[name].requires or ()]
            todo += [e for e in behind if e.marker is None or e.marker.evaluate({"extra": ""})]
    return found


def licence_of(made: Distribution) -> str:
    """What its metadata says, with the text of its licence where they say nothing."""
    told = made.metadata
    said = [told.get("License-Expression") or "", (told.get("License") or "")[:200]]
    said += [each for each in told.get_all("Classifier") or [] if each.startswith("License")]
    if not any(said):
        texts = [each for each in made.files or () if "LICEN" in each.name.upper()]
        said = [each.read_text()[:400] for each in texts]
    return " ".join(filter(None, said))


SHIPPED = shipped()


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_nothing_that_is_shipped_is_under_the_gpl(name: str) -> None:
    licence = licence_of(SHIPPED[name])
    assert licence.strip(), f"{name} says nothing of its licence"
    assert not STRONG.search(licence), licence
    carried = [str(each) for each in SHIPPED[name].files or () if CARRIED.search(each.name)]
    assert carried == []


def test_what_would_be_refused() -> None:
    for licence in ("GPL-3.0-or-later", "AGPL-3.0", "GNU General Public License v2 (GPLv2)"):
        assert STRONG.search(licence), licence
    for licence in ("LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "MIT"):
        assert not STRONG.search(licence), licence
    assert CARRIED.search("libx265-4883ecb5.so.217")


def test_the_package_names_what_the_site_installs() -> None:
    named = {each.name.lower() for each in named_in(ROOT / "requirements.txt")}
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", text, re.S | re.M)
    assert block is not None
    package = {Requirement(each).name.lower() for each in re.findall(r'"([^"]+)"', block[1])}
    assert package - named <= {"pypdf"}, package - named
