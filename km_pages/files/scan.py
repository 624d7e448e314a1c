"""Asking clamd whether a file carries a virus.

The protocol is INSTREAM of ``man clamd``: chunks with their length in four bytes, then a zero.
clamd reads our bytes, not our disk, so it may run on another machine and as another user.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 256 * 1024
MAX_ANSWER = 4096
DEFAULT_PORT = 3310
_FOUND = re.compile(r"^stream: (?P<name>.+) FOUND$")
# With "AlertExceedsMax yes" clamd reports files that it stopped scanning half way.
_NOT_ALL_SEEN = re.compile(r"^Heuristics\.Limits\.Exceeded")


@dataclass(frozen=True, slots=True)
class Clean:
    """No virus was found."""


@dataclass(frozen=True, slots=True)
class Infected:
    """A virus was found; ``name`` is what the scanner calls it."""

    name: str


@dataclass(frozen=True, slots=True)
class NotChecked:
    """The scanner could not look at all of this file; ``reason`` is its own word for why.

    This is no passing trouble: the same file gets the same answer. It is not clean.
    """

    reason: str


class ScannerUnavailable(Exception):
    """The scanner cannot be reached, hangs or answers nonsense. Ask again later."""


def scan(
    source: Path | BinaryIO, address: str, *, timeout: float = 60.0
) -> Clean | Infected | NotChecked:
    """What clamd at ``address`` says of the file: a socket's path, ``host`` or ``host:port``.

    ``timeout`` is in seconds, for connecting and for each wait. Raises
    :class:`ScannerUnavailable`, and ``OSError`` where the file itself cannot be read.
    """
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return scan(opened, address, timeout=timeout)
    with _connect(address, timeout) as connection:
        _send(connection, b"zINSTREAM\0", address)
        while chunk := source.read(CHUNK):
            if not _send(connection, struct.pack("!L", len(chunk)) + chunk, address):
                break
        else:
            _send(connection, struct.pack("!L", 0), address)
        return _verdict(_answer(connection, address))


def ping(address: str, *, timeout: float = 5.0) -> bool:
    """Whether a clamd answers at ``address`` within ``timeout`` seconds."""
    try:
        with _connect(address, timeout) as connection:
            _send(connection, b"zPING\0", address)
            return _answer(connection, address) == "PONG"
    except ScannerUnavailable:
        return False


def _connect(address: str, timeout: float) -> socket.socket:
    try:
        if "/" not in address:
            return socket.create_connection(_host_and_port(address), timeout=timeout)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
    except OSError as error:
        raise ScannerUnavailable(f"clamd at {address}: {error}") from error
    return connection


def _host_and_port(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        return address.strip("[]"), DEFAULT_PORT
    if not port.isdigit():
        raise ScannerUnavailable(f"“{address}” is not a socket's path and not host:port")
    return host.strip("[]"), int(port)


def _send(connection: socket.socket, data: bytes, address: str) -> bool:
    """Whether clamd still listens: it hangs up on a stream over its limit, having said so."""
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return False
    except OSError as error:
        raise ScannerUnavailable(f"clamd at {address}: {error}") from error
    return True


def _answer(connection: socket.socket, address: str) -> str:
    answer = b""
    try:
        while not answer.endswith(b"\0") and len(answer) < MAX_ANSWER:
            received = connection.recv(MAX_ANSWER)
            if not received:
                break
            answer += received
    except OSError as error:
        raise ScannerUnavailable(f"clamd at {address}: {error}") from error
    if not answer:
        raise ScannerUnavailable(f"clamd at {address} hung up without an answer")
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()


def _verdict(answer: str) -> Clean | Infected | NotChecked:
    if answer == "stream: OK":
        return Clean()
    if found := _FOUND.match(answer):
        name = found["name"]
        return NotChecked(name) if _NOT_ALL_SEEN.match(name) else Infected(name)
    if "size limit exceeded" in answer:
        return NotChecked(answer)
    raise ScannerUnavailable(f"clamd answered “{answer}”")
