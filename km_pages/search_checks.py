"""System checks of the search: wrong settings are reported by name, before anybody searches."""

from __future__ import annotations

import os
from typing import Any

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004
from django.utils.module_loading import import_string

from km_pages.conf import conf, search_folder
from km_pages.search import Engine

LARGEST_PAGE = 100


def check_search(**_kwargs: Any) -> list[CheckMessage]:
    """Whether the engine can be imported, results fit a page, and the folder can be written."""
    return [*_engine(), *_page_size(), *_folder()]


def _engine() -> list[CheckMessage]:
    name = conf().search_engine
    try:
        engine = import_string(name)
    except ImportError as fault:
        return [
            Error(
                f"KM_SEARCH_ENGINE names {name!r}, which cannot be imported: {fault}",
                hint="Leave it out for the engine that needs nothing else to be installed.",
                id="km_pages.E101",
            )
        ]
    if isinstance(engine, type) and issubclass(engine, Engine):
        return []
    return [
        Error(
            f"KM_SEARCH_ENGINE names {name!r}, which is no km_pages.search.Engine.",
            id="km_pages.E102",
        )
    ]


def _page_size() -> list[CheckMessage]:
    size = conf().search_page_size
    if isinstance(size, int) and 1 <= size <= LARGEST_PAGE:
        return []
    return [
        Error(
            f"KM_SEARCH_PAGE_SIZE is {size!r}; it must be a number from 1 to {LARGEST_PAGE}.",
            id="km_pages.E103",
        )
    ]


def _folder() -> list[CheckMessage]:
    folder = search_folder()
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        return []
    return [
        Warning(
            f"The index cannot be written to {folder}: the search would stay as it is.",
            hint="Give the process the right to write there, or set KM_SEARCH_FOLDER.",
            id="km_pages.W104",
        )
    ]
