"""Static files: nothing from another host, and ``collectstatic`` as a deployment runs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from km_site.static_finders import NAMES, CleanedFinder, cleaned

ROOT = Path(__file__).resolve().parents[2]
OUR_FOLDERS = ["site/static", "km_pages/static", "km_toolkit/static"]
OUTSIDE = re.compile(r"url\(\s*[\"']?(?:https?:)?//|@import\s+[\"'](?:https?:)?//")


@pytest.fixture(autouse=True)
def fresh_finders() -> Any:
    finders.get_finder.cache_clear()
    yield
    finders.get_finder.cache_clear()


def test_fonts_of_other_hosts_and_source_maps_are_taken_out() -> None:
    text = (
        "a{b:c}@font-face{font-family:X;src:url(https://other/x.woff2)}d{e:f}"
        "@font-face{font-family:Y;src:url(y.woff2)}\n/*# sourceMappingURL=x.css.map */"
    )
    assert cleaned(text).strip() == "a{b:c}d{e:f}@font-face{font-family:Y;src:url(y.woff2)}"
    assert cleaned("f();\n//# sourceMappingURL=x.js.map") == "f();\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_package_is_served_cleaned_under_its_own_name(name: str) -> None:
    found = finders.find(name)
    assert found is not None
    text = Path(found).read_text(encoding="utf-8")
    assert len(text) > 10_000
    assert "sourceMappingURL" not in text
    assert not OUTSIDE.search(text)


def test_a_changed_package_is_copied_again() -> None:
    finder = CleanedFinder()
    path = Path(finder.find(NAMES[0]))
    path.write_text("old", encoding="utf-8")
    assert len(Path(finder.find(NAMES[0])).read_text(encoding="utf-8")) > 10_000


def test_other_files_are_left_to_the_other_finders() -> None:
    assert CleanedFinder().find("km_site/shell.css") == []
    assert Path(finders.find("km_site/shell.css")) == ROOT / "site/static/km_site/shell.css"


@pytest.mark.parametrize("folder", OUR_FOLDERS)
def test_our_own_stylesheets_name_no_other_host(folder: str) -> None:
    sheets = list((ROOT / folder).rglob("*.css"))
    assert sheets
    for sheet in sheets:
        assert not OUTSIDE.search(sheet.read_text(encoding="utf-8")), sheet


def test_every_class_that_our_stylesheets_name_is_used_somewhere() -> None:
    """Classes whose last part is a value, such as a phase's colour, cannot be found by name."""
    made_of_values = re.compile(
        r"km-(phase|icon|tag|banner|sample|feedback|fillin__field|body__block|progress__step)--"
    )
    used: set[str] = set()
    for folder in ("templates", "km_pages", "km_toolkit"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".html", ".js", ".py"}:
                used |= set(re.findall(r"km-[a-z0-9_-]+", path.read_text(encoding="utf-8")))
    for folder in OUR_FOLDERS:
        for sheet in (ROOT / folder).rglob("*.css"):
            named = set(re.findall(r"\.(km-[a-z0-9_-]+)", sheet.read_text(encoding="utf-8")))
            unknown = {name for name in named - used if not made_of_values.match(name)}
            assert not unknown, f"{sheet.name}: {sorted(unknown)}"


@pytest.mark.slow
def test_collectstatic_passes_with_hashed_names(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    hashed = list((tmp_path / "static/km_site").glob("shell.????????????.css"))
    assert len(hashed) == 1
