"""Bodies of requests: each comes in time or is cut off, and lets pages that are made go first.

A body that trickles in without end would keep a thread for good. A web server in front that takes
whole bodies first, as nginx does, makes this needless. Gunicorn by itself waits for ever: as many
slow senders as it has threads would hold up everybody else.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from km_site.page_board import PageBoard

# A telephone on a bad line sends ten times as much; silence for so long is a line that is gone.
GRACE_SECONDS = 30.0
BYTES_PER_SECOND = 4096
# How long a piece of a file (a quarter of a megabyte) waits for pages that are being made.
PATIENCE_SECONDS = 0.1
LOOK_AGAIN_SECONDS = 0.002

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TimedBody:
    """The body of one request, of ``length`` bytes, all of which must have come in ``seconds``."""

    def __init__(
        self, body: Any, connection: socket.socket, *, length: int, seconds: float
    ) -> None:
        self.body = body
        self.connection = connection
        self.missing = length
        self.is_late = False
        # Only the other end or a shutdown wakes a thread that waits for bytes.
        self.alarm = threading.Timer(seconds, self._hang_up)
        self.alarm.daemon = True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes. Raises ``TimeoutError`` once the time is over.

        Half of a form would be taken for the whole of it; Django makes a refusal of the error.
        """
        return self._asked(self.body.read, size)

    def readline(self, size: int = -1) -> bytes:
        """A line, of at most ``size`` bytes; see :meth:`read`."""
        return self._asked(self.body.readline, size)

    def close(self) -> None:
        """Wait for nothing any more."""
        self.alarm.cancel()

    def _asked(self, ask: Callable[[int], bytes], size: int) -> bytes:
        if self.alarm.ident is None:
            self.alarm.start()
        PAGES.go_first()
        came = ask(size)
        if self.is_late:
            raise TimeoutError("the body came too slowly")
        self.missing -= len(came)
        if self.missing <= 0:
            self.close()
        return came

    def _hang_up(self) -> None:
        self.is_late = True
        try:
            self.connection.shutdown(socket.SHUT_RD)
        except OSError:
            return  # The sender was faster.


class Pages:
    """The requests without a body that are being answered just now: somebody waits for them.

    Whoever sends a file waits for minutes anyway, and does not notice whether a piece of it is
    taken in a moment later. Python does one thing at a time: without this, eight large files that
    come at once make every page of the process wait. ``board`` tells of the machine's other
    processes, which share its processors.
    """

    def __init__(self, board: PageBoard | None = None) -> None:
        self.number = 0
        self.changed = threading.Condition()
        self.board = board

    def __enter__(self) -> None:
        with self.changed:
            self.number += 1
            self._say()

    def __exit__(self, *_fault: object) -> None:
        with self.changed:
            self.number -= 1
            self._say()
            if not self.number:
                self.changed.notify_all()

    def go_first(self, *, at_most: float = PATIENCE_SECONDS) -> None:
        """Wait until no page is being made, here or in another process, but never for long."""
        until = time.monotonic() + at_most
        while (left := until - time.monotonic()) > 0:
            with self.changed:
                self.changed.wait_for(lambda: not self.number, left)
            if self.board is None or not self.board.others_are_busy():
                return
            time.sleep(LOOK_AGAIN_SECONDS)

    def _say(self) -> None:
        if self.board is not None:
            self.board.say(busy=self.number > 0)


PAGES = Pages()


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
        if connection is None or not length.isdecimal() or not int(length):
            with PAGES:
                return application(environ, start_response)
        seconds = grace + int(length) / bytes_per_second
        body = TimedBody(environ["wsgi.input"], connection, length=int(length), seconds=seconds)
        environ["wsgi.input"] = body
        try:
            return application(environ, start_response)
        finally:
            body.close()

    return timed
