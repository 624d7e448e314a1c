"""A real web server on this machine, to be asked by the link checker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server was asked, and where it is."""

    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    at_once: int = 0
    most_at_once: int = 0

    @property
    def host(self) -> str:
        """Host and port, as the setting wants them."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """An address of the server."""
        return f"http://{self.host}{path}"


class Handler(BaseHTTPRequestHandler):
    """Answers as the paths say; the server knows the site."""

    @property
    def site(self) -> Site:
        return self.server.site  # type: ignore[attr-defined, no-any-return]

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.site.asked.append((self.command, self.path))
        self.site.agents.add(self.headers["User-Agent"])
        self.site.at_once += 1
        self.site.most_at_once = max(self.site.most_at_once, self.site.at_once)
        try:
            self.by_path()
        except OSError:
            self.close_connection = True
        finally:
            self.site.at_once -= 1

    def by_path(self) -> None:
        words = self.path.strip("/").split("/", 1)
        if words[0] == "to":
            self.reply(302, words[1])
        elif words[0] == "loop":
            self.reply(302, "/loop")
        elif words[0] == "no-head":
            self.reply(405 if self.command == "HEAD" else 200)
        elif words[0] == "drip":
            self.drip()
        elif words[0] == "huge":
            self.huge()
        else:
            self.reply(int(words[0]))

    def reply(self, status: int, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(200):
            self.wfile.write(f"X-{number}: a\r\n".encode())
            self.wfile.flush()
            time.sleep(0.1)

    def huge(self) -> None:
        self.send_response(404 if self.command == "HEAD" else 200)
        self.end_headers()
        if self.command == "GET":
            for _number in range(1000):
                self.wfile.write(b"x" * 65536)

    def log_message(self, *_args: object) -> None:
        """Be silent."""


@contextmanager
def serving() -> Iterator[Site]:
    """A server that runs for the length of the block."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.site = site  # type: ignore[attr-defined]
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
