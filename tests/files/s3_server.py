"""A server that speaks S3, in a thread: moto's, behind one that looks at signatures."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

KEY, SECRET, REGION, BUCKET = "AKIDKNOWLEDGE", "not-a-secret", "eu-west-2", "leavers-files"


@dataclass
class Server:
    """``address`` of the server; ``asked`` notes method, path and range of what was let through.

    ``later`` moves its clock; while it is ``down`` it answers nothing but errors.
    """

    address: str = ""
    later: timedelta = timedelta()
    down: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def options(self) -> dict[str, Any]:
        """What ``PrivateS3Storage`` is given."""
        return {
            "bucket_name": BUCKET,
            "endpoint_url": self.address,
            "region_name": REGION,
            "access_key": KEY,
            "secret_key": SECRET,
        }


class SignaturesOnly:
    """Lets through what is signed with our key, by a header or by an address that still holds."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.behind = create_backend_app("s3")

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if self.server.down:
            start("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]
        if not self.is_signed(environ):
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>AccessDenied</Code></Error>"]
        sort = (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_RANGE", ""))
        self.server.asked.append(sort)
        return self.behind(environ, start)

    def is_signed(self, environ: dict[str, Any]) -> bool:
        by_header = environ.get("HTTP_AUTHORIZATION", "")
        if by_header:
            return f"Credential={KEY}/" in by_header
        said = {name: each[0] for name, each in parse_qs(environ["QUERY_STRING"]).items()}
        given = said.pop("X-Amz-Signature", "")
        if not given:
            return False
        began = datetime.strptime(said["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        until = began + timedelta(seconds=int(said["X-Amz-Expires"]))
        return datetime.now(UTC) + self.server.later < until and given == signature(environ, said)


def signature(environ: dict[str, Any], said: dict[str, str]) -> str:
    """The one that this request would have to bear."""
    address = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}?{urlencode(said)}"
    asked = AWSRequest(environ["REQUEST_METHOD"], address, {"Host": environ["HTTP_HOST"]})
    asked.context["timestamp"] = said["X-Amz-Date"]
    auth = S3SigV4QueryAuth(Credentials(KEY, SECRET), "s3", REGION)
    asked.url = asked.url.replace("+", "%20")
    return auth.signature(auth.string_to_sign(asked, auth.canonical_request(asked)), asked)


class Silent(WSGIRequestHandler):
    def log(self, *_args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """The server while the block lasts."""
    ours = Server()
    server = make_server("127.0.0.1", 0, SignaturesOnly(ours), True, request_handler=Silent)
    ours.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ours
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
