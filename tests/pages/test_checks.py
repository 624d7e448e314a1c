"""Settings that lose data or tell secrets are named before the site starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from km_site.settings.base import SQLITE_OPTIONS

from km_pages.checks import (
    check_no_demonstration,
    check_places,
    check_settings,
    check_sqlite,
    check_wiring,
)
from km_pages.conf import conf, search_folder

# Nothing is opened: the checks only read what is set.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x.sqlite3"}


def ids(found: Any) -> list[str]:
    return [each.id for each in found]


def test_the_settings_of_the_site_are_right() -> None:
    assert [each for each in run_checks() if each.id.startswith("km_pages")] == []


def test_the_checks_are_asked_at_every_start_and_the_last_before_a_deployment(
    settings: Any,
) -> None:
    settings.KM_IDLE_MINUTES = "thirty"
    settings.KM_DEMO = True
    assert "km_pages.E110" in ids(run_checks())
    assert "km_pages.E150" not in ids(run_checks())
    assert "km_pages.E150" in ids(run_checks(include_deployment_checks=True))


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("KM_UPLOAD_MAX_BYTES", "100 MB", "km_pages.E110"),
        ("KM_UPLOAD_MAX_FILES", 0, "km_pages.E110"),
        ("KM_JOB_ATTEMPTS", -1, "km_pages.E110"),
        ("KM_JOB_ATTEMPTS", True, "km_pages.E110"),
        ("KM_DEMO", "yes", "km_pages.E110"),
        ("KM_CLAMAV", None, "km_pages.E110"),
        ("KM_VAR", 7, "km_pages.E110"),
        ("KM_SENDFILE", "apache", "km_pages.E111"),
        ("KM_ORGANISATION_MEMBER", "no.such.function", "km_pages.E112"),
        ("KM_ORGANISATION_MEMBER", "nothing", "km_pages.E112"),
    ],
)
def test_a_wrong_value_is_named(settings: Any, name: str, value: Any, found: str) -> None:
    setattr(settings, name, value)
    (message,) = check_settings()
    assert message.id == found
    assert name in message.msg
    assert repr(value) in message.msg


def test_nobody_is_signed_out_for_idleness_where_that_is_turned_off(settings: Any) -> None:
    settings.KM_IDLE_MINUTES = 0
    assert check_settings() == []


def knowledge(settings: Any, **options: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "knowledge": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": options,
        },
    }


@pytest.mark.parametrize("below", ["media", "media/files", "static/x"])
def test_private_files_in_a_public_folder_are_refused(
    settings: Any, tmp_path: Path, below: str
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    knowledge(settings, location=tmp_path / below)
    assert set(ids(check_places())) == {"km_pages.E121"}


def test_a_storage_without_a_place_of_its_own_would_be_the_public_one(settings: Any) -> None:
    knowledge(settings)
    assert "km_pages.E121" in ids(check_places())


def test_a_link_from_the_public_folder_does_not_hide_it(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path / "media")
    knowledge(settings, location=tmp_path / "elsewhere" / "files")
    assert "km_pages.E121" in ids(check_places())


def test_no_private_storage_at_all_is_said(settings: Any) -> None:
    settings.STORAGES = {k: v for k, v in settings.STORAGES.items() if k != "knowledge"}
    assert ids(check_places()) == ["km_pages.E120"]


def test_the_index_holds_private_text_and_must_not_be_public(settings: Any, tmp_path: Path) -> None:
    settings.KM_SEARCH_FOLDER = tmp_path / "media" / "search"
    assert set(ids(check_places())) == {"km_pages.E121"}


def test_the_sqlite_options_of_the_site_lose_nothing(settings: Any) -> None:
    settings.DATABASES = {"default": {**SQLITE, "OPTIONS": SQLITE_OPTIONS}}
    assert check_sqlite() == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, ["transaction_mode", "journal_mode", "timeout"]),
        ({**SQLITE_OPTIONS, "transaction_mode": "DEFERRED"}, ["transaction_mode"]),
        ({**SQLITE_OPTIONS, "init_command": ""}, ["journal_mode"]),
        ({**SQLITE_OPTIONS, "timeout": 5}, ["timeout"]),
    ],
)
def test_sqlite_options_that_lose_writes_are_named(
    settings: Any, options: dict[str, Any], named: list[str]
) -> None:
    settings.DATABASES = {"default": {**SQLITE, "OPTIONS": options}}
    (message,) = check_sqlite()
    assert message.id == "km_pages.W130"
    assert [
        each for each in ("transaction_mode", "journal_mode", "timeout") if each in message.msg
    ] == named


def test_other_databases_are_left_alone(settings: Any) -> None:
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "km"}}
    assert check_sqlite() == []


def test_a_host_site_that_left_something_out_is_told(settings: Any) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "keep_private" not in each]
    settings.WAGTAIL_FINISH_WORKFLOW_ACTION = ""
    assert ids(check_wiring()) == ["km_pages.W140", "km_pages.W141"]


def test_redirects_that_tell_of_private_pages_are_named(settings: Any) -> None:
    assert check_wiring() == []
    wagtails = "wagtail.contrib.redirects.middleware.RedirectMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, wagtails]
    assert ids(check_wiring()) == ["km_pages.W142"]


def test_a_demonstration_is_no_deployment(settings: Any) -> None:
    settings.KM_DEMO = False
    assert check_no_demonstration() == []
    settings.KM_DEMO = True
    assert ids(check_no_demonstration()) == ["km_pages.E150"]


def test_settings_are_worked_out_once_and_anew_where_one_changes() -> None:
    before = conf()
    assert conf() is before
    size = before.search_page_size + 1
    with override_settings(KM_SEARCH_PAGE_SIZE=size, KM_SEARCH_FOLDER="/elsewhere"):
        assert conf().search_page_size == size
        assert search_folder() == Path("/elsewhere")
    assert (conf(), search_folder() == Path("/elsewhere")) == (before, False)
