"""Taking in a file while counting and hashing it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from km_pages.files.hashing import TooLarge, stream_to


def test_a_file_is_written_counted_and_hashed(tmp_path: Path) -> None:
    chunks = [b"one", b"", b"two" * 1000]
    path = tmp_path / "file"
    size, digest = stream_to(path, chunks, limit=10_000)
    whole = b"".join(chunks)
    assert path.read_bytes() == whole
    assert (size, digest) == (len(whole), hashlib.sha256(whole).hexdigest())


def test_a_file_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    assert stream_to(tmp_path / "file", [b"12345"], limit=5)[0] == 5


def test_an_endless_upload_is_stopped_and_nothing_of_it_stays(tmp_path: Path) -> None:
    """Case 15."""
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"x" * 1000

    with pytest.raises(TooLarge) as caught:
        stream_to(tmp_path / "file", endless(), limit=10_500)
    assert (given, caught.value.limit) == (11, 10_500)
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """Case 33."""

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        stream_to(tmp_path / "file", broken(), limit=100)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_not_written_over(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_bytes(b"somebody's")
    with pytest.raises(FileExistsError):
        stream_to(taken, [b"mine"], limit=100)
    assert taken.read_bytes() == b"somebody's"
