"""Whatever is typed into an address or a form gets an answer that helps, and never a fault.

Every address and every form is found by itself: the addresses from the table of who may open what,
the forms from the pages that those addresses show, the names of parameters from the code.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from tests.factories import tree_root
from tests.project import test_who_may_open_what as table

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
# A half of a pair, which is no text in any encoding.
LONE_SURROGATE = b"\xed\xa0\x80"
VALUES: dict[str, str | bytes] = {
    "8 kB": "x" * 8192,
    "words": "a AND OR NOT NEAR( * " * 20,
    "quotes": '"\'`\\" \'\' ""',
    "nul": "before\0after",
    "surrogate": LONE_SURROGATE,
    "no utf-8": b"\xff\xfe\x00",
    "emoji": "🙂🏽‍⚕️",
    "right to left": "\u202eשלום\u202c",
    "negative": "-1",
    "huge": "9" * 40,
    "float": "1e99",
    "nan": "nan",
    "dunder": "__class__",
    "braces": "{{ 7*7 }} %s %(a)s {0}",
    "markup": "<script>alert(1)</script>",
    "no date": "2026-02-31",
    "old date": "0001-01-01",
    "path": "../../etc/passwd",
    "lines": "a\r\nSet-Cookie: b=c\r\n\r\n",
    "empty": "",
    "arabic digits": "٣",
    "raised digit": "²",
}
FEW = ("nul", "8 kB", "surrogate", "negative", "huge", "empty", "no date", "float", "raised digit")
ONE_BY_ONE = ("nul", "huge", "surrogate", "empty", "raised digit")
READERS = ("anonymous", "owner", "superuser")
OTHERS = ("holder", "steward", "manager", "anonymous")
SOAK = os.environ.get("KM_SOAK") == "1"
LONG = pytest.mark.soak
WRITERS = ("owner", *(pytest.param(each, marks=LONG) for each in OTHERS))
SENDERS = ("owner", "manager", "anonymous")
ASKED = re.compile(r"""(?:GET|POST|given|params|data)\.get(?:list)?\(\s*["']([\w-]+)["']""")


def asked_names() -> list[str]:
    """Names of parameters that any code of ours asks for, and some that none does."""
    found = {"page", "sort", "next", "filter[x]", "order_by", "id", "pk", "__proto__"}
    for folder in ("km_pages", "km_toolkit", "site"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(ASKED.findall(path.read_text(encoding="utf-8")))
    return sorted(found)


def encoded(value: str | bytes) -> str:
    return quote_from_bytes(value) if isinstance(value, bytes) else quote(value)


def form_body(fields: dict[str, list[str | bytes]]) -> bytes:
    pairs = [f"{quote(name)}={encoded(each)}" for name, values in fields.items() for each in values]
    return "&".join(pairs).encode()


@pytest.fixture
def world() -> dict[str, Any]:
    tree_root()
    return table.world.__wrapped__()  # type: ignore[attr-defined]


def addresses(world: dict[str, Any]) -> dict[str, str]:
    """One address of every route, and of every page that is published."""
    found = {
        name: reverse(name, kwargs=table.arguments(world, named))
        for name, (named, _roles) in table.ROUTES.items()
    }
    pages = Page.objects.filter(depth__gt=1, live=True).specific()
    return {**found, **{f"page {page.pk}": page.url for page in pages if page.url}}


def faults(answers: Iterator[tuple[str, Any]]) -> list[str]:
    """Where there was a fault, and which; once for each kind."""
    found = {}
    for where, answer in answers:
        if answer.status_code >= 500:
            fault = getattr(answer, "exc_info", None)
            found.setdefault(f"{where.split()[0]} {fault[1]!r:.150}" if fault else where, where)
    return [f"{where}: {what}" for what, where in found.items()]


def client_of(world: dict[str, Any], role: str) -> Client:
    """A browser that is shown a page for a fault, as people are."""
    client = table.client_of(world, role)
    client.raise_request_exception = False
    return client


@LONG
@pytest.mark.parametrize("role", READERS)
def test_no_address_fails_over_what_stands_behind_it(world: dict[str, Any], role: str) -> None:
    """Case 19. Each name gets some of the values from each reader, and all of them from all."""
    client, names = client_of(world, role), asked_names()
    assert {"q", "page", "sort", "team"} <= set(names)
    values, first = list(VALUES.values()), READERS.index(role)
    turns = range(len(values)) if SOAK else range(first, len(values), len(READERS))

    def ask() -> Iterator[tuple[str, Any]]:
        for name, address in addresses(world).items():
            for turn in turns:
                pairs = [(n, values[(turn + at) % len(values)]) for at, n in enumerate(names)]
                query = "&".join(f"{each}={encoded(value)}" for each, value in pairs)
                with undone():
                    yield f"{name} {turn}", client.get(f"{address}?{query}")

    assert faults(ask()) == []


def test_a_parameter_given_many_times_or_without_a_value_is_no_fault(
    world: dict[str, Any],
) -> None:
    client, names = client_of(world, "superuser"), asked_names()
    queries = [
        "&".join(f"{name}={n}" for name in names for n in range(30)),
        "&".join(names),
        "&".join(f"{name}[]=1&{name}[a]=2" for name in names),
        "%",
        "=&=&==",
        "&" * 900,
    ]

    def ask() -> Iterator[tuple[str, Any]]:
        for name, address in addresses(world).items():
            for query in queries:
                yield f"{name} {query[:20]}", client.get(f"{address}?{query}")

    assert faults(ask()) == []


PARTS = ["%00", "%ED%A0%80", "%FF", "x" * 3000, "..%2F..%2Fetc", "%0d%0aX:y", "-1", "9" * 18, "0"]


def test_no_address_fails_over_its_own_parts(world: dict[str, Any]) -> None:
    """Keys that nothing has, text where a number stands, bytes that are no text."""
    client = client_of(world, "superuser")

    def ask() -> Iterator[tuple[str, Any]]:
        for name, path in table.routes():
            if "<" not in path:
                continue
            for part in PARTS:
                yield name, client.get("/" + re.sub(r"<[^>]+>", part, path).lstrip("/^"))

    assert faults(ask()) == []


class undone(transaction.Atomic):  # noqa: N801 - reads as a word
    """A block whose changes are taken back, so that the next begins on the same world."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *given: Any) -> None:
        if given[0] is None:
            transaction.set_rollback(True)
        super().__exit__(*given)


def forms_on(client: Client, address: str) -> Iterator[tuple[str, dict[str, list[str | bytes]]]]:
    """Where the forms of a page are sent to, with the fields as they stand."""
    answer = client.get(address)
    if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
        return
    for form in BeautifulSoup(answer.content, "html.parser").find_all("form", method="post"):
        fields: dict[str, list[str | bytes]] = {}
        for each in form.find_all(["input", "textarea", "select", "button"]):
            name, kind = each.get("name"), each.get("type")
            if not name or kind == "file" or name == "csrfmiddlewaretoken":
                continue
            if kind in ("radio", "checkbox") and not each.has_attr("checked"):
                fields.setdefault(name, [])
                continue
            if each.name == "select":
                chosen = each.find("option", selected=True) or each.find("option")
                value = chosen.get("value", "") if chosen else ""
            else:
                value = each.text if each.name == "textarea" else each.get("value", "")
            if each.name == "button" and name in fields:
                continue
            fields.setdefault(name, []).append(value)
        yield form.get("action") or address, fields


def bent(
    fields: dict[str, list[str | bytes]],
) -> Iterator[tuple[str, dict[str, list[str | bytes]]]]:
    """The fields with each bad value in all of them, and with some of them in each alone."""
    buttons = {"do"}
    for what in VALUES if SOAK else FEW:
        value = VALUES[what]
        yield f"all {what}", {n: v if n in buttons else [value] for n, v in fields.items()}
        yield f"buttons too {what}", {name: [value] for name in fields}
    for name in fields:
        for what in ONE_BY_ONE:
            yield f"{name} {what}", {**fields, name: [VALUES[what]]}
        yield f"without {name}", {n: v for n, v in fields.items() if n != name}
        yield f"{name} many times", {**fields, name: ["1", "2", "x"] * 20}


@pytest.mark.parametrize("role", WRITERS)
def test_no_form_fails_over_what_is_typed_into_it(world: dict[str, Any], role: str) -> None:
    client = client_of(world, role)
    seen: set[str] = set()

    def ask() -> Iterator[tuple[str, Any]]:
        for address in list(addresses(world).values()):
            for action, fields in list(forms_on(client, address)):
                known = f"{re.sub(r'[0-9]+', '0', action)} {sorted(fields)}"
                if known in seen or action.endswith("/sign-out/"):
                    continue
                seen.add(known)
                for what, given in bent(fields):
                    with undone():
                        yield f"{action} {what}", post(client, action, form_body(given))

    assert faults(ask()) == []
    assert len(seen) >= (3 if role == "anonymous" else 6)


def post(client: Client, address: str, body: bytes) -> Any:
    return client.generic("POST", address, body, "application/x-www-form-urlencoded")


@LONG
@pytest.mark.parametrize("role", SENDERS)
def test_no_address_fails_over_a_form_that_nobody_made(world: dict[str, Any], role: str) -> None:
    """POST to every address, with every name that any code asks for, and bodies of other kinds."""
    client, names = client_of(world, role), asked_names()
    bodies = [
        (b"", "application/x-www-form-urlencoded"),
        (b"{", "application/json"),
        (b'{"a": ' * 500, "application/json"),
        (b"[1]", "application/json"),
        (b"x", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name=""\r\n\r\n\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
        (LONE_SURROGATE, "text/plain; charset=no-such-charset"),
    ]

    def ask() -> Iterator[tuple[str, Any]]:
        for name, address in addresses(world).items():
            if name == "logout":
                continue
            for what in VALUES if SOAK else FEW:
                with undone():
                    body = form_body({each: [VALUES[what]] for each in names})
                    yield f"{name} {what}", post(client, address, body)
            for body, kind in bodies:
                with undone():
                    yield f"{name} {kind}", client.generic("POST", address, body, kind)

    assert faults(ask()) == []


def test_an_unknown_method_is_refused_everywhere(world: dict[str, Any]) -> None:
    client = client_of(world, "superuser")

    def ask() -> Iterator[tuple[str, Any]]:
        for name, address in addresses(world).items():
            for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "HEAD"):
                with undone():
                    yield f"{method} {name}", client.generic(method, address)

    assert faults(ask()) == []


def test_a_name_that_nothing_asks_for_changes_nothing(world: dict[str, Any]) -> None:
    """No name of a parameter becomes the name of a column or an attribute."""
    client = client_of(world, "owner")
    plain = client.get(reverse("km_pages:search") + "?q=zebra")
    hostile = {"user__password": "x", "objects": "1", "exclude": "1", "tokens": "open", "scope": ""}
    bent_answer = client.get(reverse("km_pages:search") + "?q=zebra&" + urlencode(hostile))
    assert plain.content.count(b"<article") == bent_answer.content.count(b"<article")
