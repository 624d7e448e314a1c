"""The settings of km_pages: read here, and nowhere else.

Every setting is named ``KM_`` plus the field's name in capitals. ``docs/reference/settings.md``
lists them all; a test proves that list complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

MEBIBYTE = 1024 * 1024


def meaning(default: Any, text: str) -> Any:
    """A dataclass field with ``default`` whose ``metadata["meaning"]`` explains it in one line."""
    return field(default=default, metadata={"meaning": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesConf:
    """All settings of km_pages with their defaults."""

    var: Path = meaning(Path("var"), "Folder for data that is not in the database: index, files.")
    base_template: str = meaning("km_pages/base.html", "Template that every page extends.")
    organisation_member: str = meaning(
        "km_pages.visibility.is_signed_in",
        "Dotted path of a function (user) -> bool: who belongs to the organisation.",
    )
    search_engine: str = meaning(
        "km_pages.search.tantivy.TantivyEngine", "Dotted path of the search engine's class."
    )
    search_folder: Path | None = meaning(None, "Folder of the index; default: search/ in KM_VAR.")
    search_page_size: int = meaning(10, "Results on one page of the search.")
    search_log_days: int = meaning(400, "Days for which counts of searches are kept.")
    search_log_people: int = meaning(
        3, "A query is shown in reports only if so many different people asked it in a month."
    )
    saved_searches_limit: int = meaning(50, "How many searches one person may follow.")
    gap_reports_limit: int = meaning(
        20, "How many things a day one person may tell the knowledge team are missing."
    )
    named_people_limit: int = meaning(50, "How many people may be named on one item.")
    upload_max_bytes: int = meaning(100 * MEBIBYTE, "Largest file that is accepted, in bytes.")
    upload_quota_bytes: int = meaning(
        2048 * MEBIBYTE, "What one person may store in all, in bytes."
    )
    upload_zip: bool = meaning(False, "Whether zip files are taken; nobody can search in them.")
    upload_max_files: int = meaning(20, "How many files one form takes.")
    upload_quota_files: int = meaning(2000, "How many files one person may store in all.")
    clamav: str = meaning(
        "", "Socket path or host:port of clamd; empty: files are not scanned for viruses."
    )
    extract_wall_seconds: int = meaning(60, "Longest time the reading of one file may take.")
    extract_cpu_seconds: int = meaning(30, "CPU seconds the reading of one file may take.")
    extract_memory_bytes: int = meaning(
        2048 * MEBIBYTE, "Address space of the process that reads a file, in bytes."
    )
    extract_output_bytes: int = meaning(
        20 * MEBIBYTE, "Most text that is kept from one file, in bytes."
    )
    ocr_languages: str = meaning(
        "eng",
        "Languages in which tesseract reads scans, such as 'eng+cym'; empty: scans are not read.",
    )
    ocr_pages: int = meaning(200, "Scanned pages that are read in one file.")
    sendfile: str = meaning(
        "",
        "Empty: Django streams files. 'x-accel': nginx does, below KM_SENDFILE_URL. 'signed': "
        "downloads come straight from the S3 bucket, by an address that soon expires.",
    )
    signed_seconds: int = meaning(60, "Seconds for which such an address holds.")
    sendfile_url: str = meaning("/protected/", "Internal nginx location for KM_SENDFILE.")
    job_lease_seconds: int = meaning(120, "How long a worker holds a job before another may.")
    job_attempts: int = meaning(3, "How often a job is tried before a person must look at it.")
    idle_minutes: int = meaning(30, "Minutes without a request after which one is signed out.")
    keep_signed_in_days: int = meaning(14, "Days of 'keep me signed in', where it was chosen.")
    invitation_days: int = meaning(14, "Days for which an invitation can be accepted.")
    sign_in_attempts: int = meaning(8, "Failed sign-ins before an account name has to wait.")
    sign_in_wait_minutes: int = meaning(15, "Minutes that it then has to wait.")
    count_use: bool = meaning(
        True, "Whether pages are counted when they are opened, without persons, for 'most used'."
    )
    sign_in_domains: tuple[str, ...] = meaning(
        (),
        "Mail domains of this organisation alone, whose people sign in by a link; empty: no links.",
    )
    demo: bool = meaning(False, "Whether km_demo may make accounts with a known password.")
    review_months: int = meaning(12, "Months until something published is due for checking.")
    link_check: bool = meaning(
        True,
        "Whether the worker asks other sites, now and then, if what we link to is there.",
    )
    link_check_days: int = meaning(7, "Days until a link that works is checked again.")
    link_check_allowed: tuple[str, ...] = meaning(
        (), "Hosts of one's own network, as 'host' or 'host:port', whose links may be checked too."
    )
    video_hosts: tuple[str, ...] = meaning(
        ("www.youtube-nocookie.com", "player.vimeo.com"),
        "Hosts whose films play inside a page, once a reader asks; empty: none. They belong into "
        "the frame-src of the site's content security policy too.",
    )


@cache
def conf() -> PagesConf:
    """The settings in force, worked out once, and again when tests override them.

    Raises ``TypeError`` or ``ValueError`` for nothing: wrong values are reported by name by the
    system checks in :mod:`km_pages.checks`.
    """
    given = {}
    for each in fields(PagesConf):
        name = f"KM_{each.name.upper()}"
        if hasattr(settings, name):
            given[each.name] = getattr(settings, name)
    return PagesConf(**given)


@cache
def search_folder() -> Path:
    """Where the embedded index lives: ``KM_SEARCH_FOLDER``, else ``search/`` in ``KM_VAR``."""
    current = conf()
    return Path(current.search_folder or Path(current.var) / "search")


def _read_anew(**_kwargs: Any) -> None:
    conf.cache_clear()
    search_folder.cache_clear()


setting_changed.connect(_read_anew, dispatch_uid="km_pages.conf")
