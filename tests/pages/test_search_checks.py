"""Wrong settings of the search are reported by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from km_pages.search_checks import check_search


def test_the_settings_of_the_tests_are_right() -> None:
    assert [each for each in run_checks() if each.id in {"km_pages.E101", "km_pages.E103"}] == []
    assert check_search() == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("KM_SEARCH_ENGINE", "no.such.Engine", "km_pages.E101"),
        ("KM_SEARCH_ENGINE", "pathlib.Path", "km_pages.E102"),
        ("KM_SEARCH_PAGE_SIZE", 0, "km_pages.E103"),
        ("KM_SEARCH_PAGE_SIZE", "many", "km_pages.E103"),
        ("KM_SEARCH_FOLDER", Path("/dev/null/search"), "km_pages.W104"),
    ],
)
def test_a_wrong_setting_is_named(settings: Any, name: str, value: Any, found: str) -> None:
    setattr(settings, name, value)
    (message,) = check_search()
    assert message.id == found
    assert name in message.msg or str(value) in message.msg
