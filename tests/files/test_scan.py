"""Asking clamd: a small server of the tests speaks its protocol."""

from __future__ import annotations

import contextlib
import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from km_pages.files.scan import Clean, Infected, NotChecked, ScannerUnavailable, ping, scan


class FakeClamd:
    """Takes one connection after the other and answers what ``answer(content)`` says."""

    def __init__(self, listening: socket.socket, answer: Callable[[bytes], bytes]) -> None:
        self.received = b""
        self._listening = listening
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listening.accept()
                with connection, contextlib.suppress(OSError):
                    self._talk(connection.makefile("rb"), connection)

    def _talk(self, stream: io.BufferedReader, connection: socket.socket) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        if command == b"zPING\0":
            connection.sendall(b"PONG\0")
            return
        assert command == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!L", stream.read(4))[0]:
            content += stream.read(length)
        self.received = content
        connection.sendall(self._answer(content))


@contextlib.contextmanager
def clamd(answer: Callable[[bytes], bytes]) -> Iterator[tuple[str, FakeClamd]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}", FakeClamd(listening, answer)


def says(answer: bytes) -> Callable[[bytes], bytes]:
    return lambda _content: answer


def test_the_whole_file_is_sent_and_clean_is_clean() -> None:
    content = bytes(range(256)) * 5000
    with clamd(says(b"stream: OK\0")) as (address, server):
        assert scan(io.BytesIO(content), address) == Clean()
        assert server.received == content


def test_a_virus_is_named() -> None:
    """Case 12."""
    with clamd(says(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")) as (address, _server):
        assert scan(io.BytesIO(b"x"), address) == Infected("Win.Test.EICAR_HDB-1")


def test_a_path_and_a_unix_socket_work_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "clamd.sock"))
        listening.listen()
        server = FakeClamd(listening, says(b"stream: OK\0"))
        assert scan(path, str(tmp_path / "clamd.sock")) == Clean()
        assert server.received == b"content"
        assert ping(str(tmp_path / "clamd.sock"))


@pytest.mark.parametrize(
    "answer",
    [
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
    ],
)
def test_a_file_that_was_not_looked_at_as_a_whole_is_not_clean(answer: bytes) -> None:
    with clamd(says(answer)) as (address, _server):
        assert isinstance(scan(io.BytesIO(b"x"), address), NotChecked)


@pytest.mark.parametrize("answer", [b"", b"stream: ERROR\0", b"PONG\0", b"stream: OK but no\0"])
def test_no_other_answer_is_clean(answer: bytes) -> None:
    """Case 13."""
    with clamd(says(answer)) as (address, _server), pytest.raises(ScannerUnavailable):
        scan(io.BytesIO(b"x"), address)


def test_a_scanner_that_is_down_is_unavailable(tmp_path: Path) -> None:
    """Case 13."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    for nowhere in (address, str(tmp_path / "none.sock"), "localhost:port", "no.such.invalid:1"):
        with pytest.raises(ScannerUnavailable):
            scan(io.BytesIO(b"x"), nowhere, timeout=5)
        assert not ping(nowhere)


def test_a_scanner_that_hangs_is_given_up_in_time() -> None:
    """Case 13."""

    def hang(_content: bytes) -> bytes:
        time.sleep(3)
        return b"stream: OK\0"

    started = time.monotonic()
    with clamd(hang) as (address, _server), pytest.raises(ScannerUnavailable):
        scan(io.BytesIO(b"x"), address, timeout=0.3)
    assert time.monotonic() - started < 2


def test_a_scanner_that_hangs_up_in_the_middle_is_heard_or_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"

        def hang_up() -> None:
            connection, _address = listening.accept()
            connection.recv(100)
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(ScannerUnavailable):
            scan(io.BytesIO(b"x" * 50_000_000), address, timeout=5)


def test_a_file_that_cannot_be_read_is_not_the_scanners_fault(tmp_path: Path) -> None:
    with clamd(says(b"stream: OK\0")) as (address, _server), pytest.raises(FileNotFoundError):
        scan(tmp_path / "gone", address)
