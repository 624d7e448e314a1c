"""Asking other sites: only public ones, only what was looked at, and never for long."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from km_pages.links.addresses import NotPublicError, OfflineError, is_public, target_of
from km_pages.links.asking import ALIVE, GONE, PRIVATE, SHUT, SILENT, ask
from km_pages.links.finding import addresses_in
from tests.links.server import Site, serving


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


def answer(site: Site, path: str, **options: Any) -> Any:
    return ask(site.url(path), agent="us", allowed=frozenset([site.host]), **options)


@pytest.mark.parametrize(
    ("path", "state", "status"),
    [
        ("/200", ALIVE, 200),
        ("/404", GONE, 404),
        ("/410", GONE, 410),
        ("/403", SHUT, 403),
        ("/429", SHUT, 429),
        ("/503", SILENT, 503),
        ("/no-head", ALIVE, 200),
        ("/to//200", ALIVE, 200),
        ("/to//404", GONE, 404),
    ],
)
def test_what_a_site_says_is_understood(site: Site, path: str, state: str, status: int) -> None:
    said = answer(site, path)
    assert (said.state, said.status) == (state, status)


def test_it_asks_by_head_first_and_by_get_only_where_that_is_refused(site: Site) -> None:
    site.asked.clear()
    answer(site, "/200")
    answer(site, "/no-head")
    assert site.asked == [("HEAD", "/200"), ("HEAD", "/no-head"), ("GET", "/no-head")]
    assert site.agents == {"us"}


def test_a_circle_of_redirects_ends(site: Site) -> None:
    assert answer(site, "/loop").reason == "too many redirects"


@pytest.mark.parametrize("path", ["/drip", "/huge"])
def test_it_ends_in_time_whatever_is_sent(site: Site, path: str) -> None:
    begun = time.monotonic()
    answer(site, path, seconds=1)
    assert time.monotonic() - begun < 3


def test_who_does_not_listen_is_silent(site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = ask(f"http://127.0.0.1:{port}/", agent="us", allowed=frozenset([f"127.0.0.1:{port}"]))
    assert said.state == SILENT


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "ff02::1",
    ],
)
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://user:secret@8.8.8.8/",
        "ftp://8.8.8.8/",
        "http://8.8.8.8:22/",
        "http://8.8.8.8:99999/",
        "http:///nothing",
        "file:///etc/passwd",
    ],
)
def test_nobody_inside_the_network_and_nothing_but_the_web_is_asked(url: str) -> None:
    assert ask(url, agent="us").state == PRIVATE


def test_a_public_site_cannot_send_us_to_a_private_one(site: Site) -> None:
    said = answer(site, "/to/http://127.0.0.1:1/admin")
    assert said.state == PRIVATE
    assert ask(site.url("/200"), agent="us").state == PRIVATE


def named(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let every name resolve to ``answers``, one list after the other; returns who was asked."""
    asked: list[str] = []
    left = list(answers)

    def resolve(host: str, port: int, **_kwargs: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0)
        kinds = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in found]
        return [(kind, 1, 6, "", (each, port)) for kind, each in zip(kinds, found, strict=True)]

    monkeypatch.setattr("km_pages.links.addresses.socket.getaddrinfo", resolve)
    return asked


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(NotPublicError):
        target_of("https://rebind.example/")


def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = named(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    called: list[Any] = []

    def connect(address: Any, **_kwargs: Any) -> Any:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("km_pages.links.asking.socket.create_connection", connect)
    assert ask("http://rebind.example/x", agent="us").state == SILENT
    assert called == [("93.184.216.34", 80)]
    assert asked == ["rebind.example"]


def test_a_machine_without_a_net_blames_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr("km_pages.links.addresses.socket.getaddrinfo", resolve)
    with pytest.raises(OfflineError):
        ask("https://example.org/", agent="us")


def test_links_are_found_in_addresses_rich_text_and_blocks_and_words_are_left_alone() -> None:
    content = {
        "video_url": "https://video.example/1#part",
        "purpose": "See https://words.example/ for more",
        "body": '[{"type": "text", "value": "<p><a href=\\"https://text.example/?a=1&amp;b=2\\">'
        'x</a><a linktype=\\"page\\" id=\\"3\\">y</a></p>"}]',
        "rows": [{"source": {"url": "HTTP://rows.example/a"}}, "mailto:a@b.example", None, 3],
        "broken": "[not json",
        "odd": "http://[broken",
    }
    assert addresses_in(content) == {
        "https://video.example/1",
        "https://text.example/?a=1&b=2",
        "http://rows.example/a",
    }
