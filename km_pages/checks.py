"""System checks: what would lose data, tell secrets or stop at the first request is named before.

Errors stop every command; warnings are printed. Those of the search are in ``search_checks``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.core.files.storage import FileSystemStorage, InvalidStorageError, storages
from django.utils.module_loading import import_string

from km_pages.conf import PagesConf, conf, search_folder

SHORTEST_TIMEOUT = 10
MAY_BE_ZERO = {"idle_minutes"}
SENDFILE = ("", "x-accel", "signed")
MIDDLEWARE = ("km_pages.middleware.keep_private", "km_pages.middleware.sign_out_when_idle")
WAGTAILS_REDIRECTS = "wagtail.contrib.redirects.middleware.RedirectMiddleware"
# Mail domains that people of many organisations share: an address there proves nothing about who
# employs its reader. Not complete, but the ones that are most likely to be given by mistake.
SHARED_MAIL = frozenset(
    "aol.com btinternet.com fastmail.com gmail.com gmx.com gmx.net googlemail.com hotmail.co.uk "
    "hotmail.com icloud.com live.co.uk live.com mac.com mail.com me.com msn.com nhs.net "
    "outlook.com proton.me protonmail.com sky.com talktalk.net virginmedia.com yahoo.co.uk "
    "yahoo.com zoho.com".split()
)
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
FINISH = "km_pages.actions.finish_workflow.publish"


def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """Whether every ``KM_`` setting has a value of its kind."""
    found: list[CheckMessage] = []
    current = conf()
    for each in fields(PagesConf):
        value, problem = getattr(current, each.name), ""
        if type(each.default) is int:
            lowest = 0 if each.name in MAY_BE_ZERO else 1
            if type(value) is not int or value < lowest:
                problem = f"must be a whole number of at least {lowest}"
        elif isinstance(each.default, bool) and not isinstance(value, bool):
            problem = "must be True or False"
        elif isinstance(each.default, str) and not isinstance(value, str):
            problem = "must be text"
        elif isinstance(each.default, Path) and not isinstance(value, Path | str):
            problem = "must be the path of a folder"
        if problem and each.name != "search_page_size":
            name = f"KM_{each.name.upper()}"
            found.append(Error(f"{name} is {value!r}; it {problem}.", id="km_pages.E110"))
    return [*found, *_choices(current)]


def _choices(current: PagesConf) -> Iterator[CheckMessage]:
    if current.sendfile not in SENDFILE:
        words = f"KM_SENDFILE is {current.sendfile!r}; it must be empty, 'x-accel' or 'signed'."
        yield Error(words, id="km_pages.E111")
    try:
        callable_found = callable(import_string(str(current.organisation_member)))
    except ImportError:
        callable_found = False
    yield from _sign_in_domains(current.sign_in_domains)
    yield from _video_hosts(current.video_hosts)
    if not callable_found:
        yield Error(
            f"KM_ORGANISATION_MEMBER names {current.organisation_member!r}, which is no function "
            "that can be imported.",
            id="km_pages.E112",
        )


def _sign_in_domains(domains: Any) -> Iterator[CheckMessage]:
    if not isinstance(domains, tuple | list) or not all(
        isinstance(each, str) and "." in each and "@" not in each for each in domains
    ):
        words = f'KM_SIGN_IN_DOMAINS is {domains!r}; it must be a tuple such as ("example.org",).'
        yield Error(words, id="km_pages.E113")
        return
    for each in sorted({each.lower() for each in domains} & SHARED_MAIL):
        yield Error(
            f"KM_SIGN_IN_DOMAINS names {each}, where people of many organisations have addresses: "
            "all of them could make themselves an account.",
            hint="Leave it out, and invite people with such addresses.",
            id="km_pages.E114",
        )


def _video_hosts(hosts: Any) -> Iterator[CheckMessage]:
    """They stand in a header, so nothing else may be in them, and no star that allows any host."""
    if not isinstance(hosts, tuple | list) or not all(
        isinstance(each, str) and HOST.fullmatch(each) for each in hosts
    ):
        words = f'KM_VIDEO_HOSTS is {hosts!r}; it must be a tuple such as ("player.vimeo.com",).'
        yield Error(words, hint="Host names in small letters, no https://.", id="km_pages.E115")


def check_places(**_kwargs: Any) -> list[CheckMessage]:
    """Whether what is private stands outside of what every web server gives to everybody."""
    found: list[CheckMessage] = []
    private = {"the index (KM_SEARCH_FOLDER)": search_folder()}
    try:
        storage = storages["knowledge"]
    except InvalidStorageError:
        return [
            Error(
                'STORAGES has no "knowledge", so there is no private place for uploaded files.',
                hint="docs/how-to/install.md shows the lines.",
                id="km_pages.E120",
            )
        ]
    if isinstance(storage, FileSystemStorage):
        private['the files of STORAGES["knowledge"]'] = Path(storage.location)
        private["the uploads on their way in (KM_VAR)"] = Path(conf().var) / "incoming"
    for what, folder in private.items():
        for name, root in _public_folders():
            if folder.resolve().is_relative_to(root):
                found.append(
                    Error(
                        f"{name} is public, and {what} would stand in it: {folder}.",
                        hint=f"Put it beside {name}, not below it.",
                        id="km_pages.E121",
                    )
                )
    return [*found, *_sending(storage)]


def _sending(storage: Any) -> Iterator[CheckMessage]:
    """Whether the storage can do what KM_SENDFILE asks, and is not where public files are."""
    can = {"x-accel": isinstance(storage, FileSystemStorage), "signed": hasattr(storage, "signed")}
    if not can.get(conf().sendfile, True):
        yield Error(
            f'KM_SENDFILE is {conf().sendfile!r}, which STORAGES["knowledge"] cannot do.',
            hint="'x-accel' needs a local folder, 'signed' km_pages.files.s3.PrivateS3Storage.",
            id="km_pages.E122",
        )
    bucket = getattr(storage, "bucket_name", None)
    if bucket and bucket == getattr(storages["default"], "bucket_name", None):
        yield Error(
            f'The bucket {bucket!r} holds public files, and those of STORAGES["knowledge"] too.',
            hint="Give uploaded files a bucket of their own that nobody else may read.",
            id="km_pages.E123",
        )


def _public_folders() -> Iterator[tuple[str, Path]]:
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        if value := getattr(settings, name, None):
            yield name, Path(value).resolve()
    if isinstance(storages["default"], FileSystemStorage):
        yield 'STORAGES["default"]', Path(storages["default"].location).resolve()


def check_sqlite(**_kwargs: Any) -> list[CheckMessage]:
    """Whether SQLite is set up so that concurrent writes wait instead of being lost.

    Measured with the default options: 40 of 320 concurrent writes were lost.
    """
    return [
        Warning(
            f"The database {alias!r} loses writes when several people work: {', '.join(wrong)}.",
            hint="Set the OPTIONS that docs/how-to/install.md shows for SQLite.",
            id="km_pages.W130",
        )
        for alias, database in settings.DATABASES.items()
        if database.get("ENGINE", "").endswith("sqlite3")
        and (wrong := list(_losing(database.get("OPTIONS") or {})))
    ]


def _losing(options: dict[str, Any]) -> Iterator[str]:
    if str(options.get("transaction_mode", "")).upper() not in ("IMMEDIATE", "EXCLUSIVE"):
        yield "transaction_mode is not IMMEDIATE"
    if "journal_mode=wal" not in str(options.get("init_command", "")).lower().replace(" ", ""):
        yield "journal_mode is not WAL"
    if float(options.get("timeout", 5)) < SHORTEST_TIMEOUT:
        yield f"timeout is below {SHORTEST_TIMEOUT} seconds"


def check_wiring(**_kwargs: Any) -> list[CheckMessage]:
    """Whether a host site has taken in what keeps readers' pages private and lets stewards act."""
    found: list[CheckMessage] = [
        Warning(
            f"{name} is not in MIDDLEWARE.",
            hint="Put it after Django's middleware for authentication and messages.",
            id="km_pages.W140",
        )
        for name in MIDDLEWARE
        if name not in settings.MIDDLEWARE
    ]
    if WAGTAILS_REDIRECTS in settings.MIDDLEWARE:
        found.append(
            Warning(
                "Old addresses of private pages tell everybody what they are called now.",
                hint=f"Put km_pages.old_addresses.lead_on in the place of {WAGTAILS_REDIRECTS}.",
                id="km_pages.W142",
            )
        )
    if not getattr(settings, "WAGTAIL_FINISH_WORKFLOW_ACTION", ""):
        found.append(
            Warning(
                "Stewards may approve, but not publish: what they approve would be refused.",
                hint=f'Set WAGTAIL_FINISH_WORKFLOW_ACTION = "{FINISH}".',
                id="km_pages.W141",
            )
        )
    return found


def check_no_demonstration(**_kwargs: Any) -> list[CheckMessage]:
    """Whether a deployment is without accounts whose password everybody knows."""
    if not conf().demo:
        return []
    return [
        Error(
            "KM_DEMO is on: accounts with a known password could be made on a real site.",
            hint="Leave KM_DEMO out, and run manage.py km_demo --remove.",
            id="km_pages.E150",
        )
    ]


ALWAYS = (check_settings, check_places, check_sqlite, check_wiring)
BEFORE_DEPLOYMENT = (check_no_demonstration,)
