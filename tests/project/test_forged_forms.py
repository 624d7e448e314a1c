"""A form that was made elsewhere changes nothing anywhere, and neither does looking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import tree_root
from tests.project import test_who_may_open_what as table

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Those with a part in something, and the one with every right.
ROLES = ("owner", "superuser")
WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# Who is signed in, and the lines of settings that are made when they are first needed.
ALLOWED = {
    "django_session",
    "km_pages_sitesettings",
    "km_toolkit_learningsettings",
    "wagtailusers_userprofile",
}
# Programs send these without a form: they need a signed token of another kind, and without a right
# one they change nothing.
BY_PROGRAMS = {"km_pages:search_opened", "km_pages:stop_following"}


@pytest.fixture
def world() -> dict[str, Any]:
    tree_root()
    return table.world.__wrapped__()  # type: ignore[attr-defined]


def written(queries: CaptureQueriesContext) -> set[str]:
    """The tables that were changed."""
    found = (WRITE.match(each["sql"]) for each in queries.captured_queries)
    return {each[1] for each in found if each} - ALLOWED


def asked(world: dict[str, Any], method: str) -> Iterator[tuple[str, int, set[str]]]:
    """Every address, asked by everybody with a right, with what it changed."""
    for role in ROLES:
        client = Client(enforce_csrf_checks=True)
        client.force_login(world["people"][role])
        for name, (arguments, _roles) in table.ROUTES.items():
            address = reverse(name, kwargs=table.arguments(world, arguments))
            with CaptureQueriesContext(connection) as queries:
                answer = client.generic(method, address)
            yield f"{role} {name}", answer.status_code, written(queries)


def test_neither_forms_without_their_token_nor_looking_change_anything(
    world: dict[str, Any],
) -> None:
    """Case 29."""
    for method in ("POST", "GET"):
        answers = list(asked(world, method))
        assert [(where, tables) for where, _status, tables in answers if tables] == [], method
        if method == "POST":
            taken = {where.split()[1] for where, status, _tables in answers if status < 300}
            assert taken <= BY_PROGRAMS
