"""A body that trickles in without end is cut off; one that comes is read whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from km_site.page_board import LINES, PageBoard
from km_site.slow_bodies import Pages, in_time

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = """
from km_site.slow_bodies import in_time

def echo(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

application = in_time(echo, grace=1, bytes_per_second=1_000_000)
"""


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A gunicorn with a single thread."""
    (tmp_path / "echoing.py").write_text(APPLICATION)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.set_inheritable(True)
        number = listening.fileno()
        line = ["-m", "gunicorn", "echoing:application", "--worker-class", "gthread"]
        process = subprocess.Popen(
            [sys.executable, *line, "--threads", "1", "--bind", f"fd://{number}"],
            env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'site'}"},
            cwd=tmp_path,
            pass_fds=[number],
            stderr=subprocess.DEVNULL,
        )
        yield listening.getsockname()[1]
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def sent(port: int, announced: int, body: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    head = f"POST / HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: {announced}\r\n"
    connection.sendall(head.encode() + b"\r\n" + body)
    return connection


def answer(connection: socket.socket) -> bytes:
    got = b""
    while part := connection.recv(65536):
        got += part
    return got


def test_who_sends_too_slowly_keeps_nobody_waiting_for_long(port: int) -> None:
    """Case 15: the slow sender holds the only thread, and the next one is answered all the same."""
    with sent(port, 100_000, b"x" * 10) as slow, sent(port, 300_000, b"y" * 300_000) as honest:
        assert answer(honest).count(b"y") == 300_000
        assert b"xxx" not in answer(slow)


def test_what_comes_in_time_is_read_whole() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as body:
        theirs.sendall(b"first line\nand more")
        read = []

        def reader(environ: dict[str, Any], _start: Any) -> list[bytes]:
            read.append(environ["wsgi.input"].readline(64))
            read.append(environ["wsgi.input"].read(8))
            return []

        given = {"gunicorn.socket": ours, "wsgi.input": body, "CONTENT_LENGTH": "19"}
        in_time(reader)(given, print)
        assert read == [b"first line\n", b"and more"]
        # The connection serves the next request.
        theirs.sendall(b"again")
        assert body.read(5) == b"again"


def test_a_server_without_that_socket_is_left_alone() -> None:
    seen: list[Any] = []

    def reader(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.append(environ["wsgi.input"])
        return []

    body = object()
    in_time(reader)({"wsgi.input": body, "CONTENT_LENGTH": "5"}, print)
    in_time(reader)({"wsgi.input": body, "gunicorn.socket": object()}, print)
    assert seen == [body, body]


def test_a_piece_of_a_file_lets_a_page_go_first_and_never_waits_for_long() -> None:
    """Eight large files at once: pages are made first, and the files still come."""
    pages, went = Pages(), threading.Event()

    def take_a_piece() -> None:
        pages.go_first(at_most=60)
        went.set()

    with pages:
        taking = threading.Thread(target=take_a_piece)
        taking.start()
        with pages:
            pass
        assert not went.is_set()
        pages.go_first(at_most=0.01)
    taking.join(30)
    assert went.is_set()


OTHER_PROCESS = """
import sys
from pathlib import Path
from km_site.page_board import PageBoard
from km_site.slow_bodies import Pages

with Pages(PageBoard(Path(sys.argv[1]))):
    print("busy", flush=True)
    sys.stdin.readline()
print("done", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another web process that makes a page until it is given a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(tmp_path / "board")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "site")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "busy\n"
    yield process
    process.kill()
    process.communicate()


def test_a_piece_of_a_file_waits_for_the_page_of_another_process_too(
    tmp_path: Path, other_process: subprocess.Popen[str]
) -> None:
    pages = Pages(PageBoard(tmp_path / "board"))
    began = time.monotonic()
    pages.go_first(at_most=0.05)
    assert time.monotonic() - began >= 0.05
    assert other_process.stdin is not None
    assert other_process.stdout is not None
    other_process.stdin.write("\n")
    other_process.stdin.flush()
    assert other_process.stdout.readline() == "done\n"
    # A page of its own is no page of another.
    with pages:
        assert pages.board is not None
        assert not pages.board.others_are_busy()


def test_a_process_that_was_killed_over_a_page_is_not_waited_for(
    tmp_path: Path, other_process: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other_process.kill()
    other_process.wait()
    board = PageBoard(tmp_path / "board")
    monkeypatch.setattr("km_site.page_board.BELIEVED_SECONDS", 0.0)
    assert not board.others_are_busy()
    # Its line is given to the next.
    with Pages(board):
        assert (tmp_path / "board").read_bytes()[:8] == os.getpid().to_bytes(8, sys.byteorder)


def test_a_board_that_is_full_or_cannot_be_had_keeps_nobody_from_making_pages(
    tmp_path: Path,
) -> None:
    full = tmp_path / "full"
    # The process that is always there holds every line.
    full.write_bytes((os.getppid().to_bytes(8, sys.byteorder) + bytes(8)) * LINES)
    for path in (full, tmp_path / "nowhere" / "board"):
        pages = Pages(PageBoard(path))
        with pages:
            pass
        pages.go_first(at_most=60)


def test_a_body_that_has_come_leaves_no_clock_behind() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as body:
        theirs.sendall(b"all of it")
        seen: list[Any] = []

        def reader(environ: dict[str, Any], _start: Any) -> list[bytes]:
            seen.append(environ["wsgi.input"])
            return [environ["wsgi.input"].read(9)]

        given = {"gunicorn.socket": ours, "wsgi.input": body, "CONTENT_LENGTH": "9"}
        assert in_time(reader)(given, print) == [b"all of it"]
        seen[0].alarm.join(30)
        assert not seen[0].alarm.is_alive()
        assert not seen[0].is_late
