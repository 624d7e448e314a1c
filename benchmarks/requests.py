"""Whole requests through every layer of the site, as a web server makes them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client, RequestFactory

from benchmarks.measuring import cpu_ms, share


@lru_cache(maxsize=1)
def _handler() -> WSGIHandler:
    return WSGIHandler()


@dataclass
class Reader:
    """Somebody with a browser; ``user=None`` is a stranger."""

    name: str
    user: Any = None
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.user is not None:
            client = Client()
            client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
            name = settings.SESSION_COOKIE_NAME
            self.cookies[name] = client.cookies[name].value

    def get(self, address: str) -> tuple[int, bytes]:
        """Status and body of the answer, the connection to the database closed as after any."""
        path, _mark, query = address.partition("?")
        environ = RequestFactory(HTTP_HOST="localhost").generic("GET", path).environ
        environ.update(
            QUERY_STRING=query, HTTP_COOKIE=self._cookie(), **{"wsgi.errors": io.StringIO()}
        )
        status: list[str] = []
        response = _handler()(environ, lambda line, _headers: status.append(line))
        body = b"".join(response)
        response.close()
        return int(status[0].split()[0]), body

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


@dataclass
class Visit:
    """One page for one reader, and what its visits took. ``addresses`` are visited in turn."""

    page: str
    reader: Reader
    addresses: list[str]
    times: list[float] = field(default_factory=list)
    queries: int = 0

    def warm(self) -> None:
        """Visit each address twice, count queries, and be sure that the page opens."""
        for address in self.addresses:
            status, _body = self.reader.get(address)
            if status != 200:
                raise RuntimeError(f"{address} answered {status} to {self.reader.name}")
        self.queries = max(self._count(each) for each in self.addresses)

    def _count(self, address: str) -> int:
        seen: list[str] = []

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            seen.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            self.reader.get(address)
        return len(seen)

    def again(self, number: int) -> None:
        """Visit once more, and note the time."""
        address = self.addresses[number % len(self.addresses)]
        self.times.append(cpu_ms(lambda: self.reader.get(address)))

    @property
    def ms(self) -> float:
        """Half of the visits took less."""
        return share(self.times, 0.5)


def in_rounds(visits: list[Visit], rounds: int) -> None:
    """Visit all pages in turn, again and again: what slows the machine slows all alike."""
    for visit in visits:
        visit.warm()
    for number in range(rounds):
        for visit in visits:
            visit.again(number)
