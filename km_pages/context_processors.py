"""What the shell around every page needs. Everything is worked out only where a page uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from km_pages.conf import conf
from km_pages.navigation import nav_links
from km_pages.theme import organisation_of, stylesheet, version_of

LONGEST_QUERY = 500


@dataclass(frozen=True)
class Account:
    """Whose session it is; ``name`` stands on every page, because computers are shared."""

    name: str
    is_signed_in: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """``organisation``, ``nav``, ``search_query``, ``account``, ``theme_version``, base template.

    At most three queries a request: the site, its settings, the pages of the navigation; more
    only for links in the footer that lead to pages (one) and for a logo (two).
    """
    organisation = SimpleLazyObject(lambda: organisation_of(request))
    return {
        "organisation": organisation,
        "nav": SimpleLazyObject(lambda: nav_links(request)),
        "search_query": _query(request),
        "account": SimpleLazyObject(lambda: account_of(request)),
        "theme_version": SimpleLazyObject(lambda: version_of(stylesheet(organisation_of(request)))),
        "km_base_template": conf().base_template,
    }


def account_of(request: HttpRequest) -> Account:
    """The name of who is signed in, as colleagues know it."""
    user = request.user
    if not user.is_authenticated:
        return Account("", is_signed_in=False)
    return Account(user.get_full_name() or user.get_username(), is_signed_in=True)


def _query(request: HttpRequest) -> str:
    given = request.GET.get("q", "").replace("\x00", "")
    return " ".join(given.split())[:LONGEST_QUERY]
