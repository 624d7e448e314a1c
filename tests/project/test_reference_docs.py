"""The reference pages say all that the code says, and the README stays short and true."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from km_pages.conf import PagesConf

ROOT = Path(__file__).resolve().parents[2]


def test_the_reference_pages_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert [f for f in fields(PagesConf) if f"`KM_{f.name.upper()}`" not in text] == []


def test_every_setting_that_the_code_reads_is_a_field_of_the_dataclass() -> None:
    known = {each.name for each in fields(PagesConf)}
    read = set()
    for path in (ROOT / "km_pages").rglob("*.py"):
        read |= set(re.findall(r"conf\(\)\.(\w+)", path.read_text(encoding="utf-8")))
    assert read <= known


def test_every_environment_variable_of_a_deployment_is_in_its_guide() -> None:
    settings = ROOT / "site" / "km_site" / "settings"
    text = "".join((settings / f"{name}.py").read_text() for name in ("base", "production"))
    read = set(re.findall(r"""(?:environ\.get\(|environ\[|required\()"([A-Z][A-Z0-9_]+)\"""", text))
    guides = "".join(path.read_text() for path in (ROOT / "docs" / "how-to").glob("*.md"))
    assert len(read) > 20
    assert sorted(each for each in read if f"`{each}" not in guides) == []


def test_every_hook_says_what_function_it_takes_and_every_signal_is_named() -> None:
    text = (ROOT / "docs" / "reference" / "extending.md").read_text()
    hooks = re.findall(r"^- `km_\w+` \(`[\w.]+_HOOK`\)(.*)$", text, re.MULTILINE)
    assert len(hooks) > 10
    assert [each for each in hooks if not re.match(r": A function \(.*\)", each)] == []
    for app in ("km_pages", "km_toolkit"):
        found = re.findall(
            r"^(\w+) = Signal", (ROOT / app / "signals.py").read_text(), re.MULTILINE
        )
        assert [name for name in found if f"- `{name}`: " not in text] == []


def test_the_readme_is_short_and_its_files_are_there() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 120
    named = re.findall(r"`((?:docs|km_pages|km_toolkit|tests|site)/[\w./-]+)`", text)
    named += re.findall(r"\]\((docs/[\w./-]+)\)", text)
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_the_layout_is_the_agreed_one() -> None:
    for name in ("manage.py", "site", "km_pages", "km_toolkit", "templates", "tests"):
        assert (ROOT / name).exists(), name
    assert (ROOT / "requirements.txt").is_file()
    assert not (ROOT / "site" / "__init__.py").exists(), "the standard library owns that name"
