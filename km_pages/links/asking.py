"""Ask whether an address still answers: politely, with limits, and nobody inside the own network.

Each step of a redirect is looked at like the first address: a public site must not be able to send
us to a machine beside ours.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from km_pages.links.addresses import (
    PORTS,
    NoSuchHostError,
    NotPublicError,
    OfflineError,
    Target,
    is_offline,
    target_of,
)

ALIVE, GONE, SHUT, SILENT, PRIVATE = "alive", "gone", "shut", "silent", "private"
SECONDS = 10.0
MOST_REDIRECTS = 5
MOST_BYTES = 64 * 1024
REDIRECTS = (301, 302, 303, 307, 308)
# The page is not there; the site is, but lets no program in; there is too much to do just now.
NOT_THERE = (404, 410)
NOT_FOR_PROGRAMS = (401, 402, 403, 405, 406, 407, 408, 412, 418, 421, 423, 425, 428, 429, 451, 999)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: ``state`` is one of the five above; ``status`` is HTTP's, if there was one.

    ``reason`` is a short technical word, such as ``timeout``; ``address`` is where it ended.
    """

    state: str
    status: int | None = None
    reason: str = ""
    address: str = ""


def ask(
    url: str, *, agent: str, allowed: frozenset[str] = frozenset(), seconds: float = SECONDS
) -> Answer:
    """Ask ``url``: HEAD first, then GET where that is refused. Takes at most ``seconds``.

    The lookup of the name comes on top. Raises ``OfflineError`` where this machine has no
    connection at all.
    """
    until = time.monotonic() + seconds
    try:
        return _follow(url, agent=agent, allowed=allowed, until=until)
    except NotPublicError:
        return Answer(PRIVATE)
    except NoSuchHostError:
        return Answer(SILENT, reason="no such host")
    except ssl.SSLError:
        return Answer(SILENT, reason="certificate")
    except TimeoutError:
        return Answer(SILENT, reason="timeout")
    except (OSError, http.client.HTTPException) as fault:
        if isinstance(fault, OSError) and is_offline(fault):
            raise OfflineError from fault
        late = time.monotonic() >= until
        return Answer(SILENT, reason="timeout" if late else type(fault).__name__)


def _follow(url: str, *, agent: str, allowed: frozenset[str], until: float) -> Answer:
    for _step in range(MOST_REDIRECTS + 1):
        target = target_of(url, allowed=allowed)
        status, location = _one("HEAD", target, agent=agent, until=until)
        if status >= 400:
            status, location = _one("GET", target, agent=agent, until=until)
        if status not in REDIRECTS or not location:
            return _judged(status, url)
        url = urljoin(url, quote(location, safe="%/:=&?~#+!$,;'@()*[]"))
    return Answer(SILENT, reason="too many redirects")


def _judged(status: int, url: str) -> Answer:
    if status < 400:
        return Answer(ALIVE, status, address=url)
    if status in NOT_THERE:
        return Answer(GONE, status, address=url)
    if status in NOT_FOR_PROGRAMS:
        return Answer(SHUT, status, address=url)
    return Answer(SILENT, status, reason="error", address=url)


def _one(method: str, target: Target, *, agent: str, until: float) -> tuple[int, str]:
    """Send one request; returns the status and where it redirects to."""
    with _connected(target, until=until) as link:
        link.request(
            method,
            quote(target.path, safe="%/:=&?~#+!$,;'@()*[]"),
            headers={
                "User-Agent": agent,
                "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
                "Accept-Language": "en-GB,en;q=0.8",
                "Connection": "close",
            },
        )
        response = link.getresponse()
        location = response.getheader("Location") or ""
        if method == "GET":
            response.read(MOST_BYTES)
        return response.status, location


@contextlib.contextmanager
def _connected(target: Target, *, until: float) -> Iterator[http.client.HTTPConnection]:
    """A connection to the very address that was looked at, cut off when the time is over."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    held = [socket.create_connection((target.address, target.port), timeout=left)]
    # The timeout of a socket begins anew with each byte; this one does not.
    watch = threading.Timer(left, _cut, args=(held,))
    watch.daemon = True
    watch.start()
    try:
        if target.scheme == "https":
            context = ssl.create_default_context()
            held[0] = context.wrap_socket(
                held[0], server_hostname=target.host, do_handshake_on_connect=False
            )
            held[0].do_handshake()
        link = http.client.HTTPConnection(_in_header(target.host), target.port)
        link.default_port = PORTS[target.scheme]  # type: ignore[misc]
        link.sock = held[0]
        yield link
    finally:
        watch.cancel()
        with contextlib.suppress(OSError):
            held[0].close()


def _in_header(host: str) -> str:
    return host if ":" in host else host.encode("idna").decode()


def _cut(held: list[socket.socket]) -> None:
    with contextlib.suppress(OSError):
        # Past the method of an encrypted socket, which would first say goodbye.
        socket.socket.shutdown(held[0], socket.SHUT_RDWR)
