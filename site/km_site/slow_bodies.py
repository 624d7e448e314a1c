"""Requests whose body trickles in without end: cut off, so that nobody keeps a thread for good.

A web server in front that takes whole bodies first, as nginx does, makes this needless. Gunicorn by
itself waits for ever: as many slow senders as it has threads would hold up everybody else.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

# A telephone on a bad line sends ten times as much; silence for so long is a line that is gone.
GRACE_SECONDS = 30.0
BYTES_PER_SECOND = 4096

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TimedBody:
    """The body of one request, with a time by which all of it must have come."""

    def __init__(self, body: Any, connection: socket.socket, *, seconds: float) -> None:
        self.body = body
        self.connection = connection
        self.until = time.monotonic() + seconds
        self.is_late = False

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes. Raises ``TimeoutError`` once the time is over.

        Half of a form would be taken for the whole of it; Django makes a refusal of the error.
        """
        return self._asked(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """A line, of at most ``size`` bytes; see :meth:`read`."""
        return self._asked(self.body.readline, size)

    def _asked(self, ask: Callable[[int], bytes], size: int) -> bytes:
        # Only the other end or a shutdown wakes a thread that waits for bytes.
        alarm = threading.Timer(max(0.0, self.until - time.monotonic()), self._hang_up)
        alarm.daemon = True
        alarm.start()
        try:
            came = ask(size)
        finally:
            alarm.cancel()
        if self.is_late:
            raise TimeoutError("the body came too slowly")
        return came

    def _hang_up(self) -> None:
        self.is_late = True
        try:
            self.connection.shutdown(socket.SHUT_RD)
        except OSError:
            return  # The sender was faster.


def in_time(
    application: Application,
    *,
    grace: float = GRACE_SECONDS,
    bytes_per_second: int = BYTES_PER_SECOND,
) -> Application:
    """``application``, given each body by the time that its announced length allows, or never."""

    def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = environ.get("gunicorn.socket")
        length = environ.get("CONTENT_LENGTH") or ""
        if connection is not None and length.isdecimal():
            seconds = grace + int(length) / bytes_per_second
            environ["wsgi.input"] = TimedBody(environ["wsgi.input"], connection, seconds=seconds)
        return application(environ, start_response)

    return timed
